import { joinPath, keyAfterSubtree, rebaseKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import { remotePathColumn, toRemotePath } from "./base.js";
import type { Database } from "./database.js";
import { PAGE_ROWS } from "./pages.js";
import { GONE } from "./remote-rows.js";
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
  const update = "UPDATE main.base SET key = ?, path = ?, remote_path = ? WHERE key = ?";
  makeWay(db, "main.base", from, to);
  bringBack(db, { table: "main.base", columns: "key, path, remote_path" }, (row) => {
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
  makeWay(db, table, from, to);
  bringMirrorRowsBack(db, table, from, to);
}

/** Takes one row of the mirror out of the way, until `bringMirrorRowsBack`. */
export function setMirrorRowAside(db: Database, table: RemoteTable, { key, path }: Place): void {
  db.run(`UPDATE ${table} SET key = ? WHERE key = ? AND path = ?`, ASIDE + key, key, pathColumn(key, path));
}

/** Rows that stepped aside from `from` and below come back at `to` and below, in the place of tombstones. */
export function bringMirrorRowsBack(db: Database, table: RemoteTable, from: Place, to: Place): void {
  const lift = `DELETE FROM ${table} WHERE key = ? AND kind = ${GONE}`;
  // Two rows that differ only in how they spell a parent become one.
  const update = `UPDATE OR REPLACE ${table} SET key = ?, path = ? WHERE key = ? AND path = ?`;
  bringBack(db, { table, columns: "key, path, kind" }, (row) => {
    const old = keyBefore(row);
    const key = rebaseKey(old, from.key, to.key);
    const path = withParent(toPath(old, row["path"]), from.path, to.path);
    if (row["kind"] !== GONE) db.run(lift, key);
    db.run(update, key, pathColumn(key, path), toText(row["key"]), toText(row["path"]));
  });
}

/** The rows step aside first: source and target may be one key (another spelling), or lie inside each other. Inside a transaction. */
function makeWay(db: Database, table: string, from: Place, to: Place): void {
  db.run(`UPDATE ${table} SET key = ? || key WHERE key >= ? AND key < ?`, ASIDE, from.key, keyAfterSubtree(from.key));
  db.run(`DELETE FROM ${table} WHERE key >= ? AND key < ?`, to.key, keyAfterSubtree(to.key));
}

function bringBack(
  db: Database,
  { table, columns }: { readonly table: string; readonly columns: string },
  place: (row: SqlRow) => void,
): void {
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
export function withParent(path: SyncPath, from: SyncPath, to: SyncPath): SyncPath {
  const below = path.split("/").slice(from.split("/").length);
  return below.length === 0 ? to : joinPath(to, below.join("/"));
}
