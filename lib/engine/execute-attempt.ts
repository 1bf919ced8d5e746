import type { Attempt } from "../../providers/provider.js";

/** The value of the one attempt there was; throws its error. */
export function onlyAttempt<T>(attempts: readonly Attempt<T>[]): T {
  const [attempt] = attempts;
  if (attempt === undefined) throw new Error("a provider must answer for every entry it was given");
  if (!attempt.ok) throw attempt.error;
  return attempt.value;
}
