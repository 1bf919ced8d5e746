import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LocalError } from "../model/errors.js";
import { makeFolder } from "./make-folder.js";
import { Database, openDatabase } from "./database.js";
import { inspectFile, openIfSound } from "./inspect-file.js";
import { APPLICATION_ID, FORMAT_VERSION, SCRATCH_TABLES, STATE_TABLES } from "./schema.js";
import { setAside } from "./set-aside.js";
import { copyDatabase, removeDatabase } from "./snapshot.js";
import { translateError } from "./sql-errors.js";

const NAME = "state";

export const STATE_FILE = `${NAME}.sqlite`;

/** Left by a run that met damage in the middle of its work. */
const DAMAGE_MARK = "state.damaged";

const CACHE_KIB = 16_000;

/**
 * A reader of the history may hold the file for a moment; every other connection is kept away by the lock of the job.
 * Each commit reaches the disk before it returns.
 */
const SYNC_PRAGMAS = ["busy_timeout = 2000", "journal_mode = WAL", "synchronous = FULL", `cache_size = -${CACHE_KIB}`];

/** The copy that a plan works on is thrown away, so that it needs neither log nor journal. */
const PLAN_PRAGMAS = [
  "locking_mode = EXCLUSIVE",
  "journal_mode = OFF",
  "synchronous = OFF",
  `cache_size = -${CACHE_KIB}`,
];

export interface OpenState {
  readonly db: Database;
  /** Sentences for the user. */
  readonly notices: readonly string[];
  readonly close: () => void;
}

/** The state of the job in `dir`, to be read and written. The caller holds the job's lock. */
export function openForSync(dir: string): OpenState {
  const path = join(dir, STATE_FILE);
  const scratch = join(dir, "scratch.sqlite");
  const notices = orInWords(path, () => {
    makeFolder(dir);
    removeDatabase(scratch);
    const notice = makeUsable(dir, path);
    // SQLite gives the log the mode of the database.
    closeSync(openSync(path, "a", 0o600));
    return notice;
  });
  const onDamage = () => {
    writeFileSync(join(dir, DAMAGE_MARK), "");
  };
  const db = openDatabase(path, { pragmas: SYNC_PRAGMAS, onDamage });
  const close = () => {
    carryOver(db);
    db.close();
    removeDatabase(scratch);
  };
  return prepare({ db, notices, close }, scratch);
}

/**
 * Brings what the log holds into the database itself, because some releases close for real only when the process ends. Where that
 * fails (a full disk), the next run does it: everything settled is in the log, and only remembered hashes are lost.
 */
function carryOver(db: Database): void {
  try {
    db.endBatch();
    db.exec("PRAGMA main.wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
  }
}

/**
 * A private copy of the state in `dir`, in a new directory below `scratchDir`: nothing in `dir` changes, whether another process
 * works there or not. Where files can be removed while they are open, the copy is gone from the start, and a killed plan leaves nothing.
 */
export function openForPlan(dir: string, scratchDir: string): OpenState {
  const source = join(dir, STATE_FILE);
  const folder = orInWords(join(scratchDir, STATE_FILE), () => {
    makeFolder(scratchDir);
    return mkdtempSync(join(scratchDir, "trisync-plan-"));
  });
  try {
    const { db, notices } = orInWords(source, () => openCopy(source, folder));
    const close = () => {
      db.close();
      removeFolder(folder);
    };
    return prepare({ db, notices, close }, join(folder, "scratch.sqlite"));
  } finally {
    removeFolder(folder);
  }
}

/** One that cannot be used is put aside by the next sync, not now. */
function openCopy(source: string, folder: string): Pick<OpenState, "db" | "notices"> {
  const notices: string[] = [];
  if (existsSync(source)) {
    const copy = join(folder, STATE_FILE);
    copyDatabase(source, copy);
    const isMarked = existsSync(join(dirname(source), DAMAGE_MARK));
    const found = isMarked ? "damaged" : openIfSound(copy, { pragmas: PLAN_PRAGMAS }, source);
    if (found instanceof Database) return { db: found, notices };
    if (found !== "blank")
      notices.push(`the state in ${dirname(source)} is ${found} and will be put aside; ${FIRST_RUN}`);
  }
  return { db: openDatabase(join(folder, "empty.sqlite"), { pragmas: PLAN_PRAGMAS }), notices };
}

/** Creates what is missing: tables in a blank file, and the scratch file beside it. */
function prepare(state: OpenState, scratch: string): OpenState {
  const { db } = state;
  try {
    if (db.count("SELECT count(*) FROM main.sqlite_schema") === 0) createTables(db);
    db.run("ATTACH ? AS scratch", scratch);
    for (const pragma of [
      "journal_mode = OFF",
      "synchronous = OFF",
      "locking_mode = EXCLUSIVE",
      `cache_size = -${CACHE_KIB}`,
    ]) {
      db.exec(`PRAGMA scratch.${pragma}`);
    }
    for (const table of SCRATCH_TABLES) db.exec(table);
    return state;
  } catch (error) {
    db.close();
    throw error;
  }
}

function createTables(db: Database): void {
  db.transaction(() => {
    for (const table of STATE_TABLES) db.exec(table);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    db.exec(`PRAGMA user_version = ${FORMAT_VERSION}`);
  });
}

const FIRST_RUN = "this is a first run: both sides are united and nothing is deleted";

function makeUsable(dir: string, path: string): readonly string[] {
  const mark = join(dir, DAMAGE_MARK);
  const verdict = existsSync(path) ? (existsSync(mark) ? "damaged" : inspectFile(path)) : "blank";
  const notices: string[] = [];
  if (verdict === "damaged" || verdict === "too old") {
    const kept = setAside(dir, NAME, verdict === "damaged" ? "damaged" : "old");
    notices.push(`the state in ${dir} was ${verdict} and is kept as ${kept}; ${FIRST_RUN}`);
  }
  rmSync(mark, { force: true });
  return notices;
}

function orInWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translateError(error, path);
  }
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Windows keeps files that are open; they are removed when the state is closed.
  }
}
