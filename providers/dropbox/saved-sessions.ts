import { createHash } from "node:crypto";
import * as z from "zod";
import { parseJson, recall, remember, type Memory } from "../memory.js";

/** An upload session that is under way, with the parts that the service has. */
export interface SavedSession {
  readonly id: string;
  readonly partBytes: number;
  /** By the number of the part: the SHA-256 digests of its blocks. */
  readonly parts: ReadonlyMap<number, readonly Buffer[]>;
}

const saved = z.object({
  id: z.string(),
  account: z.string(),
  startedMs: z.number(),
  sizeBytes: z.number(),
  partBytes: z.number().int().positive(),
});

/** The service keeps sessions for 7 days; one that could end while it is being finished is not gone on with. */
const LIFETIME_MS = 6.5 * 24 * 3600 * 1000;

const PREFIX = "upload:";

/** Remembers sessions for a later run. Every part has a record of its own: a list would be written anew with each. */
export interface SavedSessions {
  find(key: SessionKey): SavedSession | undefined;
  begin(key: SessionKey, session: { readonly id: string; readonly partBytes: number }): void;
  addPart(key: SessionKey, part: number, digests: readonly Buffer[]): void;
  forget(key: SessionKey): void;
  /** Forgets all sessions that the service no longer has. */
  tidy(): void;
}

export interface SessionKey {
  readonly resumeKey: string;
  readonly account: string;
  readonly sizeBytes: number;
}

export function createSavedSessions(memory: Memory, now: () => number): SavedSessions {
  function forgetName(name: string): void {
    for (const [part] of memory.entries(`${name}:`)) memory.set(part, undefined);
    memory.set(name, undefined);
  }

  function isOver(startedMs: number): boolean {
    const ageMs = now() - startedMs;
    return ageMs > LIFETIME_MS || ageMs < 0;
  }

  return {
    find: (key) => {
      const name = nameFor(key);
      const session = recall(memory, name, saved);
      if (session === undefined) return undefined;
      const isOurs = session.account === key.account && session.sizeBytes === key.sizeBytes;
      if (isOurs && !isOver(session.startedMs)) return { ...session, parts: readParts(memory, name) };
      forgetName(name);
      return undefined;
    },
    begin: (key, session) => {
      forgetName(nameFor(key));
      const { account, sizeBytes } = key;
      remember(memory, nameFor(key), { ...session, account, sizeBytes, startedMs: now() });
    },
    addPart: (key, part, digests) => {
      memory.set(`${nameFor(key)}:${part}`, digests.map((digest) => digest.toString("hex")).join(","));
    },
    forget: (key) => forgetName(nameFor(key)),
    tidy: () => {
      for (const [name, text] of memory.entries(PREFIX)) {
        const session = parseJson(text, saved);
        if (session !== undefined && isOver(session.startedMs)) forgetName(name);
      }
    },
  };
}

function readParts(memory: Memory, name: string): ReadonlyMap<number, readonly Buffer[]> {
  const parts = new Map<number, readonly Buffer[]>();
  for (const [part, digests] of memory.entries(`${name}:`)) {
    const number = Number(part.slice(name.length + 1));
    parts.set(
      number,
      digests.split(",").map((digest) => Buffer.from(digest, "hex")),
    );
  }
  return parts;
}

/** The key may hold anything, the name of a record is short and without colons. */
function nameFor({ resumeKey }: SessionKey): string {
  return PREFIX + createHash("sha256").update(resumeKey).digest("hex").slice(0, 32);
}
