import type { Problem } from "../model/entry.js";
import { keyAfterSubtree, toPathKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { Database } from "./database.js";
import type { Place } from "./mirror.js";
import { withParent } from "./move-rows.js";
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

/** What could not be read lies elsewhere now, and what was said of the new place is over. Inside a transaction of the caller's. */
export function moveProblems(db: Database, from: Place, to: Place, foldCase: boolean): void {
  const sql = "SELECT body FROM main.problem WHERE key >= ? AND key < ?";
  const moved = db.all(sql, [from.key, keyAfterSubtree(from.key)], (row) => fromJson(toText(row["body"]), isProblem));
  dropProblems(db, from.key, true);
  dropProblems(db, to.key, true);
  for (const problem of moved) storeProblem(db, withParentOf(problem, from.path, to.path), foldCase);
}

function withParentOf(problem: Problem, from: SyncPath, to: SyncPath): Problem {
  const { covers, path } = problem;
  if (typeof covers !== "object") return problem;
  const isNamedSo = path === from || path.startsWith(`${from}/`);
  return {
    ...problem,
    path: isNamedSo ? to + path.slice(from.length) : path,
    covers: { ...covers, path: withParent(covers.path, from, to) },
  };
}

export function dropAllProblems(db: Database): void {
  db.run("DELETE FROM main.problem");
}

function isProblem(value: unknown): value is Problem {
  return isRecord(value) && "covers" in value;
}
