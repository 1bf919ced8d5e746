import type { BigIntStats } from "node:fs";
import { hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";

/** What is at an absolute path, without following a link; undefined when nothing is. */
export async function look(files: FileSystem, absolute: string): Promise<BigIntStats | undefined> {
  try {
    return await files.lstat(absolute);
  } catch (error) {
    // A name too long for the disk is at no place on it; the decomposed spelling of a long name may be.
    if (hasCode(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}
