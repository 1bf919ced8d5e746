import type { Pace } from "./execute-record.js";

/** A durable transaction keeps everything else waiting, so that at most one part in so many of the time goes into them. */
const REST_FACTOR = 4;

/** Nobody waits longer than this, however slow the disk. */
const LONGEST_REST_MS = 150;

/**
 * Settles at once where the disk is quick, and in ever larger groups the slower it is: after each transaction the run goes on
 * for a few times as long as that took, and whatever has come by then shares the next one.
 */
export function createPace(now: () => number = () => performance.now()): Pace {
  let notBeforeMs = 0;
  return (settle) => {
    const settleTimed = (): void => {
      const startMs = now();
      settle();
      const endMs = now();
      notBeforeMs = endMs + Math.min(LONGEST_REST_MS, (endMs - startMs) * REST_FACTOR);
    };
    const restMs = notBeforeMs - now();
    if (restMs < 1) setImmediate(settleTimed);
    else setTimeout(settleTimed, restMs);
  };
}
