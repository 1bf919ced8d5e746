import { keyAfterSubtree } from "../model/path.js";
import { getBaseEntry, putBaseEntry } from "./base.js";
import type { Database } from "./database.js";
import { putFact } from "./facts.js";
import type { Generation } from "./facts.js";
import type { Mirror } from "./mirror.js";
import { isThere, moveListed } from "./move-listed.js";
import { moveBaseRows, moveMirrorRows } from "./move-rows.js";
import type { OwnMoves } from "./own-moves.js";
import { dropAllProblems } from "./remote-problems.js";
import type { Settlement } from "./types.js";

interface Tables {
  readonly db: Database;
  readonly mirror: Mirror;
  readonly ownMoves: OwnMoves;
  readonly generation: Generation;
}

type Settled<K extends Settlement["kind"]> = Extract<Settlement, { kind: K }>;

/** Applies all of them or none, durable before it returns. */
export function settle(tables: Tables, settlements: readonly Settlement[]): void {
  if (settlements.length === 0) return;
  const { db, generation } = tables;
  db.transaction(() => {
    for (const settlement of settlements) settleOne(tables, settlement);
    generation.grow();
  });
}

/** Base and mirror start from nothing; the provider's memory and the history stay. */
export function forgetEverything({ db, mirror, ownMoves, generation }: Tables): void {
  db.transaction(() => {
    db.run("DELETE FROM main.base");
    db.run("DELETE FROM main.mirror");
    db.run("DELETE FROM main.hash");
    dropAllProblems(db);
    ownMoves.forget();
    putFact(db, "mirror-listed", undefined);
    putFact(db, "cursor", undefined);
    generation.grow();
  });
  mirror.use("main.mirror");
}

function settleOne(tables: Tables, settlement: Settlement): void {
  switch (settlement.kind) {
    case "agreed":
      agree(tables, settlement);
      return;
    case "forgotten":
      forget(tables, settlement);
      return;
    case "moved":
      move(tables, settlement);
      return;
  }
}

function agree({ db, mirror }: Tables, { key, base, remote }: Settled<"agreed">): void {
  const before = getBaseEntry(db, key);
  // The remote file under its former spelling, where the service has no ids by which `put` would know it.
  if (before !== undefined && before.remotePath !== remote.path) mirror.drop(key, before.remotePath);
  putBaseEntry(db, key, base);
  mirror.put(key, remote);
  db.run("DELETE FROM main.hash WHERE key = ?", key);
}

function forget({ db, mirror }: Tables, { key, mirrorToo }: Settled<"forgotten">): void {
  if (mirrorToo) mirror.forget(key, getBaseEntry(db, key)?.remotePath);
  mirror.dropTombstones(key, `${key}\u0001`);
  db.run("DELETE FROM main.base WHERE key = ?", key);
  db.run("DELETE FROM main.hash WHERE key = ?", key);
}

function move({ db, mirror, ownMoves }: Tables, { from, to, mirrorToo }: Settled<"moved">): void {
  moveBaseRows(db, from, to);
  if (from.key === to.key) {
    // Another spelling of the same place: nothing there has come or gone.
    if (mirrorToo && isThere(mirror, from)) moveListed(db, mirror, from, to);
    else if (mirrorToo) moveMirrorRows(db, mirror.table, from, to);
    return;
  }
  if (!mirrorToo) {
    mirror.dropTombstones(from.key, keyAfterSubtree(from.key));
    return;
  }
  moveMirrorRows(db, mirror.table, from, to);
  // Only where listings go on from one another; the others show everything anew.
  if (mirror.table === "main.mirror") ownMoves.add(from, to);
}
