import type { Database } from "./database.js";
import { pairsFoundBy } from "./pairs.js";
import { GONE } from "./remote-rows.js";
import type { RemoteTable } from "./schema.js";
import type { MoveCandidate } from "./types.js";

interface SideOfMoves {
  readonly table: string;
  /** Which rows of that table stand for something that is there. */
  readonly exists: string;
  /** The column that a rename leaves alone, there and in the base. */
  readonly identity: string;
  readonly baseIdentity: string;
}

/**
 * Folders of the base that are gone, each with the one new folder of the same identity. Inodes are given out again after a
 * deletion, so a folder counts only if a file below it has come along, at the same place below the folder and with its own identity.
 */
export function findFolderMoves(
  db: Database,
  side: "local" | "remote",
  mirrorTable: RemoteTable,
): Iterable<MoveCandidate> {
  const there: SideOfMoves =
    side === "local"
      ? { table: "scratch.scan", exists: "kind >= 0", identity: "inode", baseIdentity: "inode" }
      : { table: mirrorTable, exists: `kind <> ${GONE}`, identity: "id", baseIdentity: "remote_id" };
  return pairsFoundBy(db, () => {
    db.run(toSql(there));
  });
}

/** A pair is kept only if neither of its folders is in another pair. Parents come before what is in them. */
function toSql({ table, exists, identity, baseIdentity }: SideOfMoves): string {
  return `
INSERT INTO scratch.pair (from_key, to_key)
SELECT from_key, to_key FROM (
  SELECT b.key AS from_key, new.key AS to_key,
    count(*) OVER (PARTITION BY b.key) AS ways_from, count(*) OVER (PARTITION BY new.key) AS ways_to
  FROM main.base AS b JOIN ${table} AS new ON new.${identity} = b.${baseIdentity}
  WHERE b.kind = 1 AND new.kind = 1
    AND NOT EXISTS (SELECT 1 FROM ${table} AS old WHERE old.key = b.key AND old.${exists})
    AND NOT EXISTS (SELECT 1 FROM main.base AS known WHERE known.key = new.key)
    AND EXISTS (
      SELECT 1 FROM main.base AS file
      JOIN ${table} AS moved ON moved.key = new.key || substr(file.key, length(b.key) + 1)
      WHERE file.kind = 0 AND file.key > b.key || char(1) AND file.key < b.key || char(2)
        AND moved.kind = 0 AND moved.${identity} = file.${baseIdentity})
) WHERE ways_from = 1 AND ways_to = 1 ORDER BY from_key`;
}
