import type { BigIntStats } from "node:fs";
import type { LocalEntry, LocalFile, LocalSpecial } from "../model/entry.js";
import type { SyncPath } from "../model/path.js";
import { inodeOf, modifiedMsOf, stampOf } from "./stamp.js";
import type { Touched } from "./stamp.js";

export interface Look {
  readonly stats: BigIntStats;
  /** The clock right after the look. */
  readonly nowMs: number;
  readonly touched: Touched;
}

/** What the disk shows at `path`, in the words of the model. */
export function describe(path: SyncPath, look: Look): LocalEntry {
  const { stats } = look;
  if (stats.isFile()) return describeFile(path, look);
  if (stats.isDirectory()) return { kind: "folder", path, inode: inodeOf(stats) };
  return { kind: "special", path, type: typeOf(stats) };
}

export function describeFile(path: SyncPath, { stats, nowMs, touched }: Look): LocalFile {
  return {
    kind: "file",
    path,
    sizeBytes: Number(stats.size),
    modifiedMs: modifiedMsOf(stats),
    inode: inodeOf(stats),
    stamp: stampOf(stats, nowMs, touched),
  };
}

function typeOf(stats: BigIntStats): LocalSpecial["type"] {
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return "device";
}
