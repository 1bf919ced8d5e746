import type { Database } from "./database.js";
import type { JobState } from "./types.js";
import { toHash } from "./values.js";

/**
 * Hashes of local files that are not in the base. An empty stamp says that the file may change without showing it, so nothing is
 * remembered under one. Losing what was put last costs only time, so it is written in batches.
 */
export function createHashes(db: Database): JobState["hashes"] {
  return {
    get: (key, stamp) => {
      if (stamp === "") return undefined;
      return db.get("SELECT hash FROM main.hash WHERE key = ? AND stamp = ?", [key, stamp], (row) =>
        toHash(row["hash"]),
      );
    },
    put: (key, stamp, hash) => {
      if (stamp === "") return;
      db.batched("INSERT OR REPLACE INTO main.hash (key, stamp, hash) VALUES (?, ?, ?)", key, stamp, hash);
    },
  };
}

/** Forgets hashes of files that this run's scan did not find. Inside a transaction of the caller's. */
export function dropUnseenHashes(db: Database): void {
  db.run("DELETE FROM main.hash WHERE NOT EXISTS (SELECT 1 FROM scratch.scan AS s WHERE s.key = main.hash.key)");
}
