import { join } from "node:path";
import { LocalError } from "../model/errors.js";
import { hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";

/** Holds temporary files and the trash, on the same file system as the root; never synchronised. */
const OWN_FOLDER = ".trisync";
export const TEMPORARY = "tmp";
export const TRASH = "trash";

/** Old versions may lie here that were private where they came from. */
const PRIVATE = 0o700;

/** True for `.trisync` and what is below it; in any case of letters, because the disk may not tell them apart. */
export function isOwn(path: string): boolean {
  return path.length >= OWN_FOLDER.length && /^\.trisync(\/|$)/i.test(path);
}

/** The folder `.trisync/names…`, made if need be. */
export async function makeOwnFolder(context: FolderContext, ...names: readonly string[]): Promise<string> {
  let folder = context.root;
  for (const name of [OWN_FOLDER, ...names]) folder = await makeOwnChild(context, folder, name);
  return folder;
}

/** The folder `name` in `parent`, made if need be, and durable. */
export async function makeOwnChild(context: FolderContext, parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  if (!(await isOwnFolder(context.files, folder))) await make(context, folder);
  await beDurable(context, parent, folder);
  return folder;
}

/** The folder `.trisync/names…`; undefined when there is none, and then none is made. */
export async function findOwnFolder(context: FolderContext, ...names: readonly string[]): Promise<string | undefined> {
  let folder = context.root;
  for (const name of [OWN_FOLDER, ...names]) {
    folder = join(folder, name);
    if (!(await isOwnFolder(context.files, folder))) return undefined;
  }
  return folder;
}

async function isOwnFolder(files: FileSystem, absolute: string): Promise<boolean> {
  const stats = await look(files, absolute);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  throw new LocalError("refused", `${JSON.stringify(absolute)} is not a folder, as trisync needs it; remove it`);
}

async function make(context: FolderContext, folder: string): Promise<void> {
  context.durable.delete(folder);
  try {
    await context.files.mkdir(folder, PRIVATE);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** Enough for the folders in use at one time; forgetting one only costs an fsync more. */
const MOST_REMEMBERED = 10_000;

/**
 * Waits until the folder's own entry is on the disk, once per run and folder: a file is not safe in a folder that a power
 * loss takes away, whoever made it.
 */
export async function beDurable(context: FolderContext, parent: string, folder: string): Promise<void> {
  const { durable } = context;
  const known = durable.get(folder);
  if (known !== undefined) return known;
  if (durable.size >= MOST_REMEMBERED) durable.clear();
  const synced = context.syncFolder(parent);
  durable.set(folder, synced);
  try {
    await synced;
  } catch (error) {
    durable.delete(folder);
    throw error;
  }
}
