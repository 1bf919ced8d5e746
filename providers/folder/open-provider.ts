import { dirname } from "node:path";
import { changed } from "../../lib/local/errors.js";
import { openFolder } from "../../lib/local/open-folder.js";
import { rememberOwner } from "../../lib/local/owner.js";
import type { Folder } from "../../lib/local/types.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { LocalError, UsageError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { ProviderContext } from "../context.js";
import type { Attempt, Capabilities, Provider, RemoteMove } from "../provider.js";
import { ask, attempt, toProviderError } from "./api.js";
import { download } from "./downloads.js";
import { ROOT_MEMORY } from "./known-roots.js";
import { list } from "./listing.js";
import { assertTaken, refusalOf } from "./names.js";
import { createRoot } from "./root.js";
import type { Root } from "./root.js";
import { upload } from "./uploads.js";

const CAPABILITIES: Omit<Capabilities, "ignoresCase"> = {
  hash: "sha256",
  listsHash: false,
  canDownload: true,
  canReplace: true,
  canDelete: true,
  canMove: true,
  hasFolders: true,
  hasCursor: false,
  keepsModified: true,
  trash: "own-folder",
  concurrency: 8,
  batch: undefined,
};

/** Rejects with `UsageError` when the target is a file, or cannot be made because the folder that holds it is missing. */
export async function openProvider(context: ProviderContext): Promise<Provider> {
  const { target, files, runId, now, memory, mayWrite, trashDays } = context;
  const owner = mayWrite ? rememberOwner(memory) : undefined;
  const folder = openFolder({ root: target, files, runId, now, owner });
  const remote: Remote = { folder, root: createRoot(context) };
  const { root } = remote;
  const ignoresCase = await askAboutCase(context, remote);
  return {
    capabilities: { ...CAPABILITIES, ignoresCase },
    identify: (signal) => unlessAborted(signal, () => ask(target, () => root.identify())),
    list: (_, signal) => list(folder, root, signal),
    stat: (path, signal) => unlessAborted(signal, () => ask(target, () => stat(remote, path))),
    hash: (file, signal) => unlessAborted(signal, () => ask(target, () => hash(remote, file, signal))),
    download: (file, start, signal) => download(folder, root, { file, start }, signal),
    upload: (one, signal) => upload(folder, root, { upload: one, runId }, signal),
    uploadBatch: (uploads, signal) =>
      inTurn(uploads, signal, (one) => attempt(target, () => upload(folder, root, { upload: one, runId }, signal))),
    createFolders: (paths, signal) =>
      inTurn(paths, signal, (path) => attempt(target, () => createFolder(remote, path))),
    move: (moves, signal) => inTurn(moves, signal, (one) => attempt(target, () => move(remote, one))),
    delete: (entries, signal) => deleteEntries(entries, signal, (one) => attempt(target, () => remove(remote, one))),
    refusal: refusalOf,
    requests: () => 0,
    close: async (signal) => {
      if (mayWrite) await ask(target, () => tidy(remote, trashDays, signal));
    },
  };
}

interface Remote {
  readonly folder: Folder;
  readonly root: Root;
}

/** Whether names differing only by case are one file there; a folder that is yet to be made will be like its parent. */
async function askAboutCase(context: ProviderContext, { folder, root }: Remote): Promise<boolean> {
  const { target, files, runId, now, memory } = context;
  try {
    if ((await root.find()) !== undefined) return await folder.ignoresCase();
    const parent = openFolder({ root: dirname(target), files, runId, now });
    // A root known from an earlier run, gone with its parent, is an unplugged disk: the engine sees that by its identity.
    if (memory.entries(ROOT_MEMORY).length === 0) await parent.identify();
    return await parent.ignoresCase();
  } catch (error) {
    throw error instanceof UsageError ? error : toProviderError(target, error);
  }
}

async function stat({ folder, root }: Remote, path: SyncPath): Promise<RemoteEntry | undefined> {
  const entries = await root.find();
  const entry = entries === undefined ? undefined : await folder.stat(path);
  return entry === undefined ? undefined : entries?.toRemote(entry);
}

async function hash({ folder, root }: Remote, file: RemoteFile, signal: AbortSignal): Promise<ContentHash> {
  const entries = await root.find();
  if (entries === undefined) throw changed(file.path);
  return folder.hash(entries.toLocalFile(file), ["sha256"], signal);
}

async function createFolder({ folder, root }: Remote, path: SyncPath): Promise<RemoteFolder> {
  assertTaken(path);
  const entries = await root.prepare();
  const made = entries.toRemote(await folder.createFolder(path));
  if (made.kind !== "folder") throw changed(path);
  return made;
}

async function move({ folder, root }: Remote, { entry, to }: RemoteMove): Promise<RemoteFile | RemoteFolder> {
  assertTaken(to);
  const entries = await root.prepare();
  if ((await folder.stat(entry.path)) === undefined) {
    throw new LocalError("not-found", `${JSON.stringify(entry.path)} is gone, and cannot be moved; run again`);
  }
  const moved = entries.toRemote(await folder.move(entries.toLocal(entry), to));
  if (moved.kind === "special") throw changed(to);
  return moved;
}

async function remove({ folder, root }: Remote, entry: RemoteFile | RemoteFolder): Promise<void> {
  if ((await root.find()) === undefined) return;
  const entries = await root.prepare();
  if (entry.kind === "folder") await folder.removeFolder(entry.path);
  else await folder.trashFile(entries.toLocalFile(entry));
}

/** What may not be removed, on a disk that is read-only by now, harms nobody. */
async function tidy({ folder, root }: Remote, trashDays: number, signal: AbortSignal): Promise<void> {
  try {
    if ((await root.find()) !== undefined) await folder.tidy(trashDays, signal);
  } catch (error) {
    if (!(error instanceof LocalError) || error.code !== "refused") throw error;
  }
}

async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return work();
}

async function inTurn<A, T>(
  items: readonly A[],
  signal: AbortSignal,
  work: (item: A) => Promise<Attempt<T>>,
): Promise<readonly Attempt<T>[]> {
  const attempts: Attempt<T>[] = [];
  for (const item of items) {
    signal.throwIfAborted();
    attempts.push(await work(item));
  }
  return attempts;
}

/** Files of one folder share its fsync when they go together; a folder has to wait until it is empty. */
const TOGETHER = 32;

async function deleteEntries(
  entries: readonly (RemoteFile | RemoteFolder)[],
  signal: AbortSignal,
  work: (entry: RemoteFile | RemoteFolder) => Promise<Attempt<void>>,
): Promise<readonly Attempt<void>[]> {
  const attempts: Attempt<void>[] = [];
  while (attempts.length < entries.length) {
    signal.throwIfAborted();
    const rest = entries.slice(attempts.length, attempts.length + TOGETHER);
    const files = rest.findIndex(({ kind }) => kind === "folder");
    const next = rest.slice(0, files === -1 ? rest.length : Math.max(1, files));
    attempts.push(...(await Promise.all(next.map(work))));
  }
  return attempts;
}
