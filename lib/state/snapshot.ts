import { closeSync, constants, copyFileSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { openDatabase } from "./database.js";

const ATTEMPTS = 5;

/** A file system stamps changes by the tick of its clock; one made in the same tick as a look at the file is not seen by the next look. */
const TICK_MS = 50;

const LOG_HEADER_BYTES = 32;

export type CopyFile = (from: string, to: string) => void;

/** Costs nothing where the file system shares blocks between files. */
const cloneFile: CopyFile = (from, to) => {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
};

/**
 * Copies a database with its log, without touching either, also while another process writes to it. The log of one generation only
 * grows, and what is carried over from it into the database stays in it until the next generation. So the database copied
 * first and its log second are a whole, however old the pages of the first are, if the log is of one generation throughout. Without a log, the
 * database itself must not have changed. Should writers never leave a gap, SQLite makes the copy, which marks its place in the shared index.
 */
export function copyDatabase(source: string, target: string, copyFile: CopyFile = cloneFile): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = look(source);
    if (before.log === undefined && Date.now() - before.modifiedMs < TICK_MS && Date.now() >= before.modifiedMs) {
      sleep(TICK_MS);
      continue;
    }
    copyFile(source, target);
    copyLog(source, target, copyFile);
    if (isUnchanged(before, look(source))) return;
    removeDatabase(target);
  }
  const db = openDatabase(source, { readOnly: true, pragmas: ["busy_timeout = 5000"] });
  try {
    db.run("VACUUM INTO ?", target);
  } finally {
    db.close();
  }
}

export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

interface Look {
  readonly file: string;
  readonly content: string;
  readonly modifiedMs: number;
  /** The header of the log, which holds random numbers of its generation; undefined when there is no log or nothing in it. */
  readonly log: string | undefined;
}

function look(path: string): Look {
  const { dev, ino, size, mtimeNs, mtimeMs } = statSync(path, { bigint: true });
  return {
    file: `${dev}:${ino}`,
    content: `${size}:${mtimeNs}`,
    modifiedMs: Number(mtimeMs),
    log: logHeader(`${path}-wal`),
  };
}

function isUnchanged(before: Look, after: Look): boolean {
  if (before.file !== after.file || before.log !== after.log) return false;
  return before.log !== undefined || before.content === after.content;
}

function logHeader(path: string): string | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const header = Buffer.alloc(LOG_HEADER_BYTES);
      return readSync(file, header) === 0 ? undefined : header.toString("hex");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function copyLog(source: string, target: string, copyFile: CopyFile): void {
  try {
    copyFile(`${source}-wal`, `${target}-wal`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
