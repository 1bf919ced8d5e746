import { dirname } from "node:path";
import type { BigIntStats } from "node:fs";
import type { LocalEntry } from "../model/entry.js";
import { LocalError } from "../model/errors.js";
import { isBelow } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { describe } from "./describe.js";
import { changed, exists, explainErrors } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import type { Place } from "./locate.js";
import { look } from "./look.js";
import { makeWay } from "./make-folder.js";
import { placeNew } from "./place-new.js";
import { isSeen } from "./seen.js";
import { inodeOf } from "./stamp.js";

/** Moves a file or a folder to a path where nothing is. */
export async function move(context: FolderContext, seen: LocalEntry, to: SyncPath): Promise<LocalEntry> {
  return explainErrors("move to", to, async () => {
    if (isBelow(to, seen.path)) throw new LocalError("refused", `cannot move ${JSON.stringify(seen.path)} into itself`);
    const source = await locate(context, seen.path, "present");
    assertMovable(source.stats, seen);
    const target = await makeWay(context, to);
    if (target.stats === undefined) await moveToFree(context, { source, target, seen, to });
    else if (isOtherSpelling({ source, target, seen, to })) await rename(context, source, target);
    else throw exists(to);
    const stats = await context.files.lstat(target.absolute);
    return describe(to, { stats, nowMs: context.now(), touched: "ours" });
  });
}

interface Move {
  readonly source: Place;
  readonly target: Place;
  readonly seen: LocalEntry;
  readonly to: SyncPath;
}

function assertMovable(stats: BigIntStats | undefined, seen: LocalEntry): void {
  if (stats === undefined) throw changed(seen.path);
  const isSame =
    seen.kind === "file"
      ? isSeen(stats, seen)
      : seen.kind === "folder" && stats.isDirectory() && inodeOf(stats) === seen.inode;
  if (!isSame) throw changed(seen.path);
}

/** On a disk that ignores case, the new spelling of a name shows the very entry that is to be renamed. */
function isOtherSpelling({ source, target, seen, to }: Move): boolean {
  const isSameEntry =
    source.stats !== undefined && target.stats !== undefined && inodeOf(source.stats) === inodeOf(target.stats);
  return isSameEntry && seen.path !== to && fold(seen.path) === fold(to);
}

function fold(path: string): string {
  return path.toLowerCase().normalize("NFC");
}

async function moveToFree(context: FolderContext, { source, target, seen, to }: Move): Promise<void> {
  if (seen.kind === "file") {
    if (!(await placeNew(context, source.absolute, target.absolute))) throw exists(to);
    await context.syncFolder(dirname(source.absolute));
    return;
  }
  await rename(context, source, target);
  const moved = await look(context.files, target.absolute);
  if (moved !== undefined && source.stats !== undefined && inodeOf(moved) === inodeOf(source.stats)) return;
  // Another folder took the name between the look and the move: it goes back where it was.
  await rename(context, target, source);
  throw changed(seen.path);
}

/** The new name is made durable first; both folders' entries change in one step. */
async function rename(context: FolderContext, source: Place, target: Place): Promise<void> {
  await context.files.rename(source.absolute, target.absolute);
  await context.syncFolder(dirname(target.absolute));
  if (dirname(target.absolute) !== dirname(source.absolute)) await context.syncFolder(dirname(source.absolute));
}
