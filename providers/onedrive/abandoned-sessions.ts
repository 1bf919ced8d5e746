import type { Connection } from "./connection.js";
import { createSavedSessions, type LeftSession } from "./saved-sessions.js";
import { cancelSession } from "./upload-session.js";

/**
 * Ends all sessions that are still remembered, so that they block no name, for anybody. Only for the end of a run that has uploaded
 * everything: what such a run went on with or began anew is forgotten by then, so that the files of the others are gone, or changed.
 * A run that came to less cannot tell them from those that the next one goes on with, and leaves them all alone.
 */
export async function cancelAbandoned(connection: Connection, signal: AbortSignal): Promise<void> {
  const left = createSavedSessions(connection.memory, connection.now).left();
  if (left.length === 0) return;
  // All that had to be done is done: the run waits for this no longer, and ends as well without it. The next one tries again.
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    await cancelAll(connection, left, patience);
  } catch (error) {
    if (!patience.aborted) throw error;
  }
}

const PATIENCE_MS = 10_000;

async function cancelAll(connection: Connection, left: readonly LeftSession[], signal: AbortSignal): Promise<void> {
  const saved = createSavedSessions(connection.memory, connection.now);
  for (const { url, path } of left) {
    const end = await cancelSession(connection, { url, subject: path }, signal);
    if (end === "over") saved.drop(url);
    // Where the service is out of reach for one, no time is spent on the others.
    if (end === "unanswered") return;
  }
}
