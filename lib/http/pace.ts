import type { Sleep } from "./sleep.js";

/** Keeps requests to so many a second. */
export interface Pace {
  /** Resolves when one more may go out, in the order of asking; call the result when it has been answered. Rejects when aborted. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export interface PaceClock {
  /** Milliseconds, from any start. */
  readonly now: () => number;
  readonly sleep: Sleep;
}

/** A second, and one tick of a clock that counts whole milliseconds. */
const WINDOW_MS = 1_001;

/**
 * A request counts from when it goes out until a second after its answer: somewhere in between it reached the service, so that
 * in no second more arrive there than are allowed, however unevenly the network carries them.
 */
export function createPace(perSecond: number, clock: PaceClock): Pace {
  let underWay = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let wake: (() => void) | undefined;
  /** When the answers of the last second came, the oldest first. */
  const endedMs: number[] = [];

  const leave = (): void => {
    underWay -= 1;
    endedMs.push(clock.now());
    wake?.();
  };

  async function acquire(signal: AbortSignal): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted();
      forgetOld(endedMs, clock.now());
      if (underWay + endedMs.length < perSecond) break;
      const oldest = endedMs[0];
      if (oldest === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else await clock.sleep(Math.max(1, oldest + WINDOW_MS - clock.now()), signal);
    }
    underWay += 1;
    return leave;
  }

  return {
    enter: (signal) => {
      const mine = turn.then(() => acquire(signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** A clock that was set back must not close the way for as long. */
function forgetOld(endedMs: number[], nowMs: number): void {
  const isOld = (ended: number): boolean => nowMs - ended >= WINDOW_MS || ended > nowMs;
  while (endedMs[0] !== undefined && isOld(endedMs[0])) endedMs.shift();
}
