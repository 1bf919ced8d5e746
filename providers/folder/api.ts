import { LocalError, ProviderError, UsageError } from "../../lib/model/errors.js";
import type { LocalErrorCode, ProviderErrorCode } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";

/**
 * Asks something of the disk that holds the remote root, and puts its errors into a provider's words. Content of the
 * local side must be read outside of it: a `LocalError` from there is to stay one.
 */
export async function ask<T>(root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toProviderError(root, error);
  }
}

/** As `ask`, for one of many: a failure is an answer. Rejects only with what is no error of the disk, such as an abort. */
export async function attempt<T>(root: string, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const translated = toProviderError(root, error);
    if (translated instanceof ProviderError) return { ok: false, error: translated };
    throw translated;
  }
}

/** All but errors of the disk pass as they are. */
export function toProviderError(root: string, error: unknown): unknown {
  if (error instanceof UsageError) return new ProviderError("unavailable", error.message, { cause: error });
  if (!(error instanceof LocalError)) return error;
  return new ProviderError(CODES[error.code], `in folder:${root}, ${error.message}`, { cause: error });
}

const CODES: Record<LocalErrorCode, ProviderErrorCode> = {
  changed: "changed",
  "not-found": "not-found",
  exists: "changed",
  full: "quota",
  refused: "rejected",
  failed: "unavailable",
};
