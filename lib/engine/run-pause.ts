/** So many steps take some milliseconds. */
const STEPS = 1000;

/**
 * Called at every step of a long stretch of computing, and awaited where it answers something: then signals, timers and the display
 * have their turn. Rejects with the reason of the signal once that is aborted.
 */
export function createPause(signal: AbortSignal): (steps?: number) => Promise<void> | undefined {
  let since = 0;
  return (steps = 1) => {
    since += steps;
    if (since < STEPS) return undefined;
    since = 0;
    return turn(signal);
  };
}

async function turn(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
