import { createHash, randomUUID } from "node:crypto";
import * as z from "zod";
import type { SyncPath } from "../../lib/model/path.js";
import { parseJson, recall, remember, type Memory } from "../memory.js";

/** An upload that is under way. Its address is a secret, and cannot be asked for again: whoever loses it blocks the name. */
export interface SavedSession {
  readonly url: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** The version that the upload replaces; null for a new file. */
  readonly replaces: string | null;
  readonly startedMs: number;
}

const saved = z.object({
  url: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  replaces: z.string().nullable(),
  startedMs: z.number(),
});

const group = z.object({
  startedMs: z.number(),
  sessions: z.array(z.object({ url: z.string(), path: z.string() })),
});

/** Addresses of companies' drives hold for about 24 hours, whatever they say. */
const LIFETIME_MS = 23 * 3600 * 1000;

const LARGE = "upload:";
const GROUP = "uploads:";

/** Remembers sessions for later runs: to go on with large files, and to free the names of small ones. */
export interface SavedSessions {
  find(resumeKey: string): SavedSession | undefined;
  keep(resumeKey: string, session: Omit<SavedSession, "startedMs">): void;
  forget(resumeKey: string): void;
  /** Sessions of small files, in one record. Call what it returns when all of them have ended. */
  keepGroup(sessions: readonly LeftSession[]): () => void;
  /** Takes the addresses that earlier uploads to the path left behind. */
  takeLeft(path: SyncPath): readonly string[];
  /** All that are remembered, of large files and of small ones. */
  left(): readonly LeftSession[];
  /** Forgets the one with this address. */
  drop(url: string): void;
  /** Forgets all sessions that the service no longer has. */
  tidy(): void;
}

export function createSavedSessions(memory: Memory, now: () => number): SavedSessions {
  const isOver = (startedMs: number): boolean => now() - startedMs > LIFETIME_MS || now() < startedMs;
  return {
    find: (resumeKey) => {
      const session = recall(memory, nameFor(resumeKey), saved);
      if (session === undefined || !isOver(session.startedMs)) return session;
      memory.set(nameFor(resumeKey), undefined);
      return undefined;
    },
    keep: (resumeKey, session) => remember(memory, nameFor(resumeKey), { ...session, startedMs: now() }),
    forget: (resumeKey) => memory.set(nameFor(resumeKey), undefined),
    keepGroup: (sessions) => {
      const name = GROUP + randomUUID();
      remember(memory, name, { startedMs: now(), sessions });
      return () => memory.set(name, undefined);
    },
    takeLeft: (path) => take(memory, (session) => session.path === path).map(({ url }) => url),
    left: () => leftIn(memory),
    drop: (url) => {
      take(memory, (session) => session.url === url);
    },
    tidy: () => {
      for (const [name, text] of [...memory.entries(LARGE), ...memory.entries(GROUP)]) {
        const startedMs = (parseJson(text, saved) ?? parseJson(text, group))?.startedMs;
        if (startedMs === undefined || isOver(startedMs)) memory.set(name, undefined);
      }
    },
  };
}

/** An unfinished upload, as far as it takes to end it. */
export interface LeftSession {
  readonly url: string;
  readonly path: string;
}

type IsWanted = (session: LeftSession) => boolean;

/** Forgets the sessions in question, and returns them. */
function take(memory: Memory, isWanted: IsWanted): readonly LeftSession[] {
  return [...takeLarge(memory, isWanted), ...takeFromGroups(memory, isWanted)];
}

function takeLarge(memory: Memory, isWanted: IsWanted): readonly LeftSession[] {
  return memory.entries(LARGE).flatMap(([name, text]) => {
    const session = parseJson(text, saved);
    if (session === undefined || !isWanted(session)) return [];
    memory.set(name, undefined);
    return [session];
  });
}

function takeFromGroups(memory: Memory, isWanted: IsWanted): readonly LeftSession[] {
  return memory.entries(GROUP).flatMap(([name, text]) => {
    const found = parseJson(text, group);
    const left = found?.sessions.filter(isWanted) ?? [];
    if (found === undefined || left.length === 0) return [];
    const others = found.sessions.filter((session) => !isWanted(session));
    if (others.length === 0) memory.set(name, undefined);
    else remember(memory, name, { ...found, sessions: others });
    return left;
  });
}

function leftIn(memory: Memory): readonly LeftSession[] {
  const large = memory.entries(LARGE).flatMap(([, text]) => parseJson(text, saved) ?? []);
  const small = memory.entries(GROUP).flatMap(([, text]) => parseJson(text, group)?.sessions ?? []);
  return [...large, ...small];
}

/** The key may hold anything, the name of a record is short and without colons. */
function nameFor(resumeKey: string): string {
  return LARGE + createHash("sha256").update(resumeKey).digest("hex").slice(0, 32);
}
