import type { BigIntStats } from "node:fs";
import { join, sep } from "node:path";
import { LocalError } from "../model/errors.js";
import { compareKeys } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import { look } from "./look.js";
import { isOwn } from "./own-folder.js";

/** Where a path is on the disk, or would be. */
export interface Place {
  readonly absolute: string;
  /** Undefined when nothing is there. */
  readonly stats: BigIntStats | undefined;
}

/** "present": whoever asks knows of an entry there, so that no spelling of its name is left untried. */
export type Expectation = "present" | "any";

/**
 * Finds the path below `root`. Every component is looked at: one that is a symbolic link rejects with "changed", since
 * following it could lead anywhere; only the last one is left to the caller. Names are NFC, the disk's may be another
 * spelling of them.
 */
export async function locate(
  { root, files }: { readonly root: string; readonly files: FileSystem },
  path: SyncPath,
  expect: Expectation,
): Promise<Place> {
  assertAllowed(path);
  const names = path.split("/");
  let folder = root;
  for (const [i, name] of names.entries()) {
    const isLast = i === names.length - 1;
    const place = await find(files, { folder, name }, isLast ? expect : "present");
    if (isLast) return place;
    if (place.stats?.isSymbolicLink()) throw behindLink(path, names.slice(0, i + 1).join("/"));
    if (!place.stats?.isDirectory()) return { absolute: join(folder, ...names.slice(i)), stats: undefined };
    folder = place.absolute;
  }
  throw new Error("a path has at least one component");
}

function assertAllowed(path: SyncPath): void {
  if (isOwn(path)) {
    throw new LocalError("refused", `${JSON.stringify(path)}: this name is kept for trisync's own files; rename it`);
  }
  // On Windows these characters separate folders and drives, so that a name holding one could lead out of the root.
  if (sep === "\\" && /[\\:]/.test(path)) {
    throw new LocalError("refused", `${JSON.stringify(path)}: Windows does not take this name; rename it`);
  }
}

function behindLink(path: SyncPath, link: string): LocalError {
  const words = `${JSON.stringify(link)} is a symbolic link, and nothing behind it is touched; replace it by a folder`;
  return new LocalError("changed", link === path ? words : `${JSON.stringify(path)}: ${words}`);
}

async function find(
  files: FileSystem,
  { folder, name }: { readonly folder: string; readonly name: string },
  expect: Expectation,
): Promise<Place> {
  const decomposed = name.normalize("NFD");
  for (const spelling of new Set([name, decomposed])) {
    const absolute = join(folder, spelling);
    const stats = await look(files, absolute);
    if (stats !== undefined) return { absolute, stats };
  }
  const other = expect === "present" || decomposed !== name ? await findSpelling(files, folder, name) : undefined;
  const absolute = join(folder, other ?? name);
  return { absolute, stats: other === undefined ? undefined : await look(files, absolute) };
}

/** Names can also be partly composed. Among several the scan took the first, and so does this. */
async function findSpelling(files: FileSystem, folder: string, name: string): Promise<string | undefined> {
  try {
    const names = await files.readdir(folder);
    return names.filter((other) => other.normalize("NFC") === name).sort(compareKeys)[0];
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
