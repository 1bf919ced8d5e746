import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalError } from "../model/errors.js";
import { openDatabase } from "./database.js";
import { latestRuns } from "./runs.js";
import { FORMAT_VERSION } from "./schema.js";
import { copyDatabase } from "./snapshot.js";
import { translateError } from "./sql-errors.js";
import { STATE_FILE } from "./state-file.js";
import type { RunRecord } from "./types.js";

/**
 * The latest runs of the job in `dir`, newest first, without writing to its state, also while a run is at work. None when
 * there is no state. Throws `LocalError` when it is damaged or of a newer version.
 */
export function readRuns(dir: string, limit: number): readonly RunRecord[] {
  const path = join(dir, STATE_FILE);
  if (!existsSync(path)) return [];
  try {
    return readInPlace(path, limit) ?? readCopy(path, limit);
  } catch (error) {
    throw translateError(causeOf(error), path);
  }
}

/** Of a copy, the words would name a place that is gone by now. */
function causeOf(error: unknown): unknown {
  return error instanceof LocalError && error.cause !== undefined ? error.cause : error;
}

/** Undefined when that cannot be done: an older SQLite, a log without its index, or a run that began meanwhile. */
function readInPlace(path: string, limit: number): readonly RunRecord[] | undefined {
  try {
    return hasLog(path) ? readBesideWriter(path, limit) : readAtRest(path, limit);
  } catch {
    return undefined;
  }
}

/** A reader marks its place in the index that the writers of a log share, and touches nothing else. Without an index it would create one. */
function readBesideWriter(path: string, limit: number): readonly RunRecord[] | undefined {
  return existsSync(`${path}-shm`) ? readFrom(path, limit) : undefined;
}

/** "Immutable" keeps SQLite from creating anything beside the file; it is true if there still is no log afterwards, nor another file. */
function readAtRest(path: string, limit: number): readonly RunRecord[] | undefined {
  const before = standOf(path);
  const runs = readFrom(`${pathToFileURL(path).href}?immutable=1`, limit);
  return !hasLog(path) && standOf(path) === before ? runs : undefined;
}

function readCopy(path: string, limit: number): readonly RunRecord[] {
  const folder = mkdtempSync(join(tmpdir(), "trisync-runs-"));
  try {
    const copy = join(folder, STATE_FILE);
    copyDatabase(path, copy);
    return readFrom(copy, limit);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readFrom(path: string, limit: number): readonly RunRecord[] {
  const db = openDatabase(path, { readOnly: true, pragmas: ["busy_timeout = 2000"] });
  try {
    if (db.count("PRAGMA user_version") > FORMAT_VERSION) throw writtenByNewer();
    const isBlank = db.count("SELECT count(*) FROM sqlite_schema WHERE name = 'run'") === 0;
    return isBlank ? [] : latestRuns(db, limit);
  } finally {
    db.close();
  }
}

/** What its tables mean is not known here. */
function writtenByNewer(): LocalError {
  return new LocalError("failed", "a newer trisync wrote the state of this job: please update this one");
}

function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function standOf(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino}:${size}:${mtimeNs}`;
}
