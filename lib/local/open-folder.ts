import { commit } from "./commit.js";
import { hashSeen, openContent } from "./content.js";
import { copyTo } from "./copy-to.js";
import { describe } from "./describe.js";
import { explainErrors } from "./errors.js";
import { createContext } from "./folder-context.js";
import type { FolderContext, FolderOptions } from "./folder-context.js";
import { identify } from "./identify.js";
import { ignoresCase } from "./ignores-case.js";
import { locate } from "./locate.js";
import { makeDurable } from "./make-durable.js";
import { makeFolder } from "./make-folder.js";
import { move } from "./move.js";
import { DiskPartial } from "./disk-partial.js";
import { openPartial } from "./partial.js";
import { removeFolder } from "./remove-folder.js";
import { restore } from "./restore.js";
import { tidy } from "./tidy.js";
import { trashFile } from "./trash-file.js";
import { listTrash } from "./trash-listing.js";
import type { Folder, PathFilter, ScanItem } from "./types.js";
import type { LocalEntry } from "../model/entry.js";
import type { SyncPath } from "../model/path.js";

/** The folder at `options.root`. Nothing is touched, or even looked at, before the first call. */
export function openFolder(options: FolderOptions): Folder {
  const context = createContext(options);
  return {
    root: context.root,
    identify: () => identify(context),
    ignoresCase: () => ignoresCase(context),
    scan: (filter, signal) => scanLazily(context, filter, signal),
    stat: (path) => stat(context, path),
    hash: (seen, algorithms, signal) => hashSeen(context, { seen, algorithms, signal }),
    content: (seen) => openContent(context, seen),
    openPartial: (key, algorithms, sizeBytes) => openPartial(context, { key, algorithms, sizeBytes }),
    commit: async (partial, path, modifiedMs, replaces) => {
      if (!(partial instanceof DiskPartial)) throw new Error("only partial files of this folder can be put into it");
      return commit(context, { partial, path, modifiedMs, replaces });
    },
    copyTo: (seen, path) => copyTo(context, seen, path),
    createFolder: (path) => createFolder(context, path),
    move: (seen, to) => move(context, seen, to),
    makeDurable: (seen) => makeDurable(context, seen),
    trashFile: (seen) => trashFile(context, seen),
    removeFolder: (path) => removeFolder(context, path),
    listTrash: () => listTrash(context),
    restore: (entry) => restore(context, entry),
    tidy: (days, signal) => tidy(context, days, signal),
  };
}

/** fast-glob takes a moment to load, and only scans need it. */
async function* scanLazily(context: FolderContext, filter: PathFilter, signal: AbortSignal): AsyncGenerator<ScanItem> {
  const { scan } = await import("./scan.js");
  yield* scan(context, filter, signal);
}

async function stat(context: FolderContext, path: SyncPath): Promise<LocalEntry | undefined> {
  return explainErrors("look at", path, async () => {
    const { stats } = await locate(context, path, "present");
    return stats === undefined ? undefined : describe(path, { stats, nowMs: context.now(), touched: "by anyone" });
  });
}

async function createFolder(context: FolderContext, path: SyncPath): Promise<LocalEntry> {
  return explainErrors("create the folder", path, async () => {
    const absolute = await makeFolder(context, path);
    const stats = await context.files.lstat(absolute);
    return describe(path, { stats, nowMs: context.now(), touched: "ours" });
  });
}
