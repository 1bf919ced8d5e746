import { joinPath, keyAfterSubtree, rebaseKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import { remotePathColumn, toRemotePath } from "./base.js";
import type { Database } from "./database.js";
import { PAGE_ROWS } from "./pages.js";
import type { RemoteTable } from "./schema.js";
import type { SqlRow, SqlValue } from "./sqlite.js";
import { pathColumn, toKey, toPath, toText } from "./values.js";

interface Place {
  readonly key: PathKey;
  readonly path: SyncPath;
}

/** No key starts with a separator, so that rows under this prefix are out of the way of all others. */
const ASIDE = "\u0001";
const AFTER_ASIDE = "\u0002";

/** Gives `from` and everything below it the keys and paths that they have below `to`, on both sides. What was at `to` is replaced. */
export function moveBaseRows(db: Database, from: Place, to: Place): void {
  const columns = "key, path, remote_path";
  const update = "UPDATE main.base SET key = ?, path = ?, remote_path = ? WHERE key = ?";
  moveRows(db, { table: "main.base", columns, from, to }, (row) => {
    const old = keyBefore(row);
    const key = rebaseKey(old, from.key, to.key);
    const oldPath = toPath(old, row["path"]);
    const path = withParent(oldPath, from.path, to.path);
    const remotePath = withParent(toRemotePath(oldPath, row["remote_path"]), from.path, to.path);
    db.run(update, key, pathColumn(key, path), remotePathColumn(path, remotePath), toText(row["key"]));
  });
}

/** As `moveBaseRows`, for what the remote side is known to hold. */
export function moveMirrorRows(db: Database, table: RemoteTable, from: Place, to: Place): void {
  const update = `UPDATE ${table} SET key = ?, path = ? WHERE key = ? AND path = ?`;
  moveRows(db, { table, columns: "key, path", from, to }, (row) => {
    const old = keyBefore(row);
    const key = rebaseKey(old, from.key, to.key);
    const path = withParent(toPath(old, row["path"]), from.path, to.path);
    db.run(update, key, pathColumn(key, path), toText(row["key"]), toText(row["path"]));
  });
}

interface Move {
  readonly table: string;
  readonly columns: string;
  readonly from: Place;
  readonly to: Place;
}

/** The rows step aside first: source and target may be one key (another spelling), or lie inside each other. Inside a transaction. */
function moveRows(db: Database, { table, columns, from, to }: Move, place: (row: SqlRow) => void): void {
  db.run(`UPDATE ${table} SET key = ? || key WHERE key >= ? AND key < ?`, ASIDE, from.key, keyAfterSubtree(from.key));
  db.run(`DELETE FROM ${table} WHERE key >= ? AND key < ?`, to.key, keyAfterSubtree(to.key));
  const page = `SELECT ${columns} FROM ${table} WHERE key >= ? AND key < ? ORDER BY key LIMIT ${PAGE_ROWS}`;
  const aside: SqlValue[] = [ASIDE, AFTER_ASIDE];
  for (;;) {
    const rows = db.all(page, aside, (row) => row);
    for (const row of rows) place(row);
    if (rows.length < PAGE_ROWS) return;
  }
}

/** The key that a row had before it stepped aside. */
function keyBefore(row: SqlRow): PathKey {
  return toKey(toText(row["key"]).slice(ASIDE.length));
}

/** Counts components instead of characters: where case is ignored, a row may spell its parents in another way and length. */
function withParent(path: SyncPath, from: SyncPath, to: SyncPath): SyncPath {
  const below = path.split("/").slice(from.split("/").length);
  return below.length === 0 ? to : joinPath(to, below.join("/"));
}
