import { createHash } from "node:crypto";
import * as z from "zod";
import { toSyncPath, type SyncPath } from "../../lib/model/path.js";
import { parseJson, remember, type Memory } from "../memory.js";

/** A photo on its way from one album to another. */
export interface UnfinishedMove {
  readonly id: string;
  readonly from: SyncPath;
  readonly to: SyncPath;
}

/**
 * Moves between albums under way, written down before they begin. A move takes up to three calls: what is left half-way,
 * by a run that is killed or a call that fails, in both albums or under its old name in the new one, would look like another photo.
 */
export interface MoveNotes {
  begin(move: UnfinishedMove): void;
  end(move: UnfinishedMove): void;
  /** What was begun and has not ended, by earlier runs and by this one. */
  unfinished(): readonly UnfinishedMove[];
}

/** After so long the photo is shown where it is. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

const PREFIX = "moving:";
const note = z.object({ id: z.string(), from: z.string(), to: z.string(), begunMs: z.number() });

export function createMoveNotes(memory: Memory, now: () => number): MoveNotes {
  return {
    begin: ({ id, from, to }) => {
      remember(memory, keyOf(from), { id, from, to, begunMs: now() });
    },
    end: ({ from }) => {
      memory.set(keyOf(from), undefined);
    },
    unfinished: () => readUnfinished(memory, now()),
  };
}

function readUnfinished(memory: Memory, nowMs: number): readonly UnfinishedMove[] {
  return [...memory.entries(PREFIX)].flatMap(([name, text]) => {
    const found = parseJson(text, note);
    if (found === undefined || nowMs - found.begunMs > LIFETIME_MS) {
      memory.set(name, undefined);
      return [];
    }
    return [{ id: found.id, from: toSyncPath(found.from), to: toSyncPath(found.to) }];
  });
}

function keyOf(from: SyncPath): string {
  return PREFIX + createHash("sha256").update(from).digest("hex").slice(0, 32);
}
