/** "tsyn": tells our files from other SQLite files. */
export const APPLICATION_ID = 0x7473796e;

/**
 * Grows with every change of the tables below. A file with a smaller number is put aside and a first run follows, which
 * loses nothing (union); a file with a greater number is left alone, since an older program cannot know what it means.
 */
export const FORMAT_VERSION = 2;

const REMOTE_COLUMNS = `
  key TEXT NOT NULL, path TEXT NOT NULL, kind REAL NOT NULL, id TEXT, version TEXT, size REAL, modified REAL, hash TEXT, type TEXT,
  PRIMARY KEY (key, path)`;

/**
 * Text compares byte by byte, which for UTF-8 is code-point order. Numbers are REAL, which holds every integer up to 2^53 and
 * is read without the error that larger INTEGERs raise. SQLite keeps these texts as they stand, so that a file can be
 * checked against them.
 */
export const STATE_TABLES: readonly string[] = [
  "CREATE TABLE fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE memory (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  `CREATE TABLE base (
  key TEXT NOT NULL PRIMARY KEY, path TEXT NOT NULL, remote_path TEXT NOT NULL, kind REAL NOT NULL, placed REAL NOT NULL,
  inode TEXT NOT NULL, remote_id TEXT, size REAL, modified REAL, stamp TEXT, hash TEXT,
  remote_version TEXT, remote_size REAL, remote_modified REAL, remote_hash TEXT) WITHOUT ROWID`,
  "CREATE INDEX base_folder_inode ON base (inode) WHERE kind = 1",
  "CREATE INDEX base_folder_id ON base (remote_id) WHERE kind = 1",
  `CREATE TABLE mirror (${REMOTE_COLUMNS}) WITHOUT ROWID`,
  "CREATE INDEX mirror_id ON mirror (id) WHERE id IS NOT NULL",
  `CREATE TABLE own_move (
  position INTEGER PRIMARY KEY, from_key TEXT NOT NULL, from_path TEXT NOT NULL, to_key TEXT NOT NULL, to_path TEXT NOT NULL)`,
  "CREATE TABLE problem (path TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE hash (key TEXT NOT NULL PRIMARY KEY, stamp TEXT NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID",
  `CREATE TABLE run (
  id TEXT NOT NULL PRIMARY KEY, started REAL NOT NULL, finished REAL, exit_code REAL, totals TEXT, message TEXT) WITHOUT ROWID`,
];

/** The tables of the run at hand, in a file of their own. */
export const SCRATCH_TABLES: readonly string[] = [
  `CREATE TABLE scratch.scan (
  key TEXT NOT NULL, path TEXT NOT NULL, kind REAL NOT NULL, inode TEXT, size REAL, modified REAL, stamp TEXT, type TEXT,
  PRIMARY KEY (key, path)) WITHOUT ROWID`,
  "CREATE INDEX scratch.scan_folder ON scan (inode) WHERE kind = 1",
  `CREATE TABLE scratch.listing_a (${REMOTE_COLUMNS}) WITHOUT ROWID`,
  "CREATE INDEX scratch.listing_a_id ON listing_a (id) WHERE id IS NOT NULL",
  `CREATE TABLE scratch.listing_b (${REMOTE_COLUMNS}) WITHOUT ROWID`,
  "CREATE INDEX scratch.listing_b_id ON listing_b (id) WHERE id IS NOT NULL",
  `CREATE TABLE scratch.step (
  sequence INTEGER PRIMARY KEY, stage REAL NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
  lost TEXT, fresh TEXT, identity TEXT, stamp TEXT, size REAL, hash TEXT, stored_hash TEXT, action TEXT NOT NULL, was TEXT)`,
  "CREATE INDEX scratch.step_order ON step (stage, key)",
  "CREATE INDEX scratch.step_lost ON step (lost) WHERE lost IS NOT NULL",
  "CREATE TABLE scratch.lost (key TEXT NOT NULL PRIMARY KEY, identity TEXT, size REAL, hash TEXT, stored_hash TEXT) WITHOUT ROWID",
  "CREATE TABLE scratch.fresh (key TEXT NOT NULL PRIMARY KEY, identity TEXT, size REAL, hash TEXT) WITHOUT ROWID",
  "CREATE INDEX scratch.fresh_identity ON fresh (identity, key)",
  "CREATE INDEX scratch.fresh_hash ON fresh (hash, key)",
  "CREATE TABLE scratch.pair (position INTEGER PRIMARY KEY, from_key TEXT NOT NULL, to_key TEXT NOT NULL)",
];

/** The tables that a complete remote listing can be kept in. All have the same columns. */
export type RemoteTable = "main.mirror" | "scratch.listing_a" | "scratch.listing_b";
