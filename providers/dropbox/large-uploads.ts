import { digestBlocks, hashOfBlocks } from "../../lib/hash/dropbox-content-hash.js";
import { LocalError, type ProviderError } from "../../lib/model/errors.js";
import type { Upload, Uploaded } from "../provider.js";
import { attempt } from "../attempts.js";
import { patiently } from "./batch.js";
import { toCommitInfo } from "./commit-info.js";
import { confirmStored, isSessionLost, toUploaded } from "./confirm.js";
import type { Connection } from "./connection.js";
import { RouteError } from "./errors.js";
import { remotePath } from "./paths.js";
import { createSavedSessions, type SavedSession, type SavedSessions, type SessionKey } from "./saved-sessions.js";
import { fileMetadata, nothing, startedSession, type FileMetadata } from "./schemas.js";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/**
 * Parts begin at block boundaries, so that each is hashed by itself. They are small, because a few are in memory at
 * once; only files that would have too many of them are sent in larger ones.
 */
function partBytesFor(sizeBytes: number): number {
  if (sizeBytes <= 4 * GIB) return 4 * MIB;
  return sizeBytes <= 64 * GIB ? 8 * MIB : 16 * MIB;
}

/** Parts of one file at once; what all files together may send at once is bounded elsewhere. */
const PARALLEL_PARTS = 4;

/**
 * Stores a large file through an upload session whose parts arrive in any order. The session and the parts that the
 * service has are remembered, so that a later run goes on where this one ended. A session that turns out to be lost
 * is begun anew, once.
 */
export async function uploadLarge(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  const { sizeBytes } = file.content;
  const account = await connection.account.id(signal);
  const sessions = createSavedSessions(connection.memory, connection.now);
  const large: Large = { connection, file, sessions, key: { resumeKey: file.resumeKey, account, sizeBytes } };
  const first = await attempt(() => uploadInSession(large, signal));
  if (first.ok) return first.value;
  if (!isSessionLost(first.error)) throw first.error;
  sessions.forget(large.key);
  return await uploadInSession(large, signal);
}

interface Large {
  readonly connection: Connection;
  readonly file: Upload;
  readonly sessions: SavedSessions;
  readonly key: SessionKey;
}

async function uploadInSession(large: Large, signal: AbortSignal): Promise<Uploaded> {
  const { sessions, key, file } = large;
  const session = sessions.find(key) ?? (await begin(large, signal));
  try {
    const digests = await sendParts(large, session, signal);
    const sentHash = hashOfBlocks(digests);
    const info = toCommitInfo(remotePath(large.connection.root.path, file.path), file.modifiedMs, file.replaces);
    const outcome = await attempt(() => finish(large, session, info, signal));
    const stored = outcome.ok
      ? outcome.value
      : await confirmStored(large.connection.api, { error: outcome.error, path: info.path, sentHash }, signal);
    sessions.forget(key);
    return toUploaded(file, stored, sentHash);
  } catch (error) {
    // Content that has changed will never be asked for under this key again.
    if (error instanceof LocalError) sessions.forget(key);
    throw error;
  }
}

async function begin({ connection, file, sessions, key }: Large, signal: AbortSignal): Promise<SavedSession> {
  const about = { operation: "upload", subject: file.path };
  const arg = { session_type: "concurrent", close: false };
  const call = { ...about, route: "files/upload_session/start", arg, answer: startedSession, repeatable: true };
  const { session_id: id } = await connection.api.send(call, Buffer.alloc(0), signal);
  const session = { id, partBytes: partBytesFor(key.sizeBytes), parts: new Map() };
  sessions.begin(key, { id, partBytes: session.partBytes });
  return session;
}

/** Sends the parts that are missing, and resolves to the digests of all blocks in the order of the content. */
async function sendParts(large: Large, session: SavedSession, signal: AbortSignal): Promise<readonly Buffer[]> {
  const count = Math.ceil(large.key.sizeBytes / session.partBytes);
  const done = new Map(session.parts);
  const missing = Array.from({ length: count - 1 }, (_, part) => part).filter((part) => !done.has(part));
  const queue = missing.values();
  let isStopped = false;

  async function work(): Promise<void> {
    for (const part of queue) {
      if (isStopped) return;
      try {
        done.set(part, await sendPart(large, session, part, signal));
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  }

  // All workers are waited for, so that nothing goes on behind the back of whoever handles the failure.
  const outcomes = await Promise.allSettled(Array.from({ length: PARALLEL_PARTS }, work));
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  // The last part closes the session. No other may come after it.
  const last = count - 1;
  if (!done.has(last)) done.set(last, await sendPart(large, session, last, signal));
  return Array.from({ length: count }, (_, part) => done.get(part) ?? []).flat();
}

async function sendPart(
  { connection, file, sessions, key }: Large,
  session: SavedSession,
  part: number,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const start = part * session.partBytes;
  const end = Math.min(start + session.partBytes, key.sizeBytes);
  const digests = await connection.transfers(async () => {
    signal.throwIfAborted();
    return await connection.partMemory.lend(end - start, async (memory) => {
      const bytes = await file.content.read(start, end, memory);
      const blocks = digestBlocks(bytes);
      const arg = {
        cursor: { session_id: session.id, offset: start },
        close: end === key.sizeBytes,
        content_hash: hashOfBlocks(blocks).slice("dropbox:".length),
      };
      const about = { operation: "upload", subject: file.path };
      const call = { ...about, route: "files/upload_session/append_v2", arg, answer: nothing, repeatable: true };
      const outcome = await attempt(() => connection.api.send(call, bytes, signal));
      if (!outcome.ok && !isThereAlready(outcome.error, end, arg.close)) throw outcome.error;
      return blocks;
    });
  });
  sessions.addPart(key, part, digests);
  return digests;
}

/** A part whose answer was lost is sent again, and refused because it is there. */
function isThereAlready(error: ProviderError, end: number, isLast: boolean): boolean {
  if (!(error instanceof RouteError)) return false;
  return (isLast && error.is("closed")) || (error.is("incorrect_offset") && error.correctOffset === end);
}

async function finish(
  { connection, file, key }: Large,
  session: SavedSession,
  info: object,
  signal: AbortSignal,
): Promise<FileMetadata> {
  const about = { operation: "upload", subject: file.path };
  const arg = { cursor: { session_id: session.id, offset: key.sizeBytes }, commit: info };
  const call = { ...about, route: "files/upload_session/finish", arg, answer: fileMetadata, repeatable: true };
  const send = (): Promise<FileMetadata> => connection.api.send(call, Buffer.alloc(0), signal);
  return await connection.commits.alone(() => patiently(send, connection.sleep, signal));
}
