import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { BLOCK_BYTES } from "./content-hasher.js";
import { type Blob, type Content, joinSlices, type Slice, sliceOf } from "./content.js";
import type { WireError } from "./failures.js";
import type { Settings } from "./settings.js";

export interface Session {
  readonly id: string;
  readonly accountId: string;
  readonly isConcurrent: boolean;
  readonly startedMs: number;
  /** Pieces by their offset. */
  readonly pieces: Map<number, Slice>;
  isClosed: boolean;
  /** Where a concurrent session ends, known from its closing piece. */
  endByte: number | undefined;
}

/** A session's rule was broken: an UploadSessionLookupError, or one of the concurrent_* tags of finish. */
export class SessionFailure extends Error {
  constructor(readonly error: WireError) {
    super(error[".tag"]);
  }
}

/** Upload sessions: bytes that have arrived but are not yet a file. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  start(accountId: string, isConcurrent: boolean): Session {
    const session: Session = {
      id: `pid_upload_session:${this.chance.letters(40)}`,
      accountId,
      isConcurrent,
      startedMs: this.clock.nowMs(),
      pieces: new Map(),
      isClosed: false,
      endByte: undefined,
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Keeps the bytes of an upload that could not be committed, ready to be finished. */
  keep(accountId: string, content: Content): Session {
    const session = this.start(accountId, false);
    let at = 0;
    for (const slice of content.slices) {
      session.pieces.set(at, slice);
      at += slice.endByte - slice.startByte;
    }
    return session;
  }

  find(accountId: string, id: string): Session {
    const session = this.#sessions.get(id);
    const isOver = session !== undefined && this.clock.nowMs() - session.startedMs > this.settings.sessionLifetimeMs;
    if (session?.accountId !== accountId || isOver) throw failure("not_found");
    return session;
  }

  append(session: Session, offset: number, piece: Slice, close: boolean): void {
    if (session.isClosed) throw failure("closed");
    const length = piece.endByte - piece.startByte;
    if (offset + length > this.settings.fileBytes) throw failure("too_large");
    if (session.isConcurrent) assertAligned(offset, length, close);
    else assertOffset(session, offset);
    if (length > 0) session.pieces.set(offset, piece);
    if (!close) return;
    session.isClosed = true;
    session.endByte = offset + length;
  }

  /** The whole content. `offset` is the one the client claims. */
  async assemble(session: Session, offset: number): Promise<Content> {
    if (session.isConcurrent) assertComplete(session, offset);
    else assertOffset(session, offset);
    const inOrder = [...session.pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece);
    return await joinSlices(inOrder);
  }

  /** A committed session is gone: another finish finds nothing. */
  drop(session: Session): void {
    this.#sessions.delete(session.id);
  }

  open(): readonly Session[] {
    return [...this.#sessions.values()];
  }
}

/** How many bytes a sequential session has. */
export function receivedBytes(session: Session): number {
  let received = 0;
  for (const [offset, piece] of session.pieces) {
    received = Math.max(received, offset + piece.endByte - piece.startByte);
  }
  return received;
}

export function wholeBody(blob: Blob): Slice {
  return sliceOf(blob, 0, blob.sizeBytes);
}

function assertOffset(session: Session, offset: number): void {
  const correct = receivedBytes(session);
  if (offset !== correct) throw new SessionFailure({ ".tag": "incorrect_offset", correct_offset: correct });
}

function assertAligned(offset: number, length: number, isLast: boolean): void {
  if (offset % BLOCK_BYTES !== 0) throw failure("concurrent_session_invalid_offset");
  if (length % BLOCK_BYTES !== 0 && !isLast) throw failure("concurrent_session_invalid_data_size");
}

function assertComplete(session: Session, offset: number): void {
  if (!session.isClosed) throw failure("concurrent_session_not_closed");
  let reached = 0;
  for (const [at, piece] of [...session.pieces].sort(([a], [b]) => a - b)) {
    if (at !== reached) throw failure("concurrent_session_missing_data");
    reached += piece.endByte - piece.startByte;
  }
  if (reached !== session.endByte) throw failure("concurrent_session_missing_data");
  if (reached !== offset) throw new SessionFailure({ ".tag": "incorrect_offset", correct_offset: reached });
}

function failure(tag: string): SessionFailure {
  return new SessionFailure({ ".tag": tag });
}
