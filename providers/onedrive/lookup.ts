import type { GraphApi } from "./api.js";
import { GraphError, isNotFound } from "./errors.js";
import { driveItem, ITEM_FIELDS, type DriveItem } from "./schemas.js";

/** The item at an address right now; undefined when the service says that nothing is there. */
export async function lookUp(
  api: GraphApi,
  address: string,
  about: { readonly subject: string; readonly fields?: string },
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  const path = `${address}?$select=${about.fields ?? ITEM_FIELDS}`;
  const call = { operation: "look at", subject: about.subject, method: "GET", path, answer: driveItem } as const;
  try {
    return await api.call({ ...call, repeatable: true }, signal);
  } catch (error) {
    if (isNotFound(error) || isImpossible(error)) return undefined;
    throw error;
  }
}

/** Nothing can be under a name that the service never takes. */
function isImpossible(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return error.status === 400 && error.has("nameContainsInvalidCharacters", "invalidPath", "pathIsTooLong");
}
