import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { makeFolder } from "./make-folder.js";
import { isBusy, isDamage, translateError } from "./sql-errors.js";
import { connect } from "./sqlite.js";
import type { Connection } from "./sqlite.js";

export interface HolderInfo {
  readonly pid: number;
  readonly startedMs: number;
}

export interface Lock {
  release(): void;
}

export interface Refused {
  /** For the message: "process 123, running since 2026-03-01 09:30:00 UTC". */
  readonly heldBy: string;
}

/**
 * The lock lies on this file, and the kernel takes it away when the process dies, however it dies. Nothing else may open the file: on
 * POSIX systems, closing any other handle to it would give up the lock of the process.
 */
const LOCK_FILE = "lock.sqlite";

/** Who holds the lock; only ever shown, never believed. */
const HOLDER_FILE = "holder.json";

const POLL_MS = 200;

/** One run of a job at a time. Decides at once. Throws `UsageError` or `LocalError` when `dir` cannot hold a lock. */
export function acquireLock(dir: string, info: HolderInfo): Lock | Refused {
  const path = join(dir, LOCK_FILE);
  try {
    makeFolder(dir);
    const connection = lockFile(path);
    if (connection === undefined) return { heldBy: describeHolder(dir) };
    writeHolder(dir, info);
    return toLock(connection, dir);
  } catch (error) {
    throw translateError(error, path);
  }
}

/** As `acquireLock`, asking again until `timeoutMs` have passed. Rejects with the reason of an aborted `signal`. */
export async function waitForLock(
  dir: string,
  info: HolderInfo,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Lock | Refused> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const lock = acquireLock(dir, info);
    const leftMs = deadline - performance.now();
    if (!("heldBy" in lock) || leftMs <= 0) return lock;
    await waitFor(Math.min(POLL_MS, leftMs), signal);
  }
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Undefined when another process holds it. */
function lockFile(path: string): Connection | undefined {
  try {
    return beginExclusive(path);
  } catch (error) {
    if (isBusy(error)) return undefined;
    if (!isDamage(error)) throw error;
    // Whoever held the lock would have been met before the damage, so the file is free; emptied in place, it remains one file.
    truncateSync(path);
    return retryExclusive(path);
  }
}

function retryExclusive(path: string): Connection | undefined {
  try {
    return beginExclusive(path);
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function beginExclusive(path: string): Connection {
  const connection = connect(path, { readOnly: false, defensive: false });
  try {
    connection.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function toLock(connection: Connection, dir: string): Lock {
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      // While the lock is still held: afterwards the file may be the next holder's.
      rmSync(join(dir, HOLDER_FILE), { force: true });
      connection.close();
    },
  };
}

function writeHolder(dir: string, info: HolderInfo): void {
  const path = join(dir, HOLDER_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(info), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function describeHolder(dir: string): string {
  const info = readHolder(dir);
  if (info === undefined) return "another process";
  const since = new Date(info.startedMs).toISOString().replace("T", " ").replace(/\..*$/, " UTC");
  return `process ${info.pid}, running since ${since}`;
}

function readHolder(dir: string): HolderInfo | undefined {
  try {
    const info: unknown = JSON.parse(readFileSync(join(dir, HOLDER_FILE), "utf8"));
    return isHolder(info) ? info : undefined;
  } catch {
    // Not written yet, or removed just now: the lock is what counts.
    return undefined;
  }
}

function isHolder(value: unknown): value is HolderInfo {
  if (typeof value !== "object" || value === null || !("pid" in value) || !("startedMs" in value)) return false;
  return typeof value.pid === "number" && typeof value.startedMs === "number" && Math.abs(value.startedMs) < 8.64e15;
}
