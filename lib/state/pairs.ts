import type { PathKey } from "../model/path.js";
import type { Database } from "./database.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import type { MoveCandidate } from "./types.js";
import { toKey, toNumber } from "./values.js";

interface Pair extends MoveCandidate {
  readonly position: number;
}

const PAGE = `SELECT position, from_key, to_key FROM scratch.pair WHERE position > ? AND position <= ? ORDER BY position LIMIT ${PAGE_ROWS}`;

/** Runs `find`, which adds pairs, and yields what it added in that order. */
export function* pairsFoundBy(db: Database, find: () => void): Generator<MoveCandidate, void, undefined> {
  db.endBatch();
  const before = lastPosition(db);
  find();
  db.endBatch();
  const end = lastPosition(db);
  const found = inPages<Pair>((last) =>
    db.all(PAGE, [last?.position ?? before, end], (row) => ({
      position: toNumber(row["position"]),
      from: toKey(row["from_key"]),
      to: toKey(row["to_key"]),
    })),
  );
  for (const { from, to } of found) yield { from, to };
}

export function addPair(db: Database, from: PathKey, to: PathKey): void {
  db.batched("INSERT INTO scratch.pair (from_key, to_key) VALUES (?, ?)", from, to);
}

function lastPosition(db: Database): number {
  return db.count("SELECT ifnull(max(position), 0) FROM scratch.pair");
}
