import { dirname } from "node:path";
import { describeFile } from "./describe.js";
import { LocalError } from "../model/errors.js";
import { parseSyncPath } from "../model/path.js";
import { replace } from "./commit.js";
import { changed, exists, explainErrors } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import type { Place } from "./locate.js";
import { makeFolder, makeWay } from "./make-folder.js";
import { moveToTrash } from "./move-to-trash.js";
import { findOwnFolder, TRASH } from "./own-folder.js";
import { placeNew } from "./place-new.js";
import type { TrashedEntry } from "./types.js";

/** Moves a trashed file back to its path. What is there now goes to this run's trash. */
export async function restore(context: FolderContext, entry: TrashedEntry): Promise<void> {
  await explainErrors("restore", entry.path, async () => {
    const source = await findTrashed(context, entry);
    if (entry.kind === "folder") {
      await makeFolder(context, entry.path);
      return;
    }
    await bringBack(context, entry, source.absolute);
    await context.syncFolder(dirname(source.absolute));
  });
}

async function findTrashed(context: FolderContext, { runId, path, kind }: TrashedEntry): Promise<Place> {
  // The id may have been typed: it must name one folder in the trash and lead nowhere else.
  const isOneName = parseSyncPath(runId) !== undefined && !/[\\/]/.test(runId);
  const root = isOneName ? await findOwnFolder(context, TRASH, runId) : undefined;
  const place = root === undefined ? undefined : await locate({ root, files: context.files }, path, "present");
  if (place?.stats !== undefined && (kind === "file" ? place.stats.isFile() : place.stats.isDirectory())) return place;
  throw new LocalError(
    "not-found",
    `${JSON.stringify(path)} is not in the trash of run ${runId}; list the trash first`,
  );
}

async function bringBack(context: FolderContext, { path }: TrashedEntry, from: string): Promise<void> {
  const target = await makeWay(context, path);
  if (target.stats?.isFile()) {
    const seen = describeFile(path, { stats: target.stats, nowMs: context.now(), touched: "ours" });
    await replace(context, { from, to: target.absolute, seen });
    return;
  }
  if (target.stats !== undefined && !target.stats.isDirectory()) throw exists(path);
  if (target.stats !== undefined) await moveToTrash(context, path, target.absolute);
  if (!(await placeNew(context, from, target.absolute))) throw changed(path);
}
