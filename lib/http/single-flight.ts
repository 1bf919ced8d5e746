import { reasonOf } from "./sleep.js";

/** Lets many wait for one piece of work; the next call after it has ended starts it anew. */
export type SingleFlight<T> = (signal: AbortSignal) => Promise<T>;

/**
 * A waiter whose signal is aborted leaves at once, with the signal's reason. The work itself goes on for the others, and when
 * none is left for `graceMs` more: what it has begun, like taking over a token that replaces the old one, had better end.
 */
export function createSingleFlight<T>(work: (signal: AbortSignal) => Promise<T>, graceMs: number): SingleFlight<T> {
  let flight: Flight<T> | undefined;
  return async (signal) => {
    signal.throwIfAborted();
    if (flight === undefined) {
      const started = start(work, graceMs);
      flight = started;
      const end = (): void => {
        if (flight === started) flight = undefined;
      };
      started.result.then(end, end);
    }
    return await flight.join(signal);
  };
}

interface Flight<T> {
  readonly result: Promise<T>;
  join(signal: AbortSignal): Promise<T>;
}

function start<T>(work: (signal: AbortSignal) => Promise<T>, graceMs: number): Flight<T> {
  const own = new AbortController();
  const result = work(own.signal);
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    waiting -= 1;
    if (waiting === 0) timer = setTimeout(() => own.abort(), graceMs);
  };
  const stopTimer = (): void => clearTimeout(timer);
  result.then(stopTimer, stopTimer);
  return {
    result,
    join(signal) {
      waiting += 1;
      stopTimer();
      return raced(result, signal, leave);
    },
  };
}

function raced<T>(result: Promise<T>, signal: AbortSignal, onLeave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      onLeave();
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (): void => signal.removeEventListener("abort", onAbort);
    result.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new Error("failed", { cause: error }));
      },
    );
  });
}
