import fs from "node:fs";
import type { BigIntStats, Dirent } from "node:fs";

/** An open file. Offsets and lengths in bytes. */
export interface FileHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes all of it. */
  write(buffer: Uint8Array, position: number): Promise<void>;
  stat(): Promise<BigIntStats>;
  sync(): Promise<void>;
  setTimes(modifiedMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The calls to the disk that trisync makes, and no others: tests run the same code on a simulated disk that loses what was
 * not synced. Paths are absolute. All reject with Node's system errors (`code` ENOENT, EEXIST, ENOSPC …).
 */
export interface FileSystem {
  lstatSync(path: string): BigIntStats | undefined;
  lstat(path: string): Promise<BigIntStats>;
  readdir(path: string): Promise<string[]>;
  /** For fast-glob, which wants the callback form. */
  readdirWithTypes(path: string, done: (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void): void;
  open(path: string, mode: "read" | "create" | "read-write"): Promise<FileHandle>;
  mkdir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; rejects with EEXIST rather than replacing, which `rename` does not. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  /** Makes a folder's entries durable. */
  syncFolder(path: string): Promise<void>;
  freeBytes(path: string): Promise<number>;
  realpath(path: string): Promise<string>;
}

export const nodeFileSystem: FileSystem = {
  lstatSync: (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  lstat: (path) => fs.promises.lstat(path, { bigint: true }),
  readdir: (path) => fs.promises.readdir(path),
  readdirWithTypes: (path, done) => {
    fs.readdir(path, { withFileTypes: true }, done);
  },
  open: openNodeFile,
  mkdir: (path) => fs.promises.mkdir(path),
  rename: (from, to) => fs.promises.rename(from, to),
  link: (from, to) => fs.promises.link(from, to),
  unlink: (path) => fs.promises.unlink(path),
  rmdir: (path) => fs.promises.rmdir(path),
  syncFolder: async (path) => {
    const handle = await fs.promises.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.promises.statfs(path);
    return bavail * bsize;
  },
  realpath: (path) => fs.promises.realpath(path),
};

const FLAGS = {
  read: fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW,
  create: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_NOFOLLOW,
  "read-write": fs.constants.O_RDWR | fs.constants.O_NOFOLLOW,
} as const;

async function openNodeFile(path: string, mode: keyof typeof FLAGS): Promise<FileHandle> {
  const handle = await fs.promises.open(path, FLAGS[mode], 0o666);
  return {
    read: async (buffer, offset, length, position) => (await handle.read(buffer, offset, length, position)).bytesRead,
    write: async (buffer, position) => {
      for (let done = 0; done < buffer.length; ) {
        done += (await handle.write(buffer, done, buffer.length - done, position + done)).bytesWritten;
      }
    },
    stat: () => handle.stat({ bigint: true }),
    sync: () => handle.sync(),
    setTimes: (modifiedMs) => handle.utimes(modifiedMs / 1000, modifiedMs / 1000),
    close: () => handle.close(),
  };
}
