import type { Database } from "./database.js";
import { dropUnseenHashes } from "./hashes.js";
import type { SqlRow } from "./sqlite.js";
import type { JobState, RunRecord, RunTotals } from "./types.js";
import { fromJson, isRecord, toNumber, toOptionalNumber, toOptionalText, toText } from "./values.js";

const KEPT_RUNS = 1_000;

const COLUMNS = "id, started, finished, exit_code, totals, message";
const PUT = `INSERT OR REPLACE INTO main.run (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`;
const LATEST = `SELECT ${COLUMNS} FROM main.run ORDER BY started DESC, id DESC LIMIT ?`;
/** The latest success stays for as long as it is the latest: `status` measures its age. */
const DROP_OLD = `DELETE FROM main.run
  WHERE id NOT IN (SELECT id FROM main.run ORDER BY started DESC, id DESC LIMIT ${KEPT_RUNS})
  AND id IS NOT (SELECT id FROM main.run WHERE exit_code = 0 ORDER BY started DESC, id DESC LIMIT 1)`;

export function createRuns(db: Database): JobState["runs"] {
  return {
    begin: ({ id, startedMs }) => {
      db.transaction(() => {
        db.run(PUT, id, startedMs, null, null, null, null);
        db.run(DROP_OLD);
      });
    },
    finish: (run) => {
      db.transaction(() => {
        putRun(db, run);
        db.run(DROP_OLD);
        // Only a complete run's scan tells which files are left.
        if (run.exitCode === 0) dropUnseenHashes(db);
      });
    },
    latest: (limit) => latestRuns(db, limit),
  };
}

/** Newest first. */
export function latestRuns(db: Database, limit: number): readonly RunRecord[] {
  return db.all(LATEST, [limit], toRun);
}

function putRun(db: Database, run: RunRecord): void {
  const totals = run.totals === undefined ? null : JSON.stringify(run.totals);
  db.run(PUT, run.id, run.startedMs, run.finishedMs ?? null, run.exitCode ?? null, totals, run.message ?? null);
}

function toRun(row: SqlRow): RunRecord {
  const totals = toOptionalText(row["totals"]);
  return {
    id: toText(row["id"]),
    startedMs: toNumber(row["started"]),
    finishedMs: toOptionalNumber(row["finished"]),
    exitCode: toOptionalNumber(row["exit_code"]),
    totals: totals === undefined ? undefined : fromJson(totals, isTotals),
    message: toOptionalText(row["message"]),
  };
}

function isTotals(value: unknown): value is RunTotals {
  return isRecord(value) && "uploaded" in value;
}
