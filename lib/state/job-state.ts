import { createBase } from "./base.js";
import { Generation, createFacts } from "./facts.js";
import { findFileMoves, findLostWith, findSuspects } from "./file-moves.js";
import { findFolderMoves } from "./folder-moves.js";
import { createHashes } from "./hashes.js";
import { createMemory } from "./memory.js";
import { Mirror } from "./mirror.js";
import { OwnMoves } from "./own-moves.js";
import { createPlan } from "./plan-table.js";
import { createRuns } from "./runs.js";
import { createScan } from "./scan.js";
import { forgetEverything, settle } from "./settle.js";
import { openForPlan, openForSync } from "./state-file.js";
import type { OpenState } from "./state-file.js";
import { takeListing } from "./take-listing.js";
import type { JobState } from "./types.js";

export interface JobStateOptions {
  /** The directory of the job. For "sync" it is created where missing, and the caller holds its lock. */
  readonly dir: string;
  /** "plan" changes nothing in `dir` and forgets everything when it is closed. */
  readonly mode: "sync" | "plan";
  /** Where a plan may keep its files for as long as it runs; not used by "sync". */
  readonly scratchDir: string;
}

export interface OpenedJobState {
  readonly state: JobState;
  /** Sentences for the user: what was found damaged or too old, and what became of it. */
  readonly notices: readonly string[];
}

/**
 * Throws `UsageError` when the directory cannot be used or a newer trisync wrote the state, `LocalError` when the disk
 * is full or fails; so do all methods of the result.
 */
export function openJobState({ dir, mode, scratchDir }: JobStateOptions): OpenedJobState {
  const file = mode === "sync" ? openForSync(dir) : openForPlan(dir, scratchDir);
  return { state: toJobState(file), notices: file.notices };
}

function toJobState({ db, close }: OpenState): JobState {
  const mirror = new Mirror(db, "main.mirror");
  const ownMoves = new OwnMoves(db, mirror);
  const tables = { db, mirror, ownMoves, generation: new Generation(db) };
  return {
    facts: createFacts(db),
    memory: createMemory(db),
    base: createBase(db),
    mirror: {
      rows: (range) => mirror.rows(range),
      get: (key) => mirror.get(key),
      find: (id) => mirror.find(id),
      take: (pages, foldCase) => takeListing({ db, mirror, ownMoves, foldCase }, pages),
      isEmpty: () => mirror.isEmpty(),
    },
    scan: createScan(db),
    hashes: createHashes(db),
    moves: {
      folders: (side) => findFolderMoves(db, side, mirror.table),
      files: (side, by) => findFileMoves(db, side, by),
      suspects: () => findSuspects(db),
      lostWith: (inode) => findLostWith(db, inode),
    },
    plan: createPlan(db),
    settle: (settlements) => {
      settle(tables, settlements);
    },
    forgetEverything: () => {
      forgetEverything(tables);
    },
    runs: createRuns(db),
    close,
  };
}
