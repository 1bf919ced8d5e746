import type { Problem } from "../model/entry.js";
import { keyAfterSubtree, toPathKey } from "../model/path.js";
import type { PathKey } from "../model/path.js";
import type { Database } from "./database.js";
import { fromJson, isRecord, toText } from "./values.js";

/**
 * Problems of the mirror. A listing that goes on from a cursor does not repeat what an earlier one could not read, and forgetting it
 * would turn "unknown" into "absent". So problems that cover a path stay until a complete listing, or news of that path.
 */

export function storedProblems(db: Database): readonly Problem[] {
  return db.all("SELECT body FROM main.problem ORDER BY path", [], (row) => fromJson(toText(row["body"]), isProblem));
}

/** Inside a transaction of the caller's. */
export function storeProblem(db: Database, problem: Problem, foldCase: boolean): void {
  if (typeof problem.covers !== "object") return;
  const key = toPathKey(problem.covers.path, foldCase);
  db.run(
    "INSERT OR REPLACE INTO main.problem (path, key, body) VALUES (?, ?, ?)",
    problem.path,
    key,
    JSON.stringify(problem),
  );
}

/** There is news of the path, and with `subtree` of all below it. Inside a transaction of the caller's. */
export function dropProblems(db: Database, key: PathKey, subtree: boolean): void {
  if (subtree) db.run("DELETE FROM main.problem WHERE key >= ? AND key < ?", key, keyAfterSubtree(key));
  else db.run("DELETE FROM main.problem WHERE key = ?", key);
}

export function dropAllProblems(db: Database): void {
  db.run("DELETE FROM main.problem");
}

function isProblem(value: unknown): value is Problem {
  return isRecord(value) && "covers" in value;
}
