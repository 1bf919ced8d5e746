import { backoffMs } from "../../lib/http/backoff.js";
import type { Sleep } from "../../lib/http/sleep.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { isBusy } from "./errors.js";

export function succeeded<T>(value: T): Attempt<T> {
  return { ok: true, value };
}

export function failed<T>(error: ProviderError): Attempt<T> {
  return { ok: false, error };
}

/** What became of one piece of work. Rejects only with what is no `ProviderError`: an abort, an unreadable file. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return succeeded(await work());
  } catch (error) {
    if (error instanceof ProviderError) return failed(error);
    throw error;
  }
}

/** The value, or the error thrown. */
export function unwrap<T>(outcome: Attempt<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

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
