import { dirname, join } from "node:path";
import { LocalError } from "../model/errors.js";
import { hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import { look } from "./look.js";
import { numbered } from "./trash-name.js";

/**
 * Makes a durable folder below `root`, which is made as well. Where a file has the name of one of its folders, as one that was
 * archived earlier may, the folder gets a numbered name. Resolves to its absolute name.
 */
export async function createArchiveFolder(files: FileSystem, root: string, names: readonly string[]): Promise<string> {
  await makeRoot(files, root);
  let folder = root;
  for (const name of names) folder = await makeChild(files, folder, name);
  return folder;
}

async function makeRoot(files: FileSystem, folder: string): Promise<void> {
  if (await isFolder(files, folder)) return;
  if (dirname(folder) !== folder) await makeRoot(files, dirname(folder));
  if (await make(files, folder)) return;
  throw new LocalError(
    "refused",
    `cannot make the folder ${folder}: a file has this name; move it, or choose another folder`,
  );
}

async function makeChild(files: FileSystem, folder: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const child = join(folder, numbered(name, number));
    if ((await isFolder(files, child)) || (await make(files, child))) return child;
  }
}

/** A link in the archive is its owner's way of putting a part of it elsewhere. */
async function isFolder(files: FileSystem, path: string): Promise<boolean> {
  const stats = await look(files, path);
  return stats !== undefined && (stats.isDirectory() || stats.isSymbolicLink());
}

/** False when something else has the name. */
async function make(files: FileSystem, folder: string): Promise<boolean> {
  try {
    await files.mkdir(folder);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    return await isFolder(files, folder);
  }
  await files.syncFolder(dirname(folder));
  return true;
}
