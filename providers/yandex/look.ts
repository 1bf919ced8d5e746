import type { Subject } from "../refusals.js";
import type { Looking } from "./connection.js";
import { isNotFound, isParentMissing } from "./errors.js";
import type { RemotePath } from "./paths.js";
import { folderPage, item, type FolderPage, type Item } from "./schemas.js";

export interface PageQuery {
  readonly limit: number;
  readonly offset: number;
  /** A "-" before it turns the order round. */
  readonly sort: "name" | "-modified" | "-created";
  /** What to say of every entry. */
  readonly fields: readonly string[];
}

/** How a page is to be asked for, where that is not as usual. */
export interface Patience {
  readonly repeatable: boolean;
  readonly responseTimeoutMs?: number;
}

/** What an entry is known by. `custom_properties` only where times are kept: they are most of what is sent. */
export function entryFields({ keepsTimes }: Pick<Looking, "keepsTimes">): readonly string[] {
  const fields = ["name", "type", "size", "md5", "sha256", "resource_id", "modified"];
  return keepsTimes ? [...fields, "custom_properties"] : fields;
}

/** What is at the path right now; undefined when the service says that nothing is. */
export async function lookUp(
  looking: Looking,
  path: RemotePath,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<Item | undefined> {
  const about = { operation: "look at", subject: path };
  const query = { path, limit: 0, fields: [...entryFields(looking), ...more].join(",") };
  const call = { ...about, method: "GET", route: "/resources", query, repeatable: true } as const;
  return await unlessGone(() => looking.api.ask(call, item, signal));
}

/** Some of what is in a folder; undefined when there is no such folder. */
export async function lookInto(
  { api }: Pick<Looking, "api">,
  folder: RemotePath,
  { limit, offset, sort, fields }: PageQuery,
  signal: AbortSignal,
  options: Partial<Subject> & Partial<Patience> = {},
): Promise<FolderPage | undefined> {
  const projection = ["type", "resource_id", "_embedded.total", ...fields.map((name) => `_embedded.items.${name}`)];
  const query = { path: folder, limit, offset, sort, fields: projection.join(",") };
  const usual = { operation: "look into", subject: folder, repeatable: true };
  const call = { ...usual, ...options, method: "GET", route: "/resources", query } as const;
  return await unlessGone(() => api.ask(call, folderPage, signal));
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error) || isParentMissing(error)) return undefined;
    throw error;
  }
}
