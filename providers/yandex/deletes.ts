import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";
import { nameOf, parentOf } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { attempt, failed, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { isVersion, md5Of } from "./entries.js";
import { isNotFound, isParentMissing } from "./errors.js";
import { lookInto, lookUp } from "./look.js";
import { carryOut } from "./operations.js";
import { childOf, lastNameOf, type RemotePath } from "./paths.js";
import { isTemporary } from "./temporary-names.js";

/**
 * Deletes entries into the service's trash. A file is named with the hash of its listed content, so that no other version is
 * deleted. Folders have no such condition: each is looked into just before, and of folders in one another that are all
 * empty only the topmost is named.
 */
export async function deleteEntries(
  connection: Connection,
  entries: readonly (RemoteFile | RemoteFolder)[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  signal.throwIfAborted();
  const outcomes = new Map<RemoteFile | RemoteFolder, Attempt<void>>();
  const files = entries.filter((entry) => entry.kind === "file");
  await Promise.all(
    files.map((file) =>
      connection.calls(async () => {
        outcomes.set(file, await attempt(() => deleteFile(connection, file, signal)));
      }),
    ),
  );
  const folders = entries.filter((entry) => entry.kind === "folder");
  await deleteFolders(connection, folders, outcomes, signal);
  return entries.map((entry) => outcomes.get(entry) ?? failed(inUse(entry)));
}

async function deleteFile(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<void> {
  const path = connection.paths.of(file.path);
  const md5 = md5Of(file) ?? (await md5OfListed(connection, file, signal));
  if (md5 === undefined) return;
  const about = { operation: "delete", subject: file.path } as const;
  const query = { path, permanently: false, md5 };
  const call = { ...about, method: "DELETE", route: "/resources", query, repeatable: true } as const;
  const outcome = await attempt(() => carryOut(connection, call, signal));
  if (outcome.ok || isGone(outcome.error)) return;
  if (outcome.error.code !== "rejected" && outcome.error.code !== "unavailable") throw outcome.error;
  const found = await lookUp(connection, path, signal);
  if (found === undefined) return;
  // A hash together with a folder is an invalid request: a folder has taken the file's place.
  throw found.type === "dir" ? changed(file) : outcome.error;
}

/** Gone already is what was wanted. */
function isGone(error: ProviderError): boolean {
  return isNotFound(error) || isParentMissing(error);
}

/** For an entry that came without a version. Undefined when it is gone. */
async function md5OfListed(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<string | undefined> {
  const found = await lookUp(connection, connection.paths.of(file.path), signal);
  if (found === undefined) return undefined;
  if (found.md5 === undefined || !isVersion(found, file)) throw changed(file);
  return found.md5;
}

async function deleteFolders(
  connection: Connection,
  folders: readonly RemoteFolder[],
  outcomes: Map<RemoteFile | RemoteFolder, Attempt<void>>,
  signal: AbortSignal,
): Promise<void> {
  const byPath = new Map(folders.map((folder) => [folder.path, folder]));
  const states = await lookIntoAll(connection, folders, byPath, signal);
  const empty = emptyOnes(folders, states);
  for (const folder of folders) {
    const state = states.get(folder.path);
    if (state instanceof ProviderError) outcomes.set(folder, failed(state));
    else if (state === "gone") outcomes.set(folder, succeeded(undefined));
    else if (!empty.has(folder.path)) outcomes.set(folder, failed(inUse(folder)));
  }
  const tops = folders.filter(({ path }) => empty.has(path) && !isInside(path, empty));
  await Promise.all(
    tops.map((top) =>
      connection.calls(async () => {
        const outcome = await attempt(() => deleteFolder(connection, top, signal));
        for (const folder of folders) {
          const goesAlong = folder.path === top.path || folder.path.startsWith(`${top.path}/`);
          if (goesAlong && empty.has(folder.path)) outcomes.set(folder, outcome);
        }
      }),
    ),
  );
}

/** What is in a folder: the names of those of its folders that are to go as well, if there is nothing else. */
type State = { readonly inside: readonly SyncPath[] } | "in use" | "gone" | ProviderError;

async function lookIntoAll(
  connection: Connection,
  folders: readonly RemoteFolder[],
  byPath: ReadonlyMap<SyncPath, RemoteFolder>,
  signal: AbortSignal,
): Promise<ReadonlyMap<SyncPath, State>> {
  const expected = new Map<SyncPath, SyncPath[]>();
  for (const { path } of folders) {
    const parent = parentOf(path);
    if (parent !== undefined && byPath.has(parent)) expected.set(parent, [...(expected.get(parent) ?? []), path]);
  }
  const states = new Map<SyncPath, State>();
  await Promise.all(
    folders.map((folder) =>
      connection.calls(async () => {
        const inside = expected.get(folder.path) ?? [];
        const state = await attempt(() => lookIntoOne(connection, folder, inside, signal));
        states.set(folder.path, state.ok ? state.value : state.error);
      }),
    ),
  );
  return states;
}

async function lookIntoOne(
  connection: Connection,
  folder: RemoteFolder,
  inside: readonly SyncPath[],
  signal: AbortSignal,
): Promise<State> {
  const path = connection.paths.of(folder.path);
  const limit = inside.length + MOST_LEFTOVERS;
  const query = { limit, offset: 0, sort: "name", fields: ["name", "type"] } as const;
  const page = await lookInto(connection, path, query, signal);
  if (page === undefined) return "gone";
  const isSame = folder.id === undefined || page.resource_id === undefined || folder.id === page.resource_id;
  if (page.type !== "dir" || page._embedded === undefined || !isSame) return "in use";
  const { total, items } = page._embedded;
  if (total === 0) return { inside: [] };
  const names = new Map(inside.map((one) => [nameOf(one), one]));
  const known = items.flatMap(({ name, type }) => (type === "dir" ? (names.get(name.normalize("NFC")) ?? []) : []));
  // Content that a killed run of ours has left on its way is nobody's file, and goes along.
  const left = items.filter(({ name, type }) => type === "file" && isLeftover(connection, childOf(path, name)));
  return known.length + left.length === total ? { inside: known } : "in use";
}

/** As many as are looked for besides folders; there are hardly ever any. */
const MOST_LEFTOVERS = 10;

function isLeftover({ leftovers }: Connection, path: RemotePath): boolean {
  return isTemporary(lastNameOf(path)) && leftovers.isOurs(path);
}

/** Folders in which, all the way down, there is nothing but folders that are to go as well. */
function emptyOnes(folders: readonly RemoteFolder[], states: ReadonlyMap<SyncPath, State>): ReadonlySet<SyncPath> {
  const empty = new Set<SyncPath>();
  const deepestFirst = [...folders].sort((a, b) => b.path.split("/").length - a.path.split("/").length);
  for (const { path } of deepestFirst) {
    const state = states.get(path);
    const isEmpty = typeof state === "object" && "inside" in state && state.inside.every((one) => empty.has(one));
    if (isEmpty) empty.add(path);
  }
  return empty;
}

function isInside(path: SyncPath, folders: ReadonlySet<SyncPath>): boolean {
  for (let above = parentOf(path); above !== undefined; above = parentOf(above)) if (folders.has(above)) return true;
  return false;
}

async function deleteFolder(connection: Connection, folder: RemoteFolder, signal: AbortSignal): Promise<void> {
  const path = connection.paths.of(folder.path);
  const about = { operation: "delete", subject: folder.path } as const;
  const query = { path, permanently: false };
  // Not repeated blindly: in the meantime somebody may have put something into a folder of the same name.
  const call = { ...about, method: "DELETE", route: "/resources", query, repeatable: false } as const;
  const outcome = await attempt(() => carryOut(connection, call, signal));
  if (outcome.ok || isGone(outcome.error)) return;
  if (outcome.error.code !== "unavailable") throw outcome.error;
  if ((await lookUp(connection, path, signal)) !== undefined) throw outcome.error;
}

function inUse({ path }: RemoteFile | RemoteFolder): ProviderError {
  return new ProviderError("changed", `delete ${path}: the folder is not empty any more`);
}

function changed({ path }: RemoteFile): ProviderError {
  return new ProviderError("changed", `delete ${path}: the file has been changed on Yandex Disk since it was listed`);
}
