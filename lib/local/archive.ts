import { dirname, join } from "node:path";
import type { LocalFile } from "../model/entry.js";
import { createArchiveFolder } from "./archive-folder.js";
import { explainErrors, hasCode } from "./errors.js";
import type { FileHandle, FileSystem } from "./file-system.js";
import { createContext } from "./folder-context.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import { look } from "./look.js";
import { assertSeen } from "./seen.js";
import { inodeOf } from "./stamp.js";
import { moveOut } from "./move-out.js";
import { cutToName, numbered } from "./trash-name.js";

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
  return {
    store: (seen) => takeAway(context, { ...options, seen }, (from, to) => moveOut(context, { from, to, seen })),
  };
}

/** As an archive, for files the service will never take: each gets a text file with the reason beside it. */
export function createErrorFolder(options: ArchiveOptions): {
  reject(seen: LocalFile, reason: string): Promise<string>;
} {
  const context = createContext({ root: options.root, files: options.files, runId: "", now: () => 0 });
  return {
    reject: (seen, reason) =>
      takeAway(context, { ...options, seen }, (from, to) =>
        withReason(context.files, { place: to, reason }, () => moveOut(context, { from, to, seen })),
      ),
  };
}

/** `move` answers false when the name is taken. Resolves to where the file is now. */
async function takeAway(
  context: FolderContext,
  { folder, date, seen }: ArchiveOptions & { readonly seen: LocalFile },
  move: (from: string, to: string) => Promise<boolean>,
): Promise<string> {
  return explainErrors(`move into ${folder} the file`, seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    assertSeen(stats, seen);
    const names = seen.path.split("/");
    const target = await createArchiveFolder(context.files, join(folder, date), names.slice(0, -1));
    for (let number = 1; ; number++) {
      const place = join(target, numbered(names.at(-1) ?? "", number));
      const there = await look(context.files, place);
      // A run that was killed had given the file its new name, and not yet taken the old one.
      const isThisFile = there !== undefined && inodeOf(there) === seen.inode;
      if (there !== undefined && !isThisFile) continue;
      if (isThisFile ? await moveOut(context, { from: absolute, to: place, seen }) : await move(absolute, place)) {
        return place;
      }
    }
  });
}

/** The reason comes first, so that no refused file is ever without one, and goes again where the file stays. */
async function withReason(
  files: FileSystem,
  { place, reason }: { readonly place: string; readonly reason: string },
  move: () => Promise<boolean>,
): Promise<boolean> {
  const written = await writeReason(files, place, reason);
  let isMoved = false;
  try {
    isMoved = await move();
  } finally {
    if (!isMoved) await files.unlink(written);
  }
  return isMoved;
}

/** Beside the file, under a numbered name where something else has the plain one. Resolves to its name. */
async function writeReason(files: FileSystem, place: string, reason: string): Promise<string> {
  const { handle, name } = await openNew(files, place);
  try {
    await handle.write(Buffer.from(`${reason}\n`), 0);
    await handle.sync();
  } catch (error) {
    await files.unlink(name).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return name;
}

async function openNew(files: FileSystem, place: string): Promise<{ handle: FileHandle; name: string }> {
  const folder = dirname(place);
  for (let number = 1; ; number++) {
    const ending = number === 1 ? ".reason.txt" : `.reason (${number}).txt`;
    const name = join(folder, cutToName(place.slice(folder.length + 1), ending));
    try {
      return { handle: await files.open(name, "create"), name };
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}
