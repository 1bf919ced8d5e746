import { backoffMs } from "../../lib/http/backoff.js";
import type { Sleep } from "../../lib/http/sleep.js";
import { attempt } from "../attempts.js";
import type { Attempt } from "../provider.js";
import { isBusy } from "./errors.js";

/** How often entries are sent again that were too many writes at once: with the waits below, for about a minute. */
const ROUNDS = 7;
const FIRST_PAUSE_MS = 1_000;

/**
 * Runs a batch, and again with those of its entries that the service was too busy for. Other failures are final.
 * Resolves to one attempt per entry, in the order given.
 */
export async function runPatiently<A, T>(
  entries: readonly A[],
  run: (entries: readonly A[]) => Promise<readonly Attempt<T>[]>,
  sleep: Sleep,
  signal: AbortSignal,
): Promise<readonly Attempt<T>[]> {
  const attempts = new Map<number, Attempt<T>>();
  let waiting = entries.map((entry, index) => ({ entry, index }));
  for (let round = 1; waiting.length > 0; round++) {
    const settled = await run(waiting.map(({ entry }) => entry));
    settled.forEach((attempt, at) => {
      const index = waiting[at]?.index;
      if (index !== undefined) attempts.set(index, attempt);
    });
    waiting = waiting.filter(({ index }) => isWorthAnotherRound(attempts.get(index)));
    if (waiting.length === 0 || round === ROUNDS) break;
    await sleep(backoffMs(round, FIRST_PAUSE_MS, Math.random), signal);
  }
  return entries.flatMap((_, index) => attempts.get(index) ?? []);
}

function isWorthAnotherRound<T>(attempt: Attempt<T> | undefined): boolean {
  return attempt !== undefined && !attempt.ok && isBusy(attempt.error);
}

/** As `runPatiently`, for a single piece of work. */
export async function patiently<T>(work: () => Promise<T>, sleep: Sleep, signal: AbortSignal): Promise<T> {
  const [outcome] = await runPatiently([work], async ([run = work]) => [await attempt(run)], sleep, signal);
  if (outcome === undefined) throw new Error("no attempt was made");
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
