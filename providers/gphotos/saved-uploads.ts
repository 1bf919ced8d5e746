import * as z from "zod";
import type { ContentHash } from "../../lib/model/hash.js";
import { parseJson, recall, remember, type Memory } from "../memory.js";

/** What was sent and not yet made a photo of, for the next run: tokens by content, and sessions of large files. */
export interface SavedUploads {
  findToken(sentHash: ContentHash): string | undefined;
  /** Whether it may pay to read a content of this size before it is sent. */
  hasTokenOfSize(sizeBytes: number): boolean;
  saveToken(upload: { readonly sentHash: ContentHash; readonly sizeBytes: number; readonly token: string }): void;
  forgetToken(sentHash: ContentHash): void;
  findSession(resumeKey: string, sizeBytes: number): string | undefined;
  saveSession(resumeKey: string, session: { readonly url: string; readonly sizeBytes: number }): void;
  forgetSession(resumeKey: string): void;
  /** Forgets what the service no longer has. */
  tidy(): void;
}

const token = z.object({ token: z.string(), sizeBytes: z.number(), savedMs: z.number() });
const session = z.object({ url: z.string(), sizeBytes: z.number(), savedMs: z.number() });

const HOUR_MS = 3_600_000;
/** Tokens are good for one day; one that could lapse on its way to the service is not used. */
const TOKEN_MS = 23 * HOUR_MS;
/** How long sessions live is not published. */
const SESSION_MS = 6 * 24 * HOUR_MS;

const TOKENS = "token:";
const SESSIONS = "session:";

export function createSavedUploads(memory: Memory, now: () => number): SavedUploads {
  const isFresh = ({ savedMs }: { readonly savedMs: number }, lifeMs: number): boolean => {
    const ageMs = now() - savedMs;
    return ageMs >= 0 && ageMs < lifeMs;
  };
  const forget = (name: string): void => {
    // A write to the disk only where there is something to forget.
    if (memory.get(name) !== undefined) memory.set(name, undefined);
  };
  return {
    findToken: (sentHash) => {
      const saved = recall(memory, TOKENS + sentHash, token);
      return saved !== undefined && isFresh(saved, TOKEN_MS) ? saved.token : undefined;
    },
    hasTokenOfSize: (sizeBytes) =>
      memory.entries(TOKENS).some(([, text]) => parseJson(text, token)?.sizeBytes === sizeBytes),
    saveToken: ({ sentHash, ...upload }) => remember(memory, TOKENS + sentHash, { ...upload, savedMs: now() }),
    forgetToken: (sentHash) => forget(TOKENS + sentHash),
    findSession: (resumeKey, sizeBytes) => {
      const saved = recall(memory, SESSIONS + resumeKey, session);
      return saved?.sizeBytes === sizeBytes && isFresh(saved, SESSION_MS) ? saved.url : undefined;
    },
    saveSession: (resumeKey, { url, sizeBytes }) =>
      remember(memory, SESSIONS + resumeKey, { url, sizeBytes, savedMs: now() }),
    forgetSession: (resumeKey) => forget(SESSIONS + resumeKey),
    tidy: () => {
      for (const [name, text] of memory.entries(TOKENS)) {
        const saved = parseJson(text, token);
        if (saved === undefined || !isFresh(saved, TOKEN_MS)) memory.set(name, undefined);
      }
      for (const [name, text] of memory.entries(SESSIONS)) {
        const saved = parseJson(text, session);
        if (saved === undefined || !isFresh(saved, SESSION_MS)) memory.set(name, undefined);
      }
    },
  };
}
