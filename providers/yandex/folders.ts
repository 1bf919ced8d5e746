import type { RemoteFolder } from "../../lib/model/entry.js";
import { parentOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { attempt, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { toRemoteFolder } from "./entries.js";
import { entryFields, lookInto, lookUp } from "./look.js";
import { lastNameOf, type RemotePath } from "./paths.js";
import type { Item } from "./schemas.js";

type Made = "made" | "there";

/**
 * Creates folders, parents first as given. One that is there already is fine. Making one says nothing of it, so the ids are
 * looked up afterwards: of new folders in one parent together, because they are the newest there.
 */
export async function createFolders(
  connection: Connection,
  paths: readonly SyncPath[],
  signal: AbortSignal,
): Promise<readonly Attempt<RemoteFolder>[]> {
  const made = new Map<SyncPath, Attempt<Made>>();
  for (const level of toLevels(paths)) {
    const work = level.map((path) =>
      connection.calls(async () => {
        made.set(path, await attempt(() => connection.folders.make(connection.paths.of(path), signal)));
      }),
    );
    await Promise.all(work);
  }
  const found = await findFolders(connection, made, signal);
  return paths.map((path) => {
    const outcome = made.get(path);
    if (outcome === undefined) throw new Error("a folder without an outcome");
    if (!outcome.ok) return outcome;
    // Without an id where the service does not show it yet: the next listing brings it.
    return succeeded(toRemoteFolder(found.get(path) ?? { type: "dir" }, path));
  });
}

/** By depth, so that no folder is made before those above it. */
function toLevels(paths: readonly SyncPath[]): readonly (readonly SyncPath[])[] {
  const levels = new Map<number, SyncPath[]>();
  for (const path of paths) {
    const depth = path.split("/").length;
    levels.set(depth, [...(levels.get(depth) ?? []), path]);
  }
  return [...levels.keys()].sort((a, b) => a - b).map((depth) => levels.get(depth) ?? []);
}

async function findFolders(
  connection: Connection,
  made: ReadonlyMap<SyncPath, Attempt<Made>>,
  signal: AbortSignal,
): Promise<ReadonlyMap<SyncPath, Item>> {
  const found = new Map<SyncPath, Item>();
  const alone: SyncPath[] = [];
  const siblings = new Map<SyncPath | undefined, SyncPath[]>();
  for (const [path, outcome] of made) {
    if (!outcome.ok) continue;
    if (outcome.value === "there") alone.push(path);
    else siblings.set(parentOf(path), [...(siblings.get(parentOf(path)) ?? []), path]);
  }
  await Promise.all(
    [...siblings].map(([parent, paths]) =>
      connection.calls(async () => {
        const newest = paths.length === 1 ? undefined : await lookAtNewest(connection, parent, paths.length, signal);
        for (const path of paths) {
          const item = newest?.get(lastNameOf(connection.paths.of(path)));
          if (item === undefined) alone.push(path);
          else found.set(path, item);
        }
      }),
    ),
  );
  const lookAlone = async (path: SyncPath): Promise<void> => {
    const item = await lookUp(connection, connection.paths.of(path), signal);
    if (item?.type === "dir") found.set(path, item);
  };
  await Promise.all(alone.map((path) => connection.calls(() => lookAlone(path))));
  return found;
}

/** Some more than are looked for: others may have made folders in the same second. */
const SPARE_ENTRIES = 20;
const MOST_ENTRIES = 1_000;

async function lookAtNewest(
  connection: Connection,
  parent: SyncPath | undefined,
  count: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Item>> {
  const folder: RemotePath = connection.paths.of(parent);
  const limit = Math.min(MOST_ENTRIES, count + SPARE_ENTRIES);
  const page = await lookInto(
    connection,
    folder,
    { limit, offset: 0, sort: "-created", fields: entryFields(connection) },
    signal,
  );
  const folders = (page?._embedded?.items ?? []).filter(({ type }) => type === "dir");
  return new Map(folders.map((item) => [item.name, item]));
}
