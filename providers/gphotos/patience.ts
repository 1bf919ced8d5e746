import { createGate } from "../../lib/http/gate.js";
import type { Sleep } from "../../lib/http/sleep.js";

/** How long to leave the service alone after it said that it is asked too often. All requests of a run wait together. */
export interface Patience {
  /** Resolves once the service may be asked again. */
  pass(signal: AbortSignal): Promise<void>;
  /** The service said so: half a minute at first, as its rules want it, and twice as long with each further time in a row. */
  noteThrottled(): void;
  noteAnswered(): void;
}

const FIRST_MS = 30_000;
const LONGEST_MS = 240_000;

export function createPatience(clock: { readonly now: () => number; readonly sleep: Sleep }): Patience {
  const gate = createGate(clock.now);
  let inARow = 0;
  return {
    pass: async (signal) => {
      for (let restMs = gate.remainingMs(); restMs > 0; restMs = gate.remainingMs()) {
        // Not all at the same instant: that would be the next reason to be throttled.
        await clock.sleep(restMs + Math.random() * 1000, signal);
      }
    },
    noteThrottled: () => {
      // Answers to requests that were under way together are one and the same piece of news.
      if (gate.remainingMs() > 0) return;
      gate.pause(Math.min(LONGEST_MS, FIRST_MS * 2 ** inARow));
      inARow += 1;
    },
    noteAnswered: () => {
      inARow = 0;
    },
  };
}
