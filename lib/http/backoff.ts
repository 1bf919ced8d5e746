const LONGEST_MS = 30_000;

/** Full jitter: anything from 0 to the step, which doubles with every try. `tries` counts those already made. */
export function backoffMs(tries: number, firstMs: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, firstMs * 2 ** (tries - 1));
}
