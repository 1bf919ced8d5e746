import * as z from "zod";
import type { Sleep } from "../../lib/http/sleep.js";
import { recall, remember, type Memory } from "../memory.js";

/** Keeps to what the service allows one key in an hour, over all runs of the job. */
export interface Calls {
  /** Resolves when one more call may go out, in the order of asking. */
  admit(signal: AbortSignal): Promise<void>;
  /** The service says that it is called too often: nothing goes out for so many milliseconds. */
  rest(ms: number): void;
  /** Remembers what was counted. */
  save(): void;
}

/** The service allows 3,600 and locks out keys that make more; some are left for other programs, and for what was counted wrongly. */
const CALLS_PER_HOUR = 3_500;

const MINUTE_MS = 60_000;
/** An hour, and the minute that has only begun. */
const MINUTES = 61;

/** A kill forgets no more than what was counted in so long. */
const SAVED_EVERY_MS = 10_000;

const NAME = "calls";
const remembered = z.array(z.tuple([z.number().int(), z.number().int().nonnegative()]));

/**
 * Counts calls by the minute. Within the hour they may come as fast as they like: that is what most runs need, and only long ones have
 * to wait until the minutes with the most calls are an hour old.
 */
export function createCalls(memory: Memory, clock: { readonly now: () => number; readonly sleep: Sleep }): Calls {
  const counts = new Map(recall(memory, NAME, remembered) ?? []);
  let savedMs = clock.now();
  let restsUntilMs = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const minute = (): number => Math.floor(clock.now() / MINUTE_MS);

  /** A clock that was set back must not close the way: minutes to come do not count. */
  function forgetOld(): number {
    const latest = minute();
    for (const at of counts.keys()) if (at <= latest - MINUTES || at > latest) counts.delete(at);
    return [...counts.values()].reduce((sum, one) => sum + one, 0);
  }

  async function acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (restsUntilMs > clock.now()) await clock.sleep(restsUntilMs - clock.now(), signal);
    while (forgetOld() >= CALLS_PER_HOUR) {
      const oldest = Math.min(...counts.keys());
      await clock.sleep(Math.max(1, (oldest + MINUTES) * MINUTE_MS - clock.now()), signal);
    }
    counts.set(minute(), (counts.get(minute()) ?? 0) + 1);
    if (Math.abs(clock.now() - savedMs) >= SAVED_EVERY_MS) save();
  }

  function save(): void {
    savedMs = clock.now();
    remember(memory, NAME, [...counts]);
  }

  return {
    admit: (signal) => {
      const mine = turn.then(() => acquire(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    rest: (ms) => {
      restsUntilMs = Math.max(restsUntilMs, clock.now() + ms);
    },
    save,
  };
}
