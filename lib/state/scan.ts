import type { LocalEntry, LocalSpecial } from "../model/entry.js";
import type { PathKey } from "../model/path.js";
import type { Database } from "./database.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import { toBounds } from "./range.js";
import type { SqlRow, SqlValue } from "./sqlite.js";
import type { JobState, KeyRange, Row } from "./types.js";
import { pathColumn, toKey, toNumber, toPath, toText, toWord } from "./values.js";

const KINDS = ["file", "folder", "special"] as const;
const TYPES: readonly LocalSpecial["type"][] = ["symbolic link", "pipe", "socket", "device"];

const COLUMNS = "key, path, kind, inode, size, modified, stamp, type";
const FROM = `SELECT ${COLUMNS} FROM scratch.scan`;
const PAGE = `${FROM} WHERE key >= ? AND key < ? ORDER BY key, path LIMIT ${PAGE_ROWS}`;
const NEXT_PAGE = `${FROM} WHERE (key, path) > (?, ?) AND key < ? ORDER BY key, path LIMIT ${PAGE_ROWS}`;
const ONE = `${FROM} WHERE key = ? ORDER BY path LIMIT 1`;
const PUT = `INSERT OR REPLACE INTO scratch.scan (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** What the walk of the local root found in this run. */
export function createScan(db: Database): JobState["scan"] {
  return {
    add: (key, entry) => {
      db.batched(PUT, ...toColumns(key, entry));
    },
    rows: (range) => readRows(db, range),
    get: (key) => db.get(ONE, [key], (row) => toRow(row).entry),
    countFiles: () => db.count("SELECT count(*) FROM scratch.scan WHERE kind = 0"),
    clear: () => {
      db.endBatch();
      db.exec("DELETE FROM scratch.scan");
    },
  };
}

function readRows(db: Database, range: KeyRange | undefined): Iterable<Row<LocalEntry>> {
  const { from, to } = toBounds(range);
  return inPages((last) =>
    last === undefined
      ? db.all(PAGE, [from, to], toRow)
      : db.all(NEXT_PAGE, [last.key, pathColumn(last.key, last.entry.path), to], toRow),
  );
}

function toColumns(key: PathKey, entry: LocalEntry): SqlValue[] {
  const place = [key, pathColumn(key, entry.path), KINDS.indexOf(entry.kind)];
  switch (entry.kind) {
    case "file":
      return [...place, entry.inode, entry.sizeBytes, entry.modifiedMs, entry.stamp, null];
    case "folder":
      return [...place, entry.inode, null, null, null, null];
    case "special":
      return [...place, null, null, null, null, entry.type];
  }
}

function toRow(row: SqlRow): Row<LocalEntry> {
  const key = toKey(row["key"]);
  const path = toPath(key, row["path"]);
  return { key, entry: toEntry(path, row) };
}

function toEntry(path: LocalEntry["path"], row: SqlRow): LocalEntry {
  const kind = toWord(KINDS, row["kind"]);
  switch (kind) {
    case "file":
      return {
        kind,
        path,
        sizeBytes: toNumber(row["size"]),
        modifiedMs: toNumber(row["modified"]),
        inode: toText(row["inode"]),
        stamp: toText(row["stamp"]),
      };
    case "folder":
      return { kind, path, inode: toText(row["inode"]) };
    case "special":
      return {
        kind,
        path,
        type: toWord(
          TYPES,
          TYPES.findIndex((type) => type === row["type"]),
        ),
      };
  }
}
