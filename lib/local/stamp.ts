import type { BigIntStats } from "node:fs";

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MS = 1e6;

/** Longer than any clock tick of the kernel. Disks that keep whole seconds only are given two of them. */
const FINE_TICK_MS = 50;
const COARSE_TICK_MS = 2000;

/** "device:inode": a rename keeps it, a replacement does not. */
export function inodeOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** To the nearest millisecond: disks that keep less than nanoseconds may store a little less than was asked for. */
export function modifiedMsOf(stats: BigIntStats): number {
  return Math.round(Number(stats.mtimeNs) / NS_PER_MS);
}

/**
 * Inode and both times: equal ones mean untouched content, unless they are as fresh as `isRacy` says. Without the device,
 * whose number may be another after every restart, and must not have every file read again.
 */
export function timesOf(stats: BigIntStats): string {
  return `${stats.ino}|${stats.mtimeNs}|${stats.ctimeNs}`;
}

/** When the file was last changed or renamed, from its stamp; undefined for an empty one. */
export function changedMsOf(stamp: string): number | undefined {
  return stamp === "" ? undefined : Number(BigInt(stamp.slice(stamp.lastIndexOf("|") + 1)) / 1_000_000n);
}

/** What is known of a file's change time: "ours" when this run itself wrote or renamed the file a moment ago. */
export type Touched = "by anyone" | "ours";

/**
 * The stamp of a file that was looked at just before `nowMs`; empty when it is racy: touched so recently that a write
 * right after the look could leave the very same times.
 * A file this run put there has a fresh change time for that reason; a later write would still move its modification time.
 */
export function stampOf(stats: BigIntStats, nowMs: number, touched: Touched): string {
  const tickMs = stats.ctimeNs % NS_PER_SECOND === 0n ? COARSE_TICK_MS : FINE_TICK_MS;
  const isFresh = (timeNs: bigint): boolean => Math.abs(nowMs - Number(timeNs) / NS_PER_MS) < tickMs;
  const isRacy = isFresh(stats.mtimeNs) || (touched === "by anyone" && isFresh(stats.ctimeNs));
  return isRacy ? "" : timesOf(stats);
}
