import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { LocalFile } from "../model/entry.js";
import { copyBytes } from "./copy-bytes.js";
import { LocalError } from "../model/errors.js";
import { changed, explainErrors, hasCode } from "./errors.js";
import type { FileHandle, FileSystem } from "./file-system.js";
import { createContext } from "./folder-context.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import { look } from "./look.js";
import { readRange } from "./read-range.js";
import { placeNew } from "./place-new.js";
import { assertSeen, isSameFile } from "./seen.js";
import { numbered } from "./trash-name.js";

export interface ArchiveOptions {
  readonly files: FileSystem;
  /** The local root, from which files are taken. Absolute. */
  readonly root: string;
  /** Where they go. Absolute, outside the root; made when needed. */
  readonly folder: string;
  /** "2026-03-01": files of one day share a folder. */
  readonly date: string;
}

/**
 * Takes files out of an outbox: to `<folder>/<date>/<path>`, or under a numbered name where that is taken; nothing is ever
 * replaced. On another disk the file is copied, verified and synced before the original goes.
 */
export function createArchive(options: ArchiveOptions): { store(seen: LocalFile): Promise<string> } {
  const context = createContext({ root: options.root, files: options.files, runId: "", now: () => 0 });
  return { store: (seen) => takeAway(context, options, seen) };
}

/** As an archive, for files the service will never take: each gets a text file with the reason beside it. */
export function createErrorFolder(options: ArchiveOptions): {
  reject(seen: LocalFile, reason: string): Promise<string>;
} {
  const context = createContext({ root: options.root, files: options.files, runId: "", now: () => 0 });
  return {
    reject: async (seen, reason) => {
      const place = await takeAway(context, options, seen);
      await explainErrors("write the reason beside", place, () => writeReason(options.files, place, reason));
      return place;
    },
  };
}

async function takeAway(context: FolderContext, { folder, date }: ArchiveOptions, seen: LocalFile): Promise<string> {
  return explainErrors("move to the archive", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    assertSeen(stats, seen);
    const target = join(folder, date, ...seen.path.split("/"));
    await makeFolders(context.files, dirname(target));
    for (let number = 1; ; number++) {
      const place = join(dirname(target), numbered(target.slice(dirname(target).length + 1), number));
      if (await moveTo(context, { from: absolute, to: place, seen })) return place;
    }
  });
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly seen: LocalFile;
}

/** False when the name is taken. */
async function moveTo(context: FolderContext, move: Move): Promise<boolean> {
  if ((await look(context.files, move.to)) !== undefined) return false;
  try {
    return await placeNew(context, move.from, move.to);
  } catch (error) {
    if (!hasCode(error, "EXDEV")) throw error;
    return moveAcrossDisks(context, move);
  }
}

/** The copy is whole and durable, and the original still the one that was copied, before the original goes. */
async function moveAcrossDisks(context: FolderContext, { from, to, seen }: Move): Promise<boolean> {
  const partial = join(dirname(to), partialName(seen));
  await context.files.unlink(partial).catch(() => undefined);
  await copyBytes(context, { from, to: partial, path: seen.path });
  if (!(await holdSame(context.files, { one: from, other: partial, path: seen.path }))) {
    await context.files.unlink(partial);
    throw new LocalError(
      "failed",
      `move to the archive ${seen.path}: the copy on the other disk is not like the original`,
    );
  }
  if (!(await placeNew(context, partial, to))) {
    await context.files.unlink(partial);
    return false;
  }
  // Copying has proved the change time; another name of the same file that was archived meanwhile moves it.
  const last = await look(context.files, from);
  if (last === undefined || !isSameFile(last, seen)) throw changed(seen.path);
  await context.files.unlink(from);
  await context.syncFolder(dirname(from));
  return true;
}

/** Read back from the disk that it was written to. */
async function holdSame(
  files: FileSystem,
  { one, other, path }: { readonly one: string; readonly other: string; readonly path: string },
): Promise<boolean> {
  const [a, b] = [await digestOf(files, one, path), await digestOf(files, other, path)];
  return a === b;
}

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

async function makeFolders(files: FileSystem, folder: string): Promise<void> {
  const stats = await look(files, folder);
  if (stats?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolders(files, dirname(folder));
  try {
    await files.mkdir(folder);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  await files.syncFolder(dirname(folder));
}

/** Beside the file, under a numbered name where an earlier reason has the plain one. */
async function writeReason(files: FileSystem, place: string, reason: string): Promise<void> {
  const handle = await openNew(files, place);
  try {
    await handle.write(Buffer.from(`${reason}\n`), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openNew(files: FileSystem, place: string): Promise<FileHandle> {
  for (let number = 1; ; number++) {
    try {
      return await files.open(
        number === 1 ? `${place}.reason.txt` : `${place}.reason (${String(number)}).txt`,
        "create",
      );
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}
