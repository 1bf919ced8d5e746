import type { RemoteEntry } from "../model/entry.js";
import { isBelow, keyAfterSubtree } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import { toRemotePath } from "./base.js";
import type { Database } from "./database.js";
import { getFact } from "./facts.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import { toBounds } from "./range.js";
import { GONE, REMOTE_COLUMNS, toRemoteColumns, toRemoteRow } from "./remote-rows.js";
import type { RemoteTable } from "./schema.js";
import type { SqlRow } from "./sqlite.js";
import type { KeyRange, MirrorEntry, Row } from "./types.js";
import { pathColumn, toKey, toPath } from "./values.js";

export interface Place {
  readonly key: PathKey;
  /** As the remote side spells it. */
  readonly path: SyncPath;
}

/** What of a key and all below it is meant: see `Mirror.meaning`. */
export type IsMeant = (path: SyncPath) => boolean;

/**
 * What the remote side is known to hold. With a cursor it is kept in the state file. A complete listing without a cursor is of no use
 * to a later run, so it stays in the scratch file, and a state on a memory card is spared the writing.
 */
export class Mirror {
  #table: RemoteTable;
  #incoming: Mirror | undefined;

  constructor(
    private readonly db: Database,
    table: RemoteTable,
  ) {
    this.#table = table;
  }

  /** Where the rows are at present. */
  get table(): RemoteTable {
    return this.#table;
  }

  /** From now on this complete listing is the mirror. */
  use(table: RemoteTable): void {
    this.#table = table;
  }

  /** While a complete listing is being taken in, `find` answers from what came of it so far; undefined when that is over. */
  expect(incoming: Mirror | undefined): void {
    this.#incoming = incoming;
  }

  isEmpty(): boolean {
    return this.#table === "main.mirror" && getFact(this.db, "mirror-listed") === undefined;
  }

  rows(range?: KeyRange): Iterable<Row<MirrorEntry>> {
    const { from, to } = toBounds(range);
    const select = `SELECT ${REMOTE_COLUMNS} FROM ${this.#table} WHERE`;
    const order = `AND key < ? ORDER BY key, path LIMIT ${PAGE_ROWS}`;
    const first = `${select} key >= ? ${order}`;
    const next = `${select} (key, path) > (?, ?) ${order}`;
    return inPages((last) =>
      last === undefined
        ? this.db.all(first, [from, to], toRemoteRow)
        : this.db.all(next, [last.key, pathColumn(last.key, last.entry.path), to], toRemoteRow),
    );
  }

  get(key: PathKey): MirrorEntry | undefined {
    return this.#at(key)[0];
  }

  find(id: string): { readonly kind: "file" | "folder"; readonly path: SyncPath } | undefined {
    if (this.#incoming !== undefined) return this.#incoming.find(id);
    const sql = `SELECT ${REMOTE_COLUMNS} FROM ${this.#table} WHERE id = ? ORDER BY key, path LIMIT 1`;
    const entry = this.db.get(sql, [id], (row) => toRemoteRow(row).entry);
    return entry?.kind === "file" || entry?.kind === "folder" ? { kind: entry.kind, path: entry.path } : undefined;
  }

  /**
   * Takes in an entry as it now is: the tombstone of its key goes, and so does the same item (by id) under another spelling. A file in
   * the place of a folder means that everything in the folder is gone.
   */
  put(key: PathKey, entry: RemoteEntry): void {
    for (const other of this.#at(key)) {
      if (other.path === entry.path && other.kind === "folder" && entry.kind !== "folder") this.bury(key, entry.path);
      else if (other.kind === "gone" || isSameItem(other, entry)) this.drop(key, other.path);
    }
    this.#insert(key, entry);
  }

  /** The path and all below it is gone: rows go, and tombstones stay for what the base knows. */
  bury(key: PathKey, path: SyncPath): void {
    const isMeant = this.meaning({ key, path });
    for (const row of this.rows({ from: key, to: keyAfterSubtree(key) })) {
      if (isMeant(row.entry.path)) this.drop(row.key, row.entry.path);
    }
    this.leaveTombstones(key, isMeant);
  }

  /**
   * Which rows at or below the key belong to the path. Where two names share the key, only those of the one that was named. Elsewhere
   * spelling says nothing: services that ignore case do not keep the case of parent folders alike.
   */
  meaning({ key, path }: Place): IsMeant {
    const isClash = this.#at(key).length > 1;
    return (other) => !isClash || other === path || isBelow(other, path);
  }

  /** For what the base knows at or below the key, and the mirror shows no longer. */
  leaveTombstones(key: PathKey, isMeant: IsMeant): void {
    for (const lost of this.#unlistedInBase(key)) {
      if (isMeant(lost.path)) this.#insert(lost.key, { kind: "gone", path: lost.path });
    }
  }

  /** Drops the row of this one path, and answers how many there were. */
  drop(key: PathKey, path: SyncPath): number {
    return this.db.run(`DELETE FROM ${this.#table} WHERE key = ? AND path = ?`, key, pathColumn(key, path));
  }

  /** Drops what is known of one key: the row of this path where there is one, for several names may share the key; else all of it. */
  forget(key: PathKey, path: SyncPath | undefined): void {
    if (path !== undefined && this.drop(key, path) > 0) return;
    this.db.run(`DELETE FROM ${this.#table} WHERE key = ?`, key);
  }

  dropTombstones(from: string, to: string): void {
    this.db.run(`DELETE FROM ${this.#table} WHERE key >= ? AND key < ? AND kind = ${GONE}`, from, to);
  }

  #at(key: PathKey): readonly MirrorEntry[] {
    const sql = `SELECT ${REMOTE_COLUMNS} FROM ${this.#table} WHERE key = ? ORDER BY path`;
    return this.db.all(sql, [key], (row) => toRemoteRow(row).entry);
  }

  #insert(key: PathKey, entry: MirrorEntry): void {
    const sql = `INSERT OR REPLACE INTO ${this.#table} (${REMOTE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.db.run(sql, ...toRemoteColumns(key, entry));
  }

  /** What the base knows at or below the key and the mirror does not show. */
  #unlistedInBase(key: PathKey): Iterable<Place> {
    const select = "SELECT b.key AS key, b.path AS path, b.remote_path AS remote_path FROM main.base AS b WHERE";
    const rest = `AND b.key < ? AND NOT EXISTS (SELECT 1 FROM ${this.#table} AS m WHERE m.key = b.key) ORDER BY b.key LIMIT ${PAGE_ROWS}`;
    const end = keyAfterSubtree(key);
    return inPages<Place>((last) =>
      last === undefined
        ? this.db.all(`${select} b.key >= ? ${rest}`, [key, end], toPlace)
        : this.db.all(`${select} b.key > ? ${rest}`, [last.key, end], toPlace),
    );
  }
}

function isSameItem(a: MirrorEntry, b: RemoteEntry): boolean {
  return "id" in a && "id" in b && a.id !== undefined && a.id === b.id;
}

function toPlace(row: SqlRow): Place {
  const key = toKey(row["key"]);
  return { key, path: toRemotePath(toPath(key, row["path"]), row["remote_path"]) };
}
