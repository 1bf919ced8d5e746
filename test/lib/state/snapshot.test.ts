import { copyFileSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../../lib/state/database.js";
import type { Database } from "../../../lib/state/database.js";
import { copyDatabase } from "../../../lib/state/snapshot.js";
import { tempDir } from "./builders.js";

interface Source {
  readonly path: string;
  readonly db: Database;
}

/** A database of many pages, with a log that holds its last row. */
function createSource(): Source {
  const path = join(tempDir(), "source.sqlite");
  const db = openDatabase(path, { pragmas: ["journal_mode = WAL", "wal_autocheckpoint = 0"] });
  db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, round REAL, filler TEXT)");
  for (let i = 0; i < 500; i++) db.batched("INSERT INTO t (round, filler) VALUES (0, ?)", "x".repeat(1_000));
  db.endBatch();
  carryOver(db);
  addRound(db, 1);
  onTestFinished(() => {
    db.close();
  });
  return { path, db };
}

/** Touches every page. */
function addRound(db: Database, round: number): void {
  db.transaction(() => {
    db.run("UPDATE t SET round = ?", round);
    db.run("INSERT INTO t (round, filler) VALUES (?, ?)", round, "y".repeat(1_000));
  });
}

/** The next write begins a new generation of the log. */
function carryOver(db: Database): void {
  db.exec("PRAGMA wal_checkpoint(RESTART)");
}

/** What the copy shows: the rounds in it, of which there must be one, and how many rows. */
function contentOf(path: string): unknown {
  const db = openDatabase(path, { pragmas: [] });
  const rounds = db.all("SELECT DISTINCT round FROM t", [], (row) => row["round"]);
  const rows = db.count("SELECT count(*) FROM t");
  const integrity = db.all("PRAGMA integrity_check", [], (row) => row["integrity_check"]);
  db.close();
  return { rounds, rows, integrity };
}

/** Copies, and does something after each of the first `times` files. */
function copyWhile(
  { path }: Source,
  times: number,
  work: (copied: string) => void,
): { target: string; copies: number } {
  const target = join(tempDir(), "target.sqlite");
  let copies = 0;
  copyDatabase(path, target, (from, to) => {
    copyFileSync(from, to);
    if (++copies <= times) work(from);
  });
  return { target, copies };
}

test("a quiet database is copied once, with its log", () => {
  const { target, copies } = copyWhile(createSource(), 0, () => undefined);
  expect(copies).toBe(2);
  expect(contentOf(target)).toEqual({ rounds: [1], rows: 501, integrity: ["ok"] });
});

test("what is added to the log meanwhile does no harm", () => {
  const source = createSource();
  const { target, copies } = copyWhile(source, 1, () => addRound(source.db, 2));
  expect(copies).toBe(2);
  expect(contentOf(target)).toEqual({ rounds: [2], rows: 502, integrity: ["ok"] });
});

test("what is carried over meanwhile does no harm either, as long as the log stays", () => {
  const source = createSource();
  const { target, copies } = copyWhile(source, 1, () => source.db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
  expect(copies).toBe(2);
  expect(contentOf(target)).toEqual({ rounds: [1], rows: 501, integrity: ["ok"] });
});

test("a new generation of the log, begun after the database was copied, makes it start again", () => {
  const source = createSource();
  const { target, copies } = copyWhile(source, 1, () => {
    carryOver(source.db);
    source.db.run("UPDATE t SET filler = 'z' WHERE id = 250");
  });
  expect(copies).toBe(4);
  expect(contentOf(target)).toEqual({ rounds: [1], rows: 501, integrity: ["ok"] });
});

test("a database without a log that was written meanwhile is copied again", () => {
  const source = createSource();
  source.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const { target, copies } = copyWhile(source, 1, () => {
    addRound(source.db, 2);
    source.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  });
  expect(copies).toBeGreaterThan(2);
  expect(contentOf(target)).toEqual({ rounds: [2], rows: 502, integrity: ["ok"] });
});

test("writers that never leave a gap are left to SQLite", () => {
  const source = createSource();
  let round = 1;
  const { target } = copyWhile(source, Infinity, () => {
    carryOver(source.db);
    addRound(source.db, ++round);
  });
  expect(round).toBeGreaterThan(5);
  expect(contentOf(target)).toEqual({ rounds: [round], rows: 500 + round, integrity: ["ok"] });
  expect(existsSync(`${target}-wal`)).toBe(false);
});

test("a file that is no database is copied as it is", () => {
  const path = join(tempDir(), "source.sqlite");
  writeFileSync(path, "nonsense");
  const target = join(tempDir(), "target.sqlite");
  copyDatabase(path, target);
  expect(statSync(target).size).toBe(8);
});
