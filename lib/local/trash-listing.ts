import { join } from "node:path";
import { compareKeys, joinPath, parseSyncPath } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { explainErrors } from "./errors.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { findOwnFolder, TRASH } from "./own-folder.js";
import type { TrashedEntry } from "./types.js";

/** All files in the trash, and folders that are empty; newest run first, then by path. */
export async function listTrash(context: FolderContext): Promise<readonly TrashedEntry[]> {
  return explainErrors("list the trash of", context.root, async () => {
    const trash = await findOwnFolder(context, TRASH);
    if (trash === undefined) return [];
    const entries: TrashedEntry[] = [];
    for (const runId of (await context.files.readdir(trash)).sort(compareKeys).reverse()) {
      const stats = await look(context.files, join(trash, runId));
      if (stats?.isDirectory())
        await collect(context, { runId, absolute: join(trash, runId), path: undefined }, entries);
    }
    return entries;
  });
}

interface TrashFolder {
  readonly runId: string;
  readonly absolute: string;
  readonly path: SyncPath | undefined;
}

async function collect(context: FolderContext, folder: TrashFolder, entries: TrashedEntry[]): Promise<void> {
  const { runId } = folder;
  const names = (await context.files.readdir(folder.absolute)).sort(compareKeys);
  if (names.length === 0 && folder.path !== undefined) {
    entries.push({ runId, path: folder.path, kind: "folder", sizeBytes: 0 });
  }
  for (const name of names) {
    if (parseSyncPath(name) === undefined) continue;
    const path = joinPath(folder.path, name);
    const absolute = join(folder.absolute, name);
    const stats = await look(context.files, absolute);
    if (stats?.isDirectory()) await collect(context, { runId, absolute, path }, entries);
    else if (stats?.isFile()) entries.push({ runId, path, kind: "file", sizeBytes: Number(stats.size) });
  }
}
