import type { Connection, Looking } from "./connection.js";
import { entryFields, lookInto, lookUp } from "./look.js";
import { folderOf, lastNameOf, type RemotePath } from "./paths.js";
import type { Item } from "./schemas.js";

/** Some more than are looked for: others may write in the same second. */
const SPARE_ENTRIES = 20;
const MOST_ENTRIES = 1_000;

/** So many that a listing has missed are asked for one by one. */
const FEW = 3;

/**
 * What is at paths that were written a moment ago, with one request for those in one folder: there they are the newest.
 * Paths at which nothing is shown yet are left out.
 */
export async function lookAtNew(
  connection: Looking & Pick<Connection, "calls">,
  paths: readonly RemotePath[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RemotePath, Item>> {
  const found = new Map<RemotePath, Item>();
  const folders = new Map<RemotePath, RemotePath[]>();
  for (const path of paths) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path]);
  await Promise.all(
    [...folders].map(([folder, inside]) =>
      connection.calls(async () => {
        for (const [path, item] of await lookInOne(connection, folder, inside, signal)) found.set(path, item);
      }),
    ),
  );
  return found;
}

async function lookInOne(
  looking: Looking,
  folder: RemotePath,
  paths: readonly RemotePath[],
  signal: AbortSignal,
): Promise<ReadonlyMap<RemotePath, Item>> {
  const found = new Map<RemotePath, Item>();
  let missing = paths;
  // Others may have written more than was allowed for: then ours are further down.
  const limits = paths.length > 1 ? [Math.min(MOST_ENTRIES, paths.length + SPARE_ENTRIES), MOST_ENTRIES] : [];
  for (const limit of limits) {
    const query = { limit, offset: 0, sort: "-modified", fields: entryFields(looking) } as const;
    const page = await lookInto(looking, folder, query, signal);
    const items = page?._embedded?.items ?? [];
    const byName = new Map(items.map((item) => [item.name, item]));
    for (const path of missing) {
      const item = byName.get(lastNameOf(path));
      if (item !== undefined) found.set(path, item);
    }
    missing = paths.filter((path) => !found.has(path));
    if (missing.length <= FEW || items.length < limit) break;
  }
  if (missing.length > FEW) return found;
  for (const path of missing) {
    const item = await lookUp(looking, path, signal);
    if (item !== undefined) found.set(path, item);
  }
  return found;
}
