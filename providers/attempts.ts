import { LocalError, ProviderError } from "../lib/model/errors.js";
import type { Attempt, Upload } from "./provider.js";

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

/** As `attempt`, for one upload of many: a file that cannot be read fails alone. */
export async function attemptUpload<T>({ path }: Pick<Upload, "path">, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return await attempt(work);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    return failed(new ProviderError("changed", `upload ${path}: ${error.message}`, { cause: error }));
  }
}

/** The value, or the error thrown. */
export function unwrap<T>(outcome: Attempt<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}

/** As `unwrap`, for the outcomes of a batch of one. */
export function unwrapOnly<T>([outcome]: readonly Attempt<T>[]): T {
  if (outcome === undefined) throw new Error("a batch of one ended without an outcome");
  return unwrap(outcome);
}

/** Cuts a list into pieces of at most `size`. */
export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
