import { changed } from "./errors.js";
import type { FileHandle } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { ifAllowed } from "./if-allowed.js";
import { readRange } from "./read-range.js";
import { modifiedMsOf, timesOf } from "./stamp.js";

/** Absolute names; `path` is the one for messages. */
export interface Copy {
  readonly from: string;
  readonly to: string;
  readonly path: string;
}

const PERMISSIONS = 0o777n;

/**
 * Writes a durable copy with the same modification time and permissions to a name that must be free. Rejects with "changed"
 * when the file changes meanwhile; a copy that was not finished is removed.
 */
export async function copyBytes({ files }: FolderContext, { from, to, path }: Copy): Promise<void> {
  const source = await files.open(from, "read");
  try {
    const target = await files.open(to, "create");
    try {
      await copyBetween(source, target, path);
    } catch (error) {
      await target.close();
      await files.unlink(to).catch(() => undefined);
      throw error;
    }
    await target.close();
  } finally {
    await source.close();
  }
}

async function copyBetween(source: FileHandle, target: FileHandle, path: string): Promise<void> {
  const before = await source.stat();
  if (!before.isFile()) throw changed(path);
  let at = 0;
  for await (const chunk of readRange(source, { start: 0, end: Number(before.size), path }, "reuse")) {
    await target.write(chunk, at);
    at += chunk.length;
  }
  if (timesOf(await source.stat()) !== timesOf(before)) throw changed(path);
  await ifAllowed(() => target.setMode(Number(before.mode & PERMISSIONS)));
  await ifAllowed(() => target.setTimes(modifiedMsOf(before)));
  await target.sync();
}
