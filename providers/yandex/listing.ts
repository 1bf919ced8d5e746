import type { Problem } from "../../lib/model/entry.js";
import { parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { attempt, unwrap } from "../attempts.js";
import { badName } from "../bad-name.js";
import type { Connection } from "./connection.js";
import { toEntry } from "./entries.js";
import { isForbidden, notAllowed } from "./errors.js";
import { listFolder, type ListedFolder } from "./list-folder.js";
import { entryFields } from "./look.js";
import { childOf, type RemotePath } from "./paths.js";
import type { ListedItem } from "./schemas.js";
import { isGoingAside, isTemporary } from "./temporary-names.js";

/** Folders listed at once. */
const PARALLEL = 8;

/** A folder that its parent has just shown may not be found for a moment. */
const SECOND_LOOK_MS = 1_000;

interface Folder {
  /** Undefined for the root. */
  readonly path: SyncPath | undefined;
  readonly remote: RemotePath;
}

interface Found {
  readonly changes: readonly RemoteChange[];
  readonly folders: readonly Folder[];
}

/**
 * Lists everything below the root, folder by folder, several at once. `linksToo`: whether the pages shall bring links to
 * the content, for a run that will probably fetch most of it.
 */
export async function* list(
  connection: Connection,
  linksToo: boolean,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const waiting: Folder[] = [{ path: undefined, remote: connection.root.path }];
  const running = new Set<Promise<Done>>();
  try {
    while (waiting.length > 0 || running.size > 0) {
      // The newest first: the way down is short, and few folders wait.
      for (let next; running.size < PARALLEL && (next = waiting.pop()) !== undefined;) {
        running.add(start(visit(connection, next, linksToo, own)));
      }
      const { self, found } = await Promise.race(running);
      running.delete(self());
      waiting.push(...found.folders);
      yield { scope: "full", changes: found.changes, cursor: undefined };
    }
  } finally {
    stop.abort();
  }
}

interface Done {
  readonly self: () => Promise<Done>;
  readonly found: Found;
}

/** A promise that resolves to itself among other things, to be told apart in a race. */
function start(work: Promise<Found>): Promise<Done> {
  const done: Promise<Done> = work.then((found) => ({ self: () => done, found }));
  // Where another one fails first, nobody waits for this one any more.
  done.catch(() => undefined);
  return done;
}

async function visit(connection: Connection, folder: Folder, linksToo: boolean, signal: AbortSignal): Promise<Found> {
  const { links, root } = connection;
  const wantsLinks = linksToo && !links.isFull;
  const fields = [...entryFields(connection), ...(wantsLinks ? ["file"] : [])];
  const outcome = await attempt(() => listPatiently(connection, folder, fields, signal));
  if (!outcome.ok && folder.path !== undefined && isForbidden(outcome.error)) {
    return { changes: [{ kind: "problem", problem: unreadable(folder.path) }], folders: [] };
  }
  const listed = unwrap(outcome);
  if (folder.path === undefined) await root.saw(listed === undefined ? undefined : (listed.id ?? root.path), signal);
  if (listed === undefined) return { changes: [], folders: [] };
  if (wantsLinks) links.add(folder.remote, listed.items);
  return toFound(connection, folder, listed);
}

async function listPatiently(
  { api, sleep, root }: Connection,
  { path, remote }: Folder,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ListedFolder | undefined> {
  try {
    const first = await listFolder({ api, sleep }, { folder: remote, fields }, signal);
    if (first !== undefined || path === undefined) return first;
    await sleep(SECOND_LOOK_MS, signal);
    return await listFolder({ api, sleep }, { folder: remote, fields }, signal);
  } catch (error) {
    if (path === undefined && isForbidden(error)) throw notAllowed(root.path, error);
    throw error;
  }
}

function toFound(connection: Connection, folder: Folder, { items }: ListedFolder): Found {
  const changes: RemoteChange[] = [];
  const folders: Folder[] = [];
  const seen = new Set<SyncPath>();
  for (const item of items) {
    const remote = childOf(folder.remote, item.name);
    if (isOnItsWay(connection, item, remote)) continue;
    const path = toPath(folder.path, item.name);
    if (path === undefined || seen.has(path)) {
      const shown = folder.path === undefined ? item.name : `${folder.path}/${item.name}`;
      changes.push({ kind: "problem", problem: path === undefined ? badName("Yandex Disk", shown) : clash(path) });
      continue;
    }
    seen.add(path);
    if (item.name !== item.name.normalize("NFC")) connection.paths.noteSpelling(path, item.name);
    changes.push({ kind: "entry", entry: toEntry(item, path) });
    if (item.type === "dir") folders.push({ path, remote });
  }
  return { changes, folders };
}

/** Content that trisync has under way is nobody's file. */
function isOnItsWay(connection: Connection, item: ListedItem, remote: RemotePath): boolean {
  if (item.type !== "file") return false;
  if (isTemporary(item.name)) {
    connection.leftovers.noteListed(item, remote);
    return true;
  }
  return isGoingAside(item.name, connection.now());
}

/** Undefined for a name that would lead elsewhere. */
function toPath(folder: SyncPath | undefined, name: string): SyncPath | undefined {
  if (name.includes("/")) return undefined;
  return parseSyncPath(folder === undefined ? name : `${folder}/${name}`);
}

function clash(path: SyncPath): Problem {
  return {
    side: "remote",
    path,
    code: "clash",
    message:
      "Yandex Disk holds this name twice, in two Unicode spellings. One of them is synchronised; rename the other on Yandex Disk.",
    covers: undefined,
  };
}

/** The folder is there, and what is in it is unknown: nothing of it is deleted, and all else goes on. */
function unreadable(path: SyncPath): Problem {
  return {
    side: "remote",
    path,
    code: "unreadable",
    message:
      "Yandex Disk does not let this folder be read. Have its owner share it with you again, or leave it out with --exclude.",
    covers: { path, subtree: true },
  };
}
