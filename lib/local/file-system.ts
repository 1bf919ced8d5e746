import fs from "node:fs";
import type { BigIntStats, Dirent } from "node:fs";

/** A name in a folder and what it names, as far as listing the folder tells. */
export type FolderEntry = Pick<
  Dirent,
  "name" | "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice"
>;

/** An open file. Offsets and lengths in bytes. */
export interface FileHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes all of it. */
  write(buffer: Uint8Array, position: number): Promise<void>;
  stat(): Promise<BigIntStats>;
  sync(): Promise<void>;
  setTimes(modifiedMs: number): Promise<void>;
  /** Permission bits only. */
  setMode(mode: number): Promise<void>;
  setOwner(uid: number, gid: number): Promise<void>;
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
  readdirWithTypes(path: string, done: (error: NodeJS.ErrnoException | null, entries: FolderEntry[]) => void): void;
  /** "create" makes a new file with the permissions of any new file. Never waits for the other end of a pipe. */
  open(path: string, mode: "read" | "create" | "read-write"): Promise<FileHandle>;
  /** `permissions` are those of any new folder unless given; the umask applies. */
  mkdir(path: string, permissions?: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; rejects with EEXIST rather than replacing, which `rename` does not. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  /** Makes a folder's entries durable, where the platform can do so for folders. */
  syncFolder(path: string): Promise<void>;
  freeBytes(path: string): Promise<number>;
  realpath(path: string): Promise<string>;
}

export const nodeFileSystem: FileSystem = {
  lstatSync: (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  lstat: createLstat(),
  readdir: (path) => fs.promises.readdir(path),
  readdirWithTypes: (path, done) => {
    fs.readdir(path, { withFileTypes: true }, done);
  },
  open: openNodeFile,
  mkdir: (path, permissions) => fs.promises.mkdir(path, { mode: permissions ?? 0o777 }),
  rename: (from, to) => fs.promises.rename(from, to),
  link: (from, to) => fs.promises.link(from, to),
  unlink: (path) => fs.promises.unlink(path),
  rmdir: (path) => fs.promises.rmdir(path),
  syncFolder: syncNodeFolder,
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.promises.statfs(path);
    return bavail * bsize;
  },
  realpath: (path) => fs.promises.realpath(path),
};

/** A disk that takes longer than this for one look is not waited for with everything else standing still. */
const SLOW_MS = 5;

/** After a slow look, so many go to the thread pool before the disk is tried again. */
const LOOKS_UNTIL_RETRY = 1000;

/**
 * Looking at a path takes microseconds where the system has it in memory, and ten times that on the way to the thread pool and back,
 * which a transfer of a small file would go a dozen times. So it looks at once, unless the disk turns out to be slow.
 */
function createLstat(): FileSystem["lstat"] {
  let looksUntilRetry = 0;
  return async (path) => {
    if (looksUntilRetry > 0) {
      looksUntilRetry -= 1;
      return fs.promises.lstat(path, { bigint: true });
    }
    const startMs = performance.now();
    try {
      return fs.lstatSync(path, { bigint: true });
    } finally {
      if (performance.now() - startMs > SLOW_MS) looksUntilRetry = LOOKS_UNTIL_RETRY;
    }
  };
}

/** Windows opens no folders, and some network disks know no fsync of one: they write entries through by themselves. */
const NO_FOLDER_SYNC: ReadonlySet<string> = new Set(["EISDIR", "EINVAL", "EPERM", "ENOTSUP", "ENOSYS", "EBADF"]);

async function syncNodeFolder(path: string): Promise<void> {
  try {
    const handle = await fs.promises.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (typeof code !== "string" || !NO_FOLDER_SYNC.has(code)) throw error;
  }
}

/** Without O_NONBLOCK, opening a pipe that took a file's place would wait for ever. Windows knows neither flag. */
const { O_NOFOLLOW: NO_FOLLOW = 0, O_NONBLOCK: NO_WAIT = 0 }: { O_NOFOLLOW?: number; O_NONBLOCK?: number } =
  fs.constants;

const FLAGS = {
  read: fs.constants.O_RDONLY | NO_FOLLOW | NO_WAIT,
  create: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | NO_FOLLOW,
  "read-write": fs.constants.O_RDWR | NO_FOLLOW | NO_WAIT,
} as const;

async function openNodeFile(path: string, mode: keyof typeof FLAGS): Promise<FileHandle> {
  const handle = await fs.promises.open(path, FLAGS[mode], 0o666);
  return {
    read: async (buffer, offset, length, position) => (await handle.read(buffer, offset, length, position)).bytesRead,
    write: async (buffer, position) => {
      for (let done = 0; done < buffer.length;) {
        done += (await handle.write(buffer, done, buffer.length - done, position + done)).bytesWritten;
      }
    },
    stat: () => handle.stat({ bigint: true }),
    sync: () => handle.sync(),
    setTimes: (modifiedMs) => {
      // Node takes a negative number for "now", but not a date before 1970.
      const time = modifiedMs < 0 ? new Date(modifiedMs) : modifiedMs / 1000;
      return handle.utimes(time, time);
    },
    setMode: (mode) => handle.chmod(mode),
    setOwner: (uid, gid) => handle.chown(uid, gid),
    close: () => handle.close(),
  };
}
