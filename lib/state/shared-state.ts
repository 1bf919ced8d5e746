import { rmSync } from "node:fs";
import { join } from "node:path";
import { ProviderError } from "../model/errors.js";
import { waitForLock } from "./lock.js";
import { makeFolder } from "./make-folder.js";
import { isDamage, translateError } from "./sql-errors.js";
import { connect } from "./sqlite.js";
import type { Connection } from "./sqlite.js";
import type { SharedState } from "./types.js";

export interface SharedStateOptions {
  /** The state directory; what is shared lies in a folder of its own below it. */
  readonly dir: string;
  readonly pid: number;
  readonly now: () => number;
  /** How long a turn is waited for; a turn of others takes minutes where the service makes them wait. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 15 * 60 * 1000;

const NOTES_FILE = "notes.sqlite";

/** Notes and turns for all jobs of one state directory. Touches nothing before it is used. */
export function openSharedState({ dir, pid, now, patienceMs = PATIENCE_MS }: SharedStateOptions): SharedState {
  const folder = join(dir, "shared");
  return {
    async inTurn(name, work, signal) {
      const lock = await waitForLock(join(folder, name), { pid, startedMs: now() }, patienceMs, signal);
      if ("heldBy" in lock) {
        const minutes = Math.round(patienceMs / 60_000);
        throw new ProviderError(
          "unavailable",
          `another job (${lock.heldBy}) has kept ${name} for ${minutes} minutes; run again later`,
        );
      }
      try {
        return await work();
      } finally {
        lock.release();
      }
    },
    update(name, change) {
      const path = join(folder, NOTES_FILE);
      try {
        makeFolder(folder);
        return updateOrBeginAnew(path, name, change);
      } catch (error) {
        throw translateError(error, path);
      }
    },
  };
}

/** For `plan`, which changes nothing: it sees the notes as they are, keeps its own changes to itself, and waits for nobody. */
export function createPassingSharedState({ dir }: Pick<SharedStateOptions, "dir">): SharedState {
  const path = join(dir, "shared", NOTES_FILE);
  const changed = new Map<string, string>();
  return {
    inTurn: (_name, work) => work(),
    update: (name, change) => {
      const note = change(changed.get(name) ?? readNote(path, name));
      changed.set(name, note);
      return note;
    },
  };
}

function readNote(path: string, name: string): string | undefined {
  try {
    const connection = connect(path, { readOnly: true, defensive: false });
    try {
      return noteIn(connection, name);
    } finally {
      connection.close();
    }
  } catch {
    // Not there yet, in use at this moment, or damaged: a plan can do without.
    return undefined;
  }
}

/** Notes save requests and waiting; nothing that could be lost hangs on them. */
function updateOrBeginAnew(path: string, name: string, change: (note: string | undefined) => string): string {
  try {
    return updateNote(path, name, change);
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const file of [path, `${path}-journal`]) rmSync(file, { force: true });
    return updateNote(path, name, change);
  }
}

function updateNote(path: string, name: string, change: (note: string | undefined) => string): string {
  const connection = connect(path, { readOnly: false, defensive: false });
  try {
    connection.exec("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL");
    connection.exec("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, note TEXT NOT NULL)");
    const before = noteIn(connection, name);
    const after = change(before);
    if (after !== before) connection.prepare("INSERT OR REPLACE INTO notes VALUES (?, ?)").run(name, after);
    connection.exec("COMMIT");
    return after;
  } finally {
    connection.close();
  }
}

function noteIn(connection: Connection, name: string): string | undefined {
  const note = connection.prepare("SELECT note FROM notes WHERE name = ?").get(name)?.["note"];
  return typeof note === "string" ? note : undefined;
}
