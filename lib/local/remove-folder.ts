import { dirname, join } from "node:path";
import { LocalError } from "../model/errors.js";
import { joinPath, parseSyncPath } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { changed, explainErrors, hasCode } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { isLitter } from "./litter.js";
import { locate } from "./locate.js";
import { look } from "./look.js";
import { moveToTrash } from "./move-to-trash.js";

/** Removes a folder that holds nothing but what the operating system leaves behind. */
export async function removeFolder(context: FolderContext, path: SyncPath): Promise<void> {
  await explainErrors("remove", path, async () => {
    const { absolute, stats } = await locate(context, path, "present");
    if (stats === undefined) return;
    if (!stats.isDirectory()) throw changed(path);
    for (const name of await listLitter(context, absolute, path)) {
      await moveToTrash(context, joinPath(path, name), join(absolute, name));
    }
    await removeEmpty(context, absolute, path);
    await context.syncFolder(dirname(absolute));
  });
}

/** Looks at all of it before anything is moved: a folder that stays keeps its litter. */
async function listLitter(context: FolderContext, absolute: string, path: SyncPath): Promise<readonly string[]> {
  const names = await context.files.readdir(absolute);
  for (const name of names) {
    const stats = await look(context.files, join(absolute, name));
    const goes = isLitter(name) && stats?.isFile() && parseSyncPath(name) !== undefined;
    if (!goes) throw notEmpty(path, name);
  }
  return names;
}

async function removeEmpty(context: FolderContext, absolute: string, path: SyncPath): Promise<void> {
  try {
    await context.files.rmdir(absolute);
    context.durable.delete(absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw changed(path);
    throw error;
  }
}

function notEmpty(path: SyncPath, name: string): LocalError {
  const words = `it still holds ${JSON.stringify(name)}; move that elsewhere if the folder is to go`;
  return new LocalError("changed", `${JSON.stringify(path)} stays: ${words}`);
}
