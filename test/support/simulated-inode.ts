import type { BigIntStats } from "node:fs";
import type { FolderEntry } from "../../lib/local/file-system.js";

export type InodeKind = "file" | "folder" | "link" | "pipe" | "socket" | "device";

/** What a file is at one moment: the part of an inode that a power loss can take back. */
export interface FileState {
  readonly bytes: Buffer;
  readonly modifiedNs: bigint;
  readonly mode: number;
}

/** A file, folder or other thing on a `SimulatedDisk`. */
export interface Inode {
  readonly number: bigint;
  readonly kind: InodeKind;
  /** Capacity may exceed `size`. */
  bytes: Buffer;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  modifiedNs: bigint;
  changedNs: bigint;
  links: number;
  /** Of a symbolic link. */
  readonly target: string;
  /** Of a folder: by folded name. */
  readonly entries: Map<string, { readonly name: string; readonly inode: Inode }>;
  /** As last synced; undefined when it never was. */
  durable: FileState | undefined;
}

const DEVICE = 1n;

export function toStats(inode: Inode): BigIntStats {
  const modifiedMs = inode.modifiedNs / 1_000_000n;
  const changedMs = inode.changedNs / 1_000_000n;
  return {
    ...typeTests(inode.kind),
    dev: DEVICE,
    ino: inode.number,
    mode: BigInt(inode.mode),
    nlink: BigInt(inode.links),
    uid: BigInt(inode.uid),
    gid: BigInt(inode.gid),
    rdev: 0n,
    size: BigInt(inode.size),
    blksize: 4096n,
    blocks: BigInt(Math.ceil(inode.size / 512)),
    atimeMs: modifiedMs,
    mtimeMs: modifiedMs,
    ctimeMs: changedMs,
    birthtimeMs: changedMs,
    atimeNs: inode.modifiedNs,
    mtimeNs: inode.modifiedNs,
    ctimeNs: inode.changedNs,
    birthtimeNs: inode.changedNs,
    atime: new Date(Number(modifiedMs)),
    mtime: new Date(Number(modifiedMs)),
    ctime: new Date(Number(changedMs)),
    birthtime: new Date(Number(changedMs)),
  };
}

export function toFolderEntry(name: string, inode: Inode): FolderEntry {
  return { ...typeTests(inode.kind), name };
}

function typeTests(kind: InodeKind) {
  return {
    isFile: () => kind === "file",
    isDirectory: () => kind === "folder",
    isSymbolicLink: () => kind === "link",
    isFIFO: () => kind === "pipe",
    isSocket: () => kind === "socket",
    isBlockDevice: () => kind === "device",
    isCharacterDevice: () => false,
  };
}
