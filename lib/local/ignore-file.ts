import { LocalError, UsageError } from "../model/errors.js";
import { toSyncPath } from "../model/path.js";
import type { Folder } from "./types.js";

const NAME = toSyncPath(".trisyncignore");

/** Patterns are text written by people; more than this is something else. */
const MOST_BYTES = 1024 * 1024;

/**
 * The patterns at the root of the folder; undefined when there are none. A file that is there and cannot be read is an error, because without
 * it everything it excludes would be synchronised.
 */
export async function readIgnoreFile(folder: Folder): Promise<string | undefined> {
  const seen = await lookFor(folder);
  if (seen === undefined) return undefined;
  if (seen.kind !== "file") {
    const found = seen.kind === "special" ? seen.type : "folder";
    throw new UsageError(`${NAME} is a ${found}; put a plain file with the patterns in its place; nothing was done`);
  }
  if (seen.sizeBytes > MOST_BYTES) throw new UsageError(`${NAME} is larger than 1 MiB; it must be a list of patterns`);
  try {
    const content = await folder.content(seen);
    try {
      return (await content.read(0, seen.sizeBytes)).toString("utf8");
    } finally {
      await content.close();
    }
  } catch (error) {
    throw new UsageError(
      `${NAME} cannot be read (${error instanceof Error ? error.message : String(error)}); nothing was done`,
    );
  }
}

/** The root itself is checked, and complained about, elsewhere. */
async function lookFor(folder: Folder): ReturnType<Folder["stat"]> {
  try {
    return await folder.stat(NAME);
  } catch (error) {
    if (error instanceof LocalError) return undefined;
    throw error;
  }
}
