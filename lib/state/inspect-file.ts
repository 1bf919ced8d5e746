import { closeSync, openSync, readSync, statSync } from "node:fs";
import { UsageError } from "../model/errors.js";
import { Database, openDatabase } from "./database.js";
import type { DatabaseOptions } from "./database.js";
import { APPLICATION_ID, FORMAT_VERSION, STATE_TABLES } from "./schema.js";
import { isDamage } from "./sql-errors.js";
import { toNumber, toText } from "./values.js";

/** What a state file turns out to be. "blank": not there, or nothing in it yet. */
export type Verdict = "sound" | "blank" | "damaged" | "too old";

/**
 * Looks at the state file before it is used, through a connection that cannot write. At every start: header, version, tables, and the outermost
 * pages of each, which costs a few milliseconds whatever the size. When the last run was killed (its log is still there), which is when
 * disks tear pages, every page is checked. What slips through is met by the plan, which reads all rows before anything is
 * done, and is marked for the next run. Throws `UsageError` if a newer trisync wrote the file, before anything is touched.
 */
export function inspectFile(path: string): Verdict {
  if (sizeOf(path) === 0 && sizeOf(`${path}-wal`) === 0) return "blank";
  const found = openIfSound(path, { readOnly: true, pragmas: ["busy_timeout = 2000", "cache_size = -4000"] }, path);
  if (!(found instanceof Database)) return found;
  found.close();
  return "sound";
}

/** The opened database if it is sound, else what is wrong with it. `shownAs` is the file to name when a newer trisync wrote it. */
export function openIfSound(
  path: string,
  options: DatabaseOptions,
  shownAs: string,
): Database | Exclude<Verdict, "sound"> {
  const wasKilled = sizeOf(`${path}-wal`) > 0;
  refuseNewer(versionInHeader(path), shownAs);
  let db: Database | undefined;
  try {
    db = openDatabase(path, options);
    const verdict = inspect(db, shownAs, wasKilled);
    if (verdict === "sound") return db;
    db.close();
    return verdict;
  } catch (error) {
    db?.close();
    if (error instanceof Error && isDamage(error.cause)) return "damaged";
    throw error;
  }
}

function inspect(db: Database, shownAs: string, thoroughly: boolean): Verdict {
  const tables = db.all("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql", [], (row) =>
    toText(row["sql"]),
  );
  const version = pragma(db, "user_version");
  const isOurs = pragma(db, "application_id") === APPLICATION_ID;
  if (tables.length === 0 && !isOurs) return "blank";
  if (!isOurs) return "damaged";
  refuseNewer(version, shownAs);
  if (version < FORMAT_VERSION) return "too old";
  if (tables.join() !== [...STATE_TABLES].sort().join()) return "damaged";
  readEdges(db);
  return thoroughly && !passesQuickCheck(db) ? "damaged" : "sound";
}

function pragma(db: Database, name: string): number {
  return db.count(`PRAGMA ${name}`);
}

/** Walks down to the first and to the last row of each table; a torn or missing page there is an error. */
function readEdges(db: Database): void {
  for (const table of ["fact", "memory", "base", "mirror", "problem", "hash", "run"]) {
    const key = table === "base" || table === "mirror" || table === "hash" ? "key" : table === "run" ? "id" : undefined;
    const column = key ?? (table === "problem" ? "path" : "name");
    db.get(`SELECT min(${column}) AS a FROM ${table}`, [], () => undefined);
    db.get(`SELECT max(${column}) AS a FROM ${table}`, [], () => undefined);
  }
}

function passesQuickCheck(db: Database): boolean {
  const answers = db.all("PRAGMA quick_check(1)", [], (row) => toText(row["quick_check"]));
  return answers.join() === "ok";
}

function refuseNewer(version: number | undefined, shownAs: string): void {
  if (version === undefined || version <= FORMAT_VERSION) return;
  throw new UsageError(
    `a newer trisync wrote the state ${shownAs}: please update this one, or give another directory with --state`,
  );
}

/** The version as the bare file shows it, so that a newer file is not even opened; undefined when it is not our file. */
function versionInHeader(path: string): number | undefined {
  const header = Buffer.alloc(100);
  const file = openSync(path, "r");
  try {
    if (readSync(file, header) < header.length) return undefined;
  } finally {
    closeSync(file);
  }
  const isOurs = header.toString("latin1", 0, 15) === "SQLite format 3" && header.readUInt32BE(68) === APPLICATION_ID;
  return isOurs ? toNumber(header.readUInt32BE(60)) : undefined;
}

/** 0 when there is no such file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
