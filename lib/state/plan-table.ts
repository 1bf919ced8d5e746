import type { Action, ActionKind } from "../model/action.js";
import type { BaseFile, Side } from "../model/entry.js";
import type { ContentHash } from "../model/hash.js";
import type { Database } from "./database.js";
import { PAGE_ROWS, inPages } from "./pages.js";
import type { SqlRow, SqlValue } from "./sqlite.js";
import type { JobState, PlannedStep } from "./types.js";
import { fromJson, isRecord, toKey, toNumber, toOptionalText, toText } from "./values.js";

const STEP = "SELECT sequence, stage, key, action, was FROM scratch.step WHERE";
const PUT = `INSERT INTO scratch.step (sequence, stage, key, kind, action, was, lost, fresh, identity, stamp, size, hash, stored_hash)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const PAGES = {
  ascending: {
    first: `${STEP} stage = ? ORDER BY key, sequence LIMIT ${PAGE_ROWS}`,
    next: `${STEP} stage = ? AND (key, sequence) > (?, ?) ORDER BY key, sequence LIMIT ${PAGE_ROWS}`,
  },
  descending: {
    first: `${STEP} stage = ? ORDER BY key DESC, sequence DESC LIMIT ${PAGE_ROWS}`,
    next: `${STEP} stage = ? AND (key, sequence) < (?, ?) ORDER BY key DESC, sequence DESC LIMIT ${PAGE_ROWS}`,
  },
} as const;

/** The plan of this run. Only this process knows it, so that counts and numbers are kept in memory. */
export function createPlan(db: Database): JobState["plan"] {
  const counts = new Map<string, number>();
  const stages = new Set<number>();
  let sequence = 0;
  const count = (kind: string, by: number) => counts.set(kind, (counts.get(kind) ?? 0) + by);
  return {
    add: (stage, key, action, was) => {
      sequence++;
      const texts = [JSON.stringify(action), was === undefined ? null : JSON.stringify(was)];
      db.batched(PUT, sequence, stage, key, action.kind, ...texts, ...moveColumns(toHalf(action, was)));
      stages.add(stage);
      count(action.kind, 1);
    },
    get: (key) =>
      [...stages]
        .sort((a, b) => a - b)
        .flatMap((stage) => db.all(`${STEP} stage = ? AND key = ? ORDER BY sequence`, [stage, key], toStep)),
    remove: (wanted) => {
      const kind = db.get("SELECT kind FROM scratch.step WHERE sequence = ?", [wanted], (row) => toText(row["kind"]));
      if (kind === undefined) return;
      db.batched("DELETE FROM scratch.step WHERE sequence = ?", wanted);
      count(kind, -1);
    },
    steps: (stage, order = "ascending") => readSteps(db, stage, order),
    count: (kinds: readonly ActionKind[]) => kinds.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0),
    clear: () => {
      db.endBatch();
      db.exec("DELETE FROM scratch.step");
      counts.clear();
      stages.clear();
    },
  };
}

function readSteps(db: Database, stage: number, order: keyof typeof PAGES): Iterable<PlannedStep> {
  const { first, next } = PAGES[order];
  return inPages((last) =>
    last === undefined ? db.all(first, [stage], toStep) : db.all(next, [stage, last.key, last.sequence], toStep),
  );
}

function toStep(row: SqlRow): PlannedStep {
  const was = toOptionalText(row["was"]);
  return {
    sequence: toNumber(row["sequence"]),
    stage: toNumber(row["stage"]),
    key: toKey(row["key"]),
    action: fromJson(toText(row["action"]), isAction),
    was: was === undefined ? undefined : fromJson(was, isBaseFile),
  };
}

function isAction(value: unknown): value is Action {
  return isRecord(value) && "kind" in value && "reason" in value;
}

function isBaseFile(value: unknown): value is BaseFile {
  return isRecord(value) && value["kind"] === "file";
}

/** What shows a deletion (`part` "lost") and a creation ("fresh") to be the two halves of one move. */
interface HalfOfMove {
  readonly part: "lost" | "fresh";
  readonly side: Side;
  /** What a rename leaves alone. */
  readonly identity: string | undefined;
  readonly stamp: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly hash: ContentHash | undefined;
  /** What the service made of it, where that is something else. */
  readonly storedHash: ContentHash | undefined;
}

/** The columns lost, fresh, identity, stamp, size, hash and stored_hash. */
function moveColumns(half: HalfOfMove | undefined): SqlValue[] {
  if (half === undefined) return [null, null, null, null, null, null, null];
  const sides = half.part === "lost" ? [half.side, null] : [null, half.side];
  return [
    ...sides,
    half.identity ?? null,
    half.stamp ?? null,
    half.sizeBytes ?? null,
    half.hash ?? null,
    half.storedHash ?? null,
  ];
}

/** A deletion that the base knows nothing of cannot be half of a move. */
function toHalf(action: Action, was: BaseFile | undefined): HalfOfMove | undefined {
  switch (action.kind) {
    case "delete-remote":
      if (action.remote.kind !== "file" || was === undefined) return undefined;
      return lostHalf("local", was.local.inode, was.local.sizeBytes, was);
    case "delete-local":
      if (action.local.kind !== "file" || was === undefined) return undefined;
      return lostHalf("remote", was.remote.id, was.remote.sizeBytes, was);
    case "upload": {
      if (action.reason !== "local-new" || action.replaces !== undefined) return undefined;
      const { inode, stamp, sizeBytes } = action.local;
      return {
        part: "fresh",
        side: "local",
        identity: inode,
        stamp,
        sizeBytes,
        hash: undefined,
        storedHash: undefined,
      };
    }
    case "download": {
      if (action.reason !== "remote-new" || action.replaces !== undefined) return undefined;
      const { id, sizeBytes, hash } = action.remote;
      return { part: "fresh", side: "remote", identity: id, stamp: undefined, sizeBytes, hash, storedHash: undefined };
    }
    case "move-remote":
    case "move-local":
    case "create-folder-remote":
    case "create-folder-local":
    case "conflict":
    case "record":
    case "forget":
      return undefined;
  }
}

function lostHalf(side: Side, identity: string | undefined, sizeBytes: number | undefined, was: BaseFile): HalfOfMove {
  const storedHash = was.remote.hash;
  return { part: "lost", side, identity, stamp: undefined, sizeBytes, hash: was.local.hash, storedHash };
}
