import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { LocalFile } from "../model/entry.js";
import { LocalError } from "../model/errors.js";
import { copyBytes } from "./copy-bytes.js";
import { changed, hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { tryLink } from "./place-new.js";
import { readRange } from "./read-range.js";
import { isSameFile } from "./seen.js";
import { inodeOf } from "./stamp.js";

/** Absolute names. `seen` is what has been sent, and the only thing that may go. */
export interface MoveOut {
  readonly from: string;
  readonly to: string;
  readonly seen: LocalFile;
}

/**
 * Moves the very file that was seen out of the local root; false when the name is taken. The file is whole and durable under its
 * new name before the old one goes, and another file that takes the old name meanwhile stays: then this rejects with "changed".
 */
export async function moveOut(context: FolderContext, move: MoveOut): Promise<boolean> {
  const { from, to, seen } = move;
  const linked = await tryLink(context, from, to);
  if (linked === "across") return copyAcross(context, move);
  if (linked === "unsupported") return renameOrCopy(context, move);
  const there = await look(context.files, to);
  if (linked === "taken" && (there === undefined || inodeOf(there) !== seen.inode)) return false;
  if (there === undefined || !isSameFile(there, seen)) {
    await removeSecondName(context.files, to, from);
    throw changed(seen.path);
  }
  await context.syncFolder(dirname(to));
  await removeOriginal(context, move);
  return true;
}

/** A disk without links. */
async function renameOrCopy(context: FolderContext, move: MoveOut): Promise<boolean> {
  const { from, to, seen } = move;
  try {
    if (!(await renameToFree(context, from, to))) return false;
  } catch (error) {
    if (!hasCode(error, "EXDEV")) throw error;
    return copyAcross(context, move);
  }
  const moved = await look(context.files, to);
  if (moved !== undefined && isSameFile(moved, seen)) return true;
  // Another file took the name just before the move: it goes back, or stays in the archive if its place is taken.
  await renameToFree(context, to, from);
  throw changed(seen.path);
}

/** The copy is whole and durable, and the original still the one that was copied, before the original goes. */
async function copyAcross(context: FolderContext, move: MoveOut): Promise<boolean> {
  const { from, to, seen } = move;
  const { files } = context;
  const partial = join(dirname(to), partialName(seen));
  await files.unlink(partial).catch(() => undefined);
  await copyBytes(context, { from, to: partial, path: seen.path });
  const copy = await look(files, partial);
  try {
    await assertCopied(files, { from, partial, seen });
    if (!(await placeCopy(context, partial, to))) {
      await files.unlink(partial);
      return false;
    }
  } catch (error) {
    await files.unlink(partial).catch(() => undefined);
    throw error;
  }
  const placed = await look(files, to);
  // Another job with the same folders may have been at work on a partial file of the same name.
  if (copy === undefined || placed === undefined || inodeOf(placed) !== inodeOf(copy)) throw changed(seen.path);
  await removeOriginal(context, move);
  await context.syncFolder(dirname(from));
  return true;
}

/** Reads both back, and sees to it that what was copied is what was sent. */
async function assertCopied(
  files: FileSystem,
  { from, partial, seen }: { readonly from: string; readonly partial: string; readonly seen: LocalFile },
): Promise<void> {
  const [original, copy] = [await digestOf(files, from, seen.path), await digestOf(files, partial, seen.path)];
  if (original !== copy) {
    const words = "the copy on the other disk is not like the original; check that disk, then run again";
    throw new LocalError("failed", `move to the archive ${JSON.stringify(seen.path)}: ${words}`);
  }
  const last = await look(files, from);
  if (last === undefined || !isSameFile(last, seen)) throw changed(seen.path);
}

async function placeCopy(context: FolderContext, partial: string, to: string): Promise<boolean> {
  const linked = await tryLink(context, partial, to);
  if (linked === "taken") return false;
  if (linked === "unsupported") return renameToFree(context, partial, to);
  await context.syncFolder(dirname(to));
  await context.files.unlink(partial);
  return true;
}

/**
 * Where there are no links, an empty file of ours keeps the name free of others until the rename takes its place: a mere look would
 * let two files that ask for one name at the same time replace each other. False when the name is taken.
 */
async function renameToFree(context: FolderContext, from: string, to: string): Promise<boolean> {
  const { files } = context;
  try {
    await (await files.open(to, "create")).close();
  } catch (error) {
    if (hasCode(error, "EEXIST", "ELOOP")) return false;
    throw error;
  }
  try {
    await files.rename(from, to);
  } catch (error) {
    await files.unlink(to);
    throw error;
  }
  await context.syncFolder(dirname(to));
  return true;
}

/** Where the original cannot go, as in a folder that may not be written, it is not in the archive either: else each run would add one. */
async function removeOriginal({ files }: FolderContext, { from, to, seen }: MoveOut): Promise<void> {
  // Copying or the check of the link has proved the change time; other names of the file that are archived meanwhile move it.
  const last = await look(files, from);
  if (last === undefined || !isSameFile(last, seen)) throw changed(seen.path);
  try {
    await files.unlink(from);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    const rest = await look(files, from);
    if (rest !== undefined && isSameFile(rest, seen)) await files.unlink(to);
    throw error;
  }
}

/** Only while the file has its other name, too. */
async function removeSecondName(files: FileSystem, name: string, other: string): Promise<void> {
  const [one, two] = [await look(files, name), await look(files, other)];
  if (one !== undefined && two !== undefined && inodeOf(one) === inodeOf(two)) await files.unlink(name);
}

/** Read back from the disk that it was written to. */
async function digestOf(files: FileSystem, absolute: string, path: string): Promise<string> {
  const handle = await files.open(absolute, "read");
  try {
    const hash = createHash("sha256");
    const { size } = await handle.stat();
    for await (const chunk of readRange(handle, { start: 0, end: Number(size), path }, "reuse")) hash.update(chunk);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

/** The same in every run, so that what a killed one left gives way; one for each path, for two may be links to one file. */
function partialName({ path, inode }: LocalFile): string {
  return `.${createHash("sha256").update(`${inode} ${path}`).digest("hex").slice(0, 32)}.trisync-part`;
}
