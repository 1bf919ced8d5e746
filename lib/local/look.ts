import type { BigIntStats } from "node:fs";
import { hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";

/** What is at an absolute path, without following a link; undefined when nothing is. */
export async function look(files: FileSystem, absolute: string): Promise<BigIntStats | undefined> {
  try {
    return await files.lstat(absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
