import type { BaseEntry, BaseFile, BaseFolder } from "../model/entry.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { Database } from "./database.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import { toBounds } from "./range.js";
import type { SqlRow, SqlValue } from "./sqlite.js";
import type { JobState, KeyRange, Row } from "./types.js";
import {
  pathColumn,
  toHash,
  toKey,
  toNumber,
  toOptionalHash,
  toOptionalNumber,
  toOptionalText,
  toPath,
  toStoredPath,
  toText,
  toWord,
} from "./values.js";

const KINDS = ["file", "folder"] as const;
const PLACED = ["local", "remote", "neither"] as const;

const BASE_COLUMNS =
  "key, path, remote_path, kind, placed, inode, remote_id, size, modified, stamp, hash, remote_version, remote_size, remote_modified, remote_hash";

const PAGE = `SELECT ${BASE_COLUMNS} FROM main.base WHERE key >= ? AND key < ? ORDER BY key LIMIT ${PAGE_ROWS}`;
const NEXT_PAGE = `SELECT ${BASE_COLUMNS} FROM main.base WHERE key > ? AND key < ? ORDER BY key LIMIT ${PAGE_ROWS}`;
const ONE = `SELECT ${BASE_COLUMNS} FROM main.base WHERE key = ?`;
const PUT = `INSERT OR REPLACE INTO main.base (${BASE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function createBase(db: Database): JobState["base"] {
  return {
    rows: (range) => readRows(db, range),
    get: (key) => getBaseEntry(db, key),
    countFiles: () => db.count("SELECT count(*) FROM main.base WHERE kind = 0"),
  };
}

export function getBaseEntry(db: Database, key: PathKey): BaseEntry | undefined {
  return db.get(ONE, [key], (row) => toRow(row).entry);
}

export function putBaseEntry(db: Database, key: PathKey, entry: BaseEntry): void {
  db.run(PUT, ...(entry.kind === "file" ? fileColumns(key, entry) : folderColumns(key, entry)));
}

function readRows(db: Database, range: KeyRange | undefined): Iterable<Row<BaseEntry>> {
  const { from, to } = toBounds(range);
  return inPages((last) =>
    last === undefined ? db.all(PAGE, [from, to], toRow) : db.all(NEXT_PAGE, [last.key, to], toRow),
  );
}

/** The remote hash equals the local one unless the service alters content; it is written only where it differs. */
const AS_LOCAL = "=";

function fileColumns(key: PathKey, entry: BaseFile): SqlValue[] {
  const { local, remote } = entry;
  const remoteHash = remote.hash === local.hash ? AS_LOCAL : (remote.hash ?? null);
  return [
    ...placeColumns(key, entry),
    local.inode,
    remote.id ?? null,
    local.sizeBytes,
    local.modifiedMs,
    local.stamp,
    local.hash,
    remote.version ?? null,
    remote.sizeBytes ?? null,
    remote.modifiedMs ?? null,
    remoteHash,
  ];
}

function folderColumns(key: PathKey, entry: BaseFolder): SqlValue[] {
  const unused = new Array<null>(8).fill(null);
  return [...placeColumns(key, entry), entry.inode, entry.remoteId ?? null, ...unused];
}

function placeColumns(key: PathKey, { kind, path, remotePath, placed }: BaseEntry): SqlValue[] {
  return [key, pathColumn(key, path), remotePathColumn(path, remotePath), KINDS.indexOf(kind), PLACED.indexOf(placed)];
}

/** Both sides nearly always spell a path alike; only where they do not, the remote spelling is written. */
export function remotePathColumn(path: SyncPath, remotePath: SyncPath): string {
  return remotePath === path ? "" : remotePath;
}

export function toRemotePath(path: SyncPath, column: SqlValue | undefined): SyncPath {
  return toText(column) === "" ? path : toStoredPath(column);
}

function toRow(row: SqlRow): Row<BaseEntry> {
  const key = toKey(row["key"]);
  const path = toPath(key, row["path"]);
  const place = { path, remotePath: toRemotePath(path, row["remote_path"]), placed: toWord(PLACED, row["placed"]) };
  const inode = toText(row["inode"]);
  const remoteId = toOptionalText(row["remote_id"]);
  const kind = toWord(KINDS, row["kind"]);
  if (kind === "folder") return { key, entry: { kind, ...place, inode, remoteId } };
  const hash = toHash(row["hash"]);
  const local = {
    sizeBytes: toNumber(row["size"]),
    modifiedMs: toNumber(row["modified"]),
    inode,
    stamp: toText(row["stamp"]),
    hash,
  };
  const remote = {
    id: remoteId,
    version: toOptionalText(row["remote_version"]),
    sizeBytes: toOptionalNumber(row["remote_size"]),
    modifiedMs: toOptionalNumber(row["remote_modified"]),
    hash: row["remote_hash"] === AS_LOCAL ? hash : toOptionalHash(row["remote_hash"]),
  };
  return { key, entry: { kind, ...place, local, remote } };
}
