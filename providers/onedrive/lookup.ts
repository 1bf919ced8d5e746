import type { GraphApi } from "./api.js";
import type { Connection } from "./connection.js";
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

/**
 * As `lookUp`, for an item that the service has just said is there. A look may come too early for what is new, and then finds nothing:
 * it is repeated for a quarter of a minute before the item counts as gone.
 */
export async function lookUpStored(
  { api, sleep }: Pick<Connection, "api" | "sleep">,
  address: string,
  about: { readonly subject: string },
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  for (const pauseMs of LOOKS_MS) {
    if (pauseMs > 0) await sleep(pauseMs, signal);
    const found = await lookUp(api, address, about, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How long each look waits after the one before. */
const LOOKS_MS = [0, 250, 500, 1_000, 2_000, 4_000, 8_000];

/** Nothing can be under a name that the service never takes. */
function isImpossible(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return error.status === 400 && error.has("nameContainsInvalidCharacters", "invalidPath", "pathIsTooLong");
}
