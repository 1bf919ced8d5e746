import { dirname } from "node:path";
import type { SyncPath } from "../model/path.js";
import type { FolderContext } from "./folder-context.js";
import { withTrashName } from "./trash-name.js";

/** Moves whatever is at `absolute` to this run's trash in one step. Resolves to its absolute name there. */
export async function moveToTrash(context: FolderContext, path: SyncPath, absolute: string): Promise<string> {
  return withTrashName(context, path, async (trashed) => {
    await context.files.rename(absolute, trashed);
    await context.syncFolder(dirname(trashed));
    await context.syncFolder(dirname(absolute));
    return trashed;
  });
}
