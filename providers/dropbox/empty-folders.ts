import pLimit from "p-limit";
import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import type { Connection } from "./connection.js";
import { isNotFound } from "./errors.js";
import { listPage } from "./list-page.js";
import { lookUp } from "./lookup.js";
import { ancestorsOf, foldPath, remotePath } from "./paths.js";
import type { Metadata } from "./schemas.js";

/** What is known of folders that are to be deleted. */
export interface EmptyFolders {
  /** Nothing is in them but folders that are to go as well; deleting these deletes all. */
  readonly topmost: readonly RemoteFolder[];
  /** The other empty ones, each with the topmost one that takes it along. */
  readonly inside: ReadonlyMap<RemoteFolder, RemoteFolder>;
  /** Something else is in them, another folder has taken their place, or nobody can say. */
  readonly notEmpty: readonly RemoteFolder[];
  readonly gone: readonly RemoteFolder[];
}

/** Listings at once. */
const PARALLEL = 4;

/** A folder that has more than this in it was not empty when it was listed. */
const MAX_PAGES = 10;

/**
 * Looks into folders with as few listings as possible: one, recursive, for each that is not inside another of them.
 * Files that were deleted a moment ago may still be shown; they do not count.
 */
export async function findEmptyFolders(
  connection: Connection,
  folders: readonly RemoteFolder[],
  deletedFiles: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<EmptyFolders> {
  const byPath = new Map(folders.map((folder) => [foldPath(folder.path), folder]));
  const limit = pLimit(PARALLEL);
  const states = new Map<RemoteFolder, State>();
  const versions = new Set(deletedFiles.map(({ version }) => version));
  await Promise.all(
    [...groupByHead(folders, byPath)].map(([head, group]) =>
      limit(async () => {
        const entries = await listAll(connection, head, signal);
        for (const folder of group) states.set(folder, "unknown");
        if (entries === undefined) for (const folder of group) states.set(folder, "gone");
        else if (entries !== "too much") judge(group, entries, versions, states);
      }),
    ),
  );
  return sortOut(byPath, states);
}

type State = "empty" | "occupied" | "gone" | "unknown";

/** Folders by the one of them that they are all inside of. */
function groupByHead(
  folders: readonly RemoteFolder[],
  byPath: ReadonlyMap<string, RemoteFolder>,
): ReadonlyMap<RemoteFolder, readonly RemoteFolder[]> {
  const groups = new Map<RemoteFolder, RemoteFolder[]>();
  for (const folder of folders) {
    const above = [...ancestorsOf(foldPath(folder.path))].map((path) => byPath.get(path));
    const head = above.findLast((one) => one !== undefined) ?? folder;
    groups.set(head, [...(groups.get(head) ?? []), folder]);
  }
  return groups;
}

/** Undefined when the folder is gone. */
async function listAll(
  { api, root }: Connection,
  head: RemoteFolder,
  signal: AbortSignal,
): Promise<readonly Metadata[] | "too much" | undefined> {
  const about = { operation: "look into", subject: head.path };
  const path = remotePath(root.path, head.path);
  try {
    let page = await listPage(api, { about, path, isRecursive: true }, signal);
    const entries = [...page.entries];
    for (let pages = 1; page.has_more; pages++) {
      if (pages === MAX_PAGES) return "too much";
      page = await listPage(api, { about, cursor: page.cursor }, signal);
      entries.push(...page.entries);
    }
    if (entries.length > 0) return entries;
    // A listing shows the folder itself. Where it does not, its id has to be asked for.
    const self = await lookUp(api, path, signal);
    return self === undefined ? undefined : [self];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Whatever is neither one of the folders nor a file deleted a moment ago occupies every folder above it. */
function judge(
  group: readonly RemoteFolder[],
  entries: readonly Metadata[],
  deletedVersions: ReadonlySet<string | undefined>,
  states: Map<RemoteFolder, State>,
): void {
  const byId = new Map(group.map((folder) => [folder.id, folder]));
  const byLower = new Map<string, RemoteFolder>();
  const strangers: string[] = [];
  for (const entry of entries) {
    const ours = entry[".tag"] === "folder" ? byId.get(entry.id) : undefined;
    if (ours !== undefined && entry.path_lower !== undefined) byLower.set(entry.path_lower, ours);
    else if (entry[".tag"] === "deleted" || (entry[".tag"] === "file" && deletedVersions.has(entry.rev))) continue;
    else strangers.push(entry.path_lower ?? "");
  }
  const seen = new Set(byLower.values());
  // What is not shown under its id is gone, or another folder, which then is a stranger. The head was found by its path.
  for (const [at, folder] of group.entries())
    states.set(folder, seen.has(folder) ? "empty" : at === 0 ? "unknown" : "gone");
  for (const stranger of strangers) {
    for (const above of ancestorsOf(stranger)) {
      const folder = byLower.get(above);
      if (folder !== undefined) states.set(folder, "occupied");
    }
  }
}

function sortOut(byPath: ReadonlyMap<string, RemoteFolder>, states: ReadonlyMap<RemoteFolder, State>): EmptyFolders {
  const topmost = new Set<RemoteFolder>();
  const inside = new Map<RemoteFolder, RemoteFolder>();
  const notEmpty: RemoteFolder[] = [];
  const gone: RemoteFolder[] = [];
  // Parents come before their children, so that the first empty one is the topmost.
  const inOrder = [...byPath].sort(([a], [b]) => a.split("/").length - b.split("/").length);
  for (const [path, folder] of inOrder) {
    const state = states.get(folder) ?? "unknown";
    const top = [...ancestorsOf(path)].map((above) => byPath.get(above)).find((one) => one && topmost.has(one));
    if (state === "gone") gone.push(folder);
    else if (state !== "empty") notEmpty.push(folder);
    else if (top === undefined) topmost.add(folder);
    else inside.set(folder, top);
  }
  return { topmost: [...topmost], inside, notEmpty, gone };
}
