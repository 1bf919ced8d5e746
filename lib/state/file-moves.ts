import type { Side } from "../model/entry.js";
import { countAsSame, type ContentHash } from "../model/hash.js";
import type { PathKey } from "../model/path.js";
import type { Database } from "./database.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import { addPair, pairsFoundBy } from "./pairs.js";
import type { SqlRow } from "./sqlite.js";
import type { MoveCandidate } from "./types.js";
import { toKey, toNumber, toOptionalHash, toOptionalNumber, toOptionalText } from "./values.js";

/**
 * Planned deletions paired with planned creations of the same content. First by what a rename leaves alone (inode, remote id) with equal
 * size and no known difference, then, if wanted, by equal known hash. Within each, in key order; every key is used once.
 */
export function findFileMoves(db: Database, side: Side, by: { readonly hash: boolean }): Iterable<MoveCandidate> {
  return pairsFoundBy(db, () => {
    if (!hasLost(db, side)) return;
    gatherLost(db, side);
    gatherFresh(db, side);
    pairUp(db, findByIdentity);
    if (by.hash) pairUp(db, findByHash);
  });
}

/**
 * New local files that may be one that went missing elsewhere: same size, and a hash, which nobody knows yet, would tell.
 * Files whose stamp is empty are left out, because no hash can be remembered for them.
 */
export function* findSuspects(db: Database): Generator<{ readonly key: PathKey }, void, undefined> {
  if (!hasLost(db, "local")) return;
  const sql = `SELECT s.key AS key, s.sequence AS sequence FROM scratch.step AS s
    WHERE s.sequence > ? AND s.fresh = 'local' AND s.stamp <> '' AND s.size > 0
      AND s.size IN (SELECT l.size FROM scratch.step AS l WHERE l.lost = 'local')
      AND NOT EXISTS (SELECT 1 FROM main.hash AS h WHERE h.key = s.key AND h.stamp = s.stamp)
    ORDER BY s.sequence LIMIT ${PAGE_ROWS}`;
  const found = inPages<{ key: PathKey; sequence: number }>((last) =>
    db.all(sql, [last?.sequence ?? 0], (row) => ({ key: toKey(row["key"]), sequence: toNumber(row["sequence"]) })),
  );
  for (const { key } of found) yield { key };
}

export function findLostWith(db: Database, inode: string): readonly PathKey[] {
  const sql = "SELECT key FROM scratch.step WHERE lost = 'local' AND identity = ? ORDER BY key";
  return db.all(sql, [inode], (row) => toKey(row["key"]));
}

function hasLost(db: Database, side: Side): boolean {
  return db.count("SELECT EXISTS (SELECT 1 FROM scratch.step WHERE lost = ?)", side) > 0;
}

function gatherLost(db: Database, side: Side): void {
  db.run("DELETE FROM scratch.lost");
  db.run(
    `INSERT OR IGNORE INTO scratch.lost (key, identity, size, hash, stored_hash)
     SELECT s.key, s.identity, s.size, s.hash, s.stored_hash FROM scratch.step AS s WHERE s.lost = ?`,
    side,
  );
}

function gatherFresh(db: Database, side: Side): void {
  const hash =
    side === "local" ? "(SELECT h.hash FROM main.hash AS h WHERE h.key = s.key AND h.stamp = s.stamp)" : "s.hash";
  db.run("DELETE FROM scratch.fresh");
  db.run(
    `INSERT OR IGNORE INTO scratch.fresh (key, identity, size, hash)
     SELECT s.key, s.identity, s.size, ${hash} FROM scratch.step AS s
     WHERE s.fresh = ? AND (s.size IS NULL OR s.size IN (SELECT size FROM scratch.lost)
       OR EXISTS (SELECT 1 FROM scratch.lost WHERE size IS NULL))`,
    side,
  );
}

interface Lost {
  readonly key: PathKey;
  readonly identity: string | undefined;
  readonly size: number | undefined;
  readonly hashes: readonly (ContentHash | undefined)[];
}

function pairUp(db: Database, find: (db: Database, lost: Lost) => PathKey | undefined): void {
  const sql = `SELECT key, identity, size, hash, stored_hash FROM scratch.lost WHERE key > ? ORDER BY key LIMIT ${PAGE_ROWS}`;
  for (const lost of inPages<Lost>((last) => db.all(sql, [last?.key ?? ""], toLost))) {
    const to = find(db, lost);
    if (to === undefined) continue;
    addPair(db, lost.key, to);
    db.run("DELETE FROM scratch.lost WHERE key = ?", lost.key);
    db.run("DELETE FROM scratch.fresh WHERE key = ?", to);
  }
}

function toLost(row: SqlRow): Lost {
  return {
    key: toKey(row["key"]),
    identity: toOptionalText(row["identity"]),
    size: toOptionalNumber(row["size"]),
    hashes: [toOptionalHash(row["hash"]), toOptionalHash(row["stored_hash"])],
  };
}

/** A size that nobody knows is no reason to think that they differ. */
const SAME_SIZE = "ifnull(size = ?, 1)";

/** All names of one file hold the same content, so that the first speaks for all. A service may list more hashes now than it did before. */
function findByIdentity(db: Database, { identity, size, hashes }: Lost): PathKey | undefined {
  if (identity === undefined) return undefined;
  const sql = `SELECT key, hash FROM scratch.fresh WHERE identity = ? AND ${SAME_SIZE} ORDER BY key LIMIT 1`;
  const toFresh = (row: SqlRow) => ({ key: toKey(row["key"]), hash: toOptionalHash(row["hash"]) });
  const found = db.get(sql, [identity, size ?? null], toFresh);
  const isLike = found?.hash === undefined || hashes.some((known) => countAsSame(known, found.hash, true));
  return isLike ? found?.key : undefined;
}

function findByHash(db: Database, { size, hashes: [a, b] }: Lost): PathKey | undefined {
  // Empty files are all alike, which says nothing about where one came from.
  if (size === 0) return undefined;
  const sql = `SELECT key FROM scratch.fresh WHERE hash IN (?, ?) AND ${SAME_SIZE} ORDER BY key LIMIT 1`;
  return db.get(sql, [a ?? null, b ?? null, size ?? null], (row) => toKey(row["key"]));
}
