import { MEMBERS_PER_CALL, sendMany } from "./batch.js";
import { chunksOf } from "../attempts.js";
import type { Connection } from "./connection.js";
import { isNotFound } from "./errors.js";
import type { Memory } from "../memory.js";
import { itemAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { driveItem, ITEM_FIELDS, type DriveItem } from "./schemas.js";

/**
 * Ids of what this job has put there, until a listing has told of them. The cursor is older than they are, and the service need
 * not say that something is gone which no listing since that cursor has shown.
 */
export interface Unheard {
  add(id: string | undefined): void;
  /** A listing has told of it, or this job has deleted it. */
  heard(id: string | undefined): void;
  all(): readonly string[];
}

const PREFIX = "unheard:";

export function createUnheard(memory: Memory): Unheard {
  return {
    add: (id) => {
      if (id !== undefined) memory.set(PREFIX + id, "1");
    },
    heard: (id) => {
      if (id !== undefined && memory.get(PREFIX + id) !== undefined) memory.set(PREFIX + id, undefined);
    },
    all: () => memory.entries(PREFIX).map(([name]) => name.slice(PREFIX.length)),
  };
}

/**
 * Called after the last page of changes: looks at what should have been among them and was not. Yields these items as a listing
 * would have told of them.
 */
export async function* lookAtUnheard(
  connection: Connection,
  { drive }: FoundRoot,
  signal: AbortSignal,
): AsyncGenerator<readonly DriveItem[]> {
  const unheard = createUnheard(connection.memory);
  for (const ids of chunksOf(unheard.all(), MEMBERS_PER_CALL)) {
    const members = ids.map((id) => ({
      operation: "look at",
      subject: "a new entry",
      method: "GET" as const,
      path: `${itemAddress(drive.id, id)}?$select=${ITEM_FIELDS}`,
      answer: driveItem,
      repeatable: true,
    }));
    const outcomes = await sendMany(connection, members, signal);
    yield outcomes.map((outcome, at): DriveItem => {
      if (outcome.ok) return outcome.value;
      if (!isNotFound(outcome.error)) throw outcome.error;
      return { id: ids[at] ?? "", deleted: {} };
    });
    for (const id of ids) unheard.heard(id);
  }
}
