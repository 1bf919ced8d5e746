import { backoffMs } from "../../lib/http/backoff.js";
import type { Sleep } from "../../lib/http/sleep.js";
import { attempt } from "../attempts.js";
import { isBusy } from "./errors.js";

/** With the pauses below, for about two minutes. */
const ROUNDS = 7;
const FIRST_PAUSE_MS = 1_500;

/** Does the work again while another operation holds the path. */
export async function patiently<T>(work: () => Promise<T>, sleep: Sleep, signal: AbortSignal): Promise<T> {
  for (let round = 1; ; round++) {
    const outcome = await attempt(work);
    if (outcome.ok) return outcome.value;
    if (!isBusy(outcome.error) || round === ROUNDS) throw outcome.error;
    // At least half of the pause: whoever holds the path needs some time.
    await sleep(
      backoffMs(round, FIRST_PAUSE_MS, () => 0.5 + Math.random() / 2),
      signal,
    );
  }
}
