import type { Connection } from "./connection.js";
import { createSavedSessions } from "./saved-sessions.js";
import { cancelSession } from "./upload-session.js";

/**
 * Ends all sessions that are still remembered, so that they block no name, for anybody. Only for the end of a run that has uploaded
 * everything: what such a run went on with or began anew is forgotten by then, so that the files of the others are gone, or changed.
 * A run that came to less cannot tell them from those that the next one goes on with, and leaves them all alone.
 */
export async function cancelAbandoned(connection: Connection, signal: AbortSignal): Promise<void> {
  const saved = createSavedSessions(connection.memory, connection.now);
  for (const { url, path } of saved.left()) {
    const end = await cancelSession(connection, { url, subject: path }, signal);
    if (end === "over") saved.drop(url);
    // Where the service is out of reach for one, no time is spent on the others. The next run tries again.
    if (end === "unanswered") return;
  }
}
