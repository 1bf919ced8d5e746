import type { BigIntStats } from "node:fs";
import type { LocalFile } from "../model/entry.js";
import { changed } from "./errors.js";
import { inodeOf, modifiedMsOf, timesOf } from "./stamp.js";

/** Throws "changed" unless the disk shows the very file that was seen. */
export function assertSeen(stats: BigIntStats | undefined, seen: LocalFile): asserts stats is BigIntStats {
  if (stats === undefined || !isSeen(stats, seen)) throw changed(seen.path);
}

/** By its stamp; where there is none (racy), by all that is known besides. */
export function isSeen(stats: BigIntStats, seen: LocalFile): boolean {
  return isSameFile(stats, seen) && (seen.stamp === "" || timesOf(stats) === seen.stamp);
}

/** As `isSeen`, but whatever the change time: linking and renaming a file move that one without touching the content. */
export function isSameFile(stats: BigIntStats, seen: LocalFile): boolean {
  return (
    stats.isFile() &&
    inodeOf(stats) === seen.inode &&
    Number(stats.size) === seen.sizeBytes &&
    modifiedMsOf(stats) === seen.modifiedMs
  );
}
