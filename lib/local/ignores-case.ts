import { basename, dirname, join } from "node:path";
import { isSystemError } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { inodeOf } from "./stamp.js";

/** Looks up an entry that exists under its name in the other case: found as the same entry, case does not matter here. */
export async function ignoresCase({ root, files, platformIgnoresCase }: FolderContext): Promise<boolean> {
  return (await askEntries(files, root)) ?? (await askRoot(files, root)) ?? platformIgnoresCase;
}

/** Undefined when nothing in the folder has a name to ask with. */
async function askEntries(files: FileSystem, folder: string): Promise<boolean | undefined> {
  const names = await readNames(files, folder);
  const taken = new Set(names);
  for (const name of names) {
    const other = swapCase(name);
    // With both spellings there as entries of their own, the disk tells them apart.
    if (other !== name && taken.has(other)) return false;
    const answer = other === name ? undefined : await compare(files, join(folder, name), join(folder, other));
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The root's own name, if the folder that holds it is on the same disk. */
async function askRoot(files: FileSystem, root: string): Promise<boolean | undefined> {
  const other = swapCase(basename(root));
  const parent = dirname(root);
  const [inside, outside] = [await stat(files, root), await stat(files, parent)];
  if (other === basename(root) || inside === undefined || inside.dev !== outside?.dev) return undefined;
  return compare(files, root, join(parent, other));
}

async function compare(files: FileSystem, name: string, otherName: string): Promise<boolean | undefined> {
  const stats = await stat(files, name);
  if (stats === undefined) return undefined;
  const other = await stat(files, otherName);
  return other !== undefined && inodeOf(other) === inodeOf(stats);
}

async function readNames(files: FileSystem, folder: string): Promise<readonly string[]> {
  try {
    return await files.readdir(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

async function stat(files: FileSystem, absolute: string): ReturnType<typeof look> {
  try {
    return await look(files, absolute);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return undefined;
  }
}

/** Plain letters only: for others, disks and languages disagree about what the other case is. */
function swapCase(name: string): string {
  return name.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
