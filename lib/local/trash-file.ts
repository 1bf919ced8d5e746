import type { LocalFile } from "../model/entry.js";
import { changed, explainErrors, hasCode } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import { look } from "./look.js";
import { moveToTrash } from "./move-to-trash.js";
import { placeNew } from "./place-new.js";
import { assertSeen, isSameFile } from "./seen.js";

/** Moves the file that was seen to this run's trash. One that is gone already is fine. */
export async function trashFile(context: FolderContext, seen: LocalFile): Promise<void> {
  await explainErrors("move to the trash", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    if (stats === undefined) return;
    assertSeen(stats, seen);
    const trashed = await moveUnlessGone(context, seen, absolute);
    if (trashed === undefined) return;
    const moved = await look(context.files, trashed);
    if (moved !== undefined && isSameFile(moved, seen)) return;
    // Another file took the name between the look and the move: it goes back, or stays in the trash if its place is taken.
    await placeNew(context, trashed, absolute);
    throw changed(seen.path);
  });
}

async function moveUnlessGone(context: FolderContext, seen: LocalFile, absolute: string): Promise<string | undefined> {
  try {
    return await moveToTrash(context, seen.path, absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
