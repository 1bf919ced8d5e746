import { type Bytes, joinBytes, sliceOf } from "../shared/bytes.js";
import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Settings } from "./settings.js";

/** A resumable upload under way. */
export interface Session {
  readonly uploadId: string;
  readonly accountId: string;
  /** As promised at the start; -1 when it was not. */
  readonly rawSizeBytes: number;
  readonly filename: string | undefined;
  readonly expiresMs: number;
  received: Bytes;
  status: "active" | "final" | "cancelled";
}

/** Bytes that have come in whole and wait for a batchCreate. */
export interface Upload {
  readonly token: string;
  readonly accountId: string;
  readonly bytes: Bytes;
  readonly filename: string | undefined;
  expiresMs: number;
  uses: number;
}

const TOKEN_LETTERS = 160;

/** Sessions and upload tokens of all accounts. */
export class Uploads {
  readonly #sessions = new Map<string, Session>();
  readonly #uploads = new Map<string, Upload>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  start(session: Pick<Session, "accountId" | "rawSizeBytes" | "filename">): Session {
    const made: Session = {
      ...session,
      uploadId: this.chance.letters(90),
      expiresMs: this.clock.nowMs() + this.settings.sessionSeconds * 1000,
      received: joinBytes([]),
      status: "active",
    };
    this.#sessions.set(made.uploadId, made);
    return made;
  }

  /** Undefined for sessions that never were, have been dropped, or are too old. */
  session(uploadId: string): Session | undefined {
    const session = this.#sessions.get(uploadId);
    return session === undefined || session.expiresMs <= this.clock.nowMs() ? undefined : session;
  }

  dropSession(uploadId: string): void {
    this.#sessions.delete(uploadId);
  }

  append(session: Session, bytes: Bytes): void {
    session.received = joinBytes([session.received, bytes]);
  }

  /** What is left of a chunk whose connection broke: its whole blocks. */
  keepPart(uploadId: string, offset: number, part: Bytes): void {
    const session = this.session(uploadId);
    if (session?.status !== "active" || offset !== session.received.sizeBytes) return;
    const kept = part.sizeBytes - (part.sizeBytes % this.settings.granularityBytes);
    this.append(session, sliceOf(part, 0, kept));
  }

  finish(upload: Pick<Upload, "accountId" | "bytes" | "filename">): Upload {
    const token = `CAIS${this.chance.letters(TOKEN_LETTERS)}`;
    const expiresMs = this.clock.nowMs() + this.settings.uploadTokenSeconds * 1000;
    const made: Upload = { ...upload, token, expiresMs, uses: 0 };
    this.#uploads.set(token, made);
    return made;
  }

  upload(token: string): Upload | undefined {
    return this.#uploads.get(token);
  }

  isCurrent(upload: Upload): boolean {
    return upload.expiresMs > this.clock.nowMs();
  }

  /** All tokens given out so far have lapsed. */
  lapseAll(): void {
    for (const upload of this.#uploads.values()) upload.expiresMs = 0;
  }

  /** Tokens that were given out and never used, lapsed ones included. */
  get unusedTokens(): number {
    return [...this.#uploads.values()].filter(({ uses }) => uses === 0).length;
  }

  get activeSessions(): readonly Session[] {
    return [...this.#sessions.values()].filter(({ status }) => status === "active");
  }
}

/** Whether a text could be a token of ours at all. */
export function isWellFormedToken(token: string): boolean {
  return /^CAIS[A-Za-z0-9_-]+$/.test(token) && token.length === TOKEN_LETTERS + 4;
}
