import { join } from "node:path";
import { nameOf, parentOf } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { makeOwnChild, makeOwnFolder, TRASH } from "./own-folder.js";

/**
 * Calls `use` with a free name in this run's trash, in a folder that exists and is durable: the path itself, or, when this run
 * threw away another version of it before, "name (2).ext".
 */
export async function withTrashName<T>(
  context: FolderContext,
  path: SyncPath,
  use: (absolute: string) => Promise<T>,
): Promise<T> {
  const folder = await makeTrashFolder(context, parentOf(path));
  const absolute = await reserve(context, folder, nameOf(path));
  try {
    return await use(absolute);
  } finally {
    context.reserved.delete(absolute);
  }
}

async function makeTrashFolder(context: FolderContext, path: SyncPath | undefined): Promise<string> {
  let folder = await makeOwnFolder(context, TRASH, context.runId);
  for (const name of path === undefined ? [] : path.split("/")) {
    folder = await makeOwnChild(context, folder, await folderName(context, folder, name));
  }
  return folder;
}

/** A file may have been thrown away under the name that is now needed for a folder. */
async function folderName(context: FolderContext, folder: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const candidate = numbered(name, i);
    const stats = await look(context.files, join(folder, candidate));
    if (stats === undefined || stats.isDirectory()) return candidate;
  }
}

async function reserve(context: FolderContext, folder: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const absolute = join(folder, numbered(name, i));
    if (context.reserved.has(absolute)) continue;
    // Reserved before the look, which lets other actions run.
    context.reserved.add(absolute);
    try {
      if ((await look(context.files, absolute)) === undefined) return absolute;
    } catch (error) {
      context.reserved.delete(absolute);
      throw error;
    }
    context.reserved.delete(absolute);
  }
}

/** The limit of nearly every disk. */
const LONGEST_NAME_BYTES = 255;

/** "photo.jpg", "photo (2).jpg", …, shortened where the number would make the name too long. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  return cutToName(name.slice(0, name.length - extension.length), ` (${number})${extension}`);
}

/** The name with the ending behind it, shortened where it would be too long for a name. */
export function cutToName(name: string, ending: string): string {
  const stem = Array.from(name);
  while (stem.length > 0 && Buffer.byteLength(stem.join("") + ending) > LONGEST_NAME_BYTES) stem.pop();
  return stem.join("") + ending;
}
