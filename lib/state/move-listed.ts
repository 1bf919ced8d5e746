import { keyAfterSubtree } from "../model/path.js";
import type { Database } from "./database.js";
import type { Mirror, Place } from "./mirror.js";
import { bringMirrorRowsBack, setMirrorRowAside } from "./move-rows.js";

/**
 * The service says that `from` and everything below it is at `to` now. What was at `to` is gone, and tombstones stay at the old place for
 * what the base knows there, so that the plan finds a renamed folder by its id. Answers false when this was taken in before. Throws
 * when nothing is known of either place. Inside a transaction of the caller's.
 */
export function moveListed(db: Database, mirror: Mirror, from: Place, to: Place): boolean {
  if (!isThere(mirror, from)) {
    if (isThere(mirror, to)) return false;
    throw new Error(`listed as moved from ${from.path}, where nothing was known to be`);
  }
  const isMeant = mirror.meaning(from);
  for (const { key, entry } of mirror.rows({ from: from.key, to: keyAfterSubtree(from.key) })) {
    if (entry.kind !== "gone" && isMeant(entry.path)) setMirrorRowAside(db, mirror.table, { key, path: entry.path });
  }
  const isRespelt = from.key === to.key;
  if (!isRespelt) mirror.bury(to.key, to.path);
  bringMirrorRowsBack(db, mirror.table, from, to);
  if (!isRespelt) mirror.leaveTombstones(from.key, isMeant);
  return true;
}

export function isThere(mirror: Mirror, { key }: Place): boolean {
  const entry = mirror.get(key);
  return entry !== undefined && entry.kind !== "gone";
}
