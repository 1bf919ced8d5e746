import { createReadStream } from "node:fs";
import { lstat, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CloudAccount } from "./cloud-account.js";
import { createSha256 } from "./digest.js";
import type { Digest } from "./digest.js";

/** What stands on one side: content hashes by relative path, null for folders. */
export type Standing = ReadonlyMap<string, string | null>;

/** One side of a job as somebody else sees and edits it, whatever it is. Paths are relative to its root. */
export interface Side {
  read(): Promise<Standing>;
  write(path: string, content: Buffer): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Of a file, or of a folder with all that is in it. */
  delete(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Hashes of what was replaced or deleted and can be brought back. */
  trashed(): Promise<ReadonlySet<string>>;
  /** Temporary files that are still there. */
  leftovers(): Promise<readonly string[]>;
}

/** `createDigest`: the hash of the other side, so that the two can be compared. */
export function createDiskSide(root: string, createDigest: () => Digest = createSha256): Side {
  const place = (path: string): string => join(root, path);
  return {
    read: () => readDisk(root, isSynced, createDigest),
    write: async (path, content) => {
      await mkdir(dirname(place(path)), { recursive: true });
      await writeFile(place(path), content);
    },
    makeFolder: async (path) => {
      await mkdir(place(path), { recursive: true });
    },
    delete: (path) => rm(place(path), { recursive: true }),
    move: async (from, to) => {
      await mkdir(dirname(place(to)), { recursive: true });
      await rename(place(from), place(to));
    },
    trashed: async () => {
      const trash = await readDisk(place(".trisync/trash"), () => true, createDigest);
      return new Set([...trash.values()].filter((hash) => hash !== null));
    },
    leftovers: async () => [...(await readDisk(place(".trisync/tmp"), () => true)).keys()],
  };
}

export function createCloudSide(account: CloudAccount, folder: string): Side {
  const place = (path: string): string => `${folder}/${path}`;
  return {
    read: () => account.hashes(folder),
    write: (path, content) => account.write(place(path), content),
    makeFolder: (path) => account.mkdir(place(path)),
    delete: (path) => account.delete(place(path)),
    move: (from, to) => account.move(place(from), place(to)),
    trashed: () => account.deletedHashes(),
    leftovers: async () => [...(await account.hashes(folder)).keys()].filter((path) => account.isTemporary(path)),
  };
}

/** True for all that people have put there. */
export function isSynced(path: string): boolean {
  return path !== ".trisync";
}

/** Hashes all files below a folder, which may be missing. Links and other special files are left out. */
export async function readDisk(
  root: string,
  includes: (path: string) => boolean,
  createDigest: () => Digest = createSha256,
): Promise<Standing> {
  const found: [string, string | null][] = [];
  const walk = async (folder: string, prefix: string): Promise<void> => {
    for (const name of await namesIn(folder)) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      if (!includes(path)) continue;
      const absolute = join(folder, name);
      const stats = await lstat(absolute);
      if (stats.isFile()) found.push([path, await hashFile(absolute, createDigest())]);
      if (!stats.isDirectory()) continue;
      found.push([path, null]);
      await walk(absolute, path);
    }
  };
  await walk(root, "");
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** The hash of a file that may be too large for memory. */
export async function hashFile(absolute: string, digest: Digest): Promise<string> {
  const { size } = await lstat(absolute);
  if (size <= CHUNK_BYTES) digest.update(await readFile(absolute));
  else {
    const stream: AsyncIterable<Buffer> = createReadStream(absolute, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) digest.update(chunk);
  }
  return digest.finish();
}

/** Hashes of the files alone. */
export function contentsOf(standing: Standing): ReadonlySet<string> {
  return new Set([...standing.values()].filter((hash) => hash !== null));
}
