import { ProviderError } from "../../../lib/model/errors.js";
import type { Attempt } from "../../../providers/provider.js";

/** What became of each: "ok", or the code of the error. */
export function codesOf(attempts: readonly Attempt<unknown>[]): readonly string[] {
  return attempts.map((attempt) => (attempt.ok ? "ok" : attempt.error.code));
}

/** The value of the first one, which has to be there. */
export function valueOf<T>(attempts: readonly Attempt<T>[]): T {
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error("no attempt");
  if (!attempt.ok) throw attempt.error;
  return attempt.value;
}

/** The `ProviderError` that the work rejects with. */
export async function errorOf(work: Promise<unknown>): Promise<ProviderError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ProviderError)) throw new Error(`expected a ProviderError, got ${String(outcome)}`);
  return outcome;
}

/** The code of the `ProviderError` that the work rejects with; "no error" where it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProviderError) return error.code;
    throw error;
  }
  return "no error";
}
