import { createHash } from "node:crypto";
import { join } from "node:path";
import { createHasher } from "../hash/hasher.js";
import { LocalError } from "../model/errors.js";
import type { Algorithms } from "../model/hash.js";
import { DiskPartial, removeFile } from "./disk-partial.js";
import { explainErrors, hasCode } from "./errors.js";
import type { FileHandle, FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { findOwnFolder, makeOwnFolder, TEMPORARY } from "./own-folder.js";
import { temporaryName } from "./owner.js";
import { readRange } from "./read-range.js";

export interface PartialOptions {
  readonly key: string;
  readonly algorithms: Algorithms;
  /** Of the whole content. */
  readonly sizeBytes: number | undefined;
}

/** Opens the temporary file for `key`: what an earlier run left of it, or a new one. */
export async function openPartial(context: FolderContext, options: PartialOptions): Promise<DiskPartial> {
  return explainErrors("write a temporary file in", context.root, async () => {
    const name = freeName(context, options.key);
    context.partials.add(name);
    try {
      const kept = await openKept(context, name, options);
      const partial = kept ?? (await createPartial(context, name, options));
      await assertRoom(context, partial, options.sizeBytes);
      return partial;
    } catch (error) {
      context.partials.delete(name);
      throw error;
    }
  });
}

/** Keys may be long and hold any character, names may not. Equal keys at one time get names of their own. */
function freeName(context: FolderContext, key: string): string {
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 40);
  let name = temporaryName(context, `${digest}.part`);
  for (let i = 2; context.partials.has(name); i++) name = temporaryName(context, `${digest}-${i}.part`);
  return name;
}

async function createPartial(context: FolderContext, name: string, options: PartialOptions): Promise<DiskPartial> {
  const { algorithms, sizeBytes: expectedBytes } = options;
  const absolute = join(await makeOwnFolder(context, TEMPORARY), name);
  await assertFits(context, expectedBytes ?? 0);
  const handle = await createFile(context.files, absolute);
  const start = { handle, hasher: createHasher(...algorithms), sizeBytes: 0 };
  return new DiskPartial({ context, name, absolute, algorithms, expectedBytes }, start);
}

/** Goes on with a file an earlier run left. Its bytes are hashed anew, because a crash may have spoiled them. */
async function openKept(
  context: FolderContext,
  name: string,
  { algorithms, sizeBytes: expectedBytes }: PartialOptions,
): Promise<DiskPartial | undefined> {
  const folder = await findOwnFolder(context, TEMPORARY);
  if (folder === undefined) return undefined;
  const absolute = join(folder, name);
  const stats = await look(context.files, absolute);
  // A second name means that a crash came between placing the file and removing this name: its bytes are in use.
  const isOurs =
    stats !== undefined &&
    stats.isFile() &&
    stats.nlink === 1n &&
    Number(stats.size) <= (expectedBytes ?? Number.POSITIVE_INFINITY);
  if (!isOurs) return undefined;
  const handle = await context.files.open(absolute, "read-write");
  try {
    const hasher = createHasher(...algorithms);
    const range = { start: 0, end: Number(stats.size), path: absolute };
    for await (const chunk of readRange(handle, range, "reuse")) hasher.update(chunk);
    const start = { handle, hasher, sizeBytes: range.end };
    return new DiskPartial({ context, name, absolute, algorithms, expectedBytes }, start);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function assertRoom(context: FolderContext, partial: DiskPartial, sizeBytes: number | undefined): Promise<void> {
  if (partial.sizeBytes === 0 || sizeBytes === undefined) return;
  try {
    await assertFits(context, sizeBytes - partial.sizeBytes);
  } catch (error) {
    await partial.close();
    throw error;
  }
}

async function assertFits(context: FolderContext, bytes: number): Promise<void> {
  const free = await context.files.freeBytes(context.root);
  if (bytes <= free) return;
  const words = `${bytes} bytes are needed and ${free} are free; free some space, then run again`;
  throw new LocalError("full", `no room for a file in ${JSON.stringify(context.root)}: ${words}`);
}

/** A leftover that cannot be gone on with gives way: its bytes may be in use under another name, so it is not emptied. */
async function createFile(files: FileSystem, absolute: string): Promise<FileHandle> {
  try {
    return await files.open(absolute, "create");
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  await removeFile(files, absolute);
  return files.open(absolute, "create");
}
