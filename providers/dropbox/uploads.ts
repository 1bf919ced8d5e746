import { createHasher } from "../../lib/hash/hasher.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload, Uploaded } from "../provider.js";
import { attempt } from "../attempts.js";
import { patiently } from "./batch.js";
import { toCommitInfo } from "./commit-info.js";
import { confirmStored, isSessionLost, toUploaded } from "./confirm.js";
import type { Connection } from "./connection.js";
import { uploadLarge } from "./large-uploads.js";
import { remotePath } from "./paths.js";
import { fileMetadata, startedSession, type FileMetadata } from "./schemas.js";

/** Files up to this size are read into memory and sent with one request. */
const WHOLE_BYTES = 8 * 1024 * 1024;

/** Below this, a second request costs more than waiting for the turn to write. */
const TINY_BYTES = 256 * 1024;

/**
 * Stores one file, with the fewest requests that do not make others wait: bytes and commit in one request where no
 * other write is under way; else the bytes at once, and the commit together with others when its turn has come.
 */
export async function upload(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  if (file.content.sizeBytes > WHOLE_BYTES) return await uploadLarge(connection, file, signal);
  return await connection.transfers(async () => {
    const bytes = await file.content.read(0, file.content.sizeBytes);
    const sentHash = hashBytes(bytes);
    const isDirect = connection.commits.isIdle || bytes.length <= TINY_BYTES;
    const stored = isDirect
      ? await storeDirectly(connection, file, { bytes, sentHash }, signal)
      : await storeInTurn(connection, file, { bytes, sentHash }, signal);
    return toUploaded(file, stored, sentHash);
  });
}

export function hashBytes(bytes: Buffer): ContentHash {
  const hasher = createHasher("dropbox");
  hasher.update(bytes);
  return hasher.digest();
}

/** The digits alone, as the service writes it. */
export function digitsOf(hash: ContentHash): string {
  return hash.slice(hash.indexOf(":") + 1);
}

interface Content {
  readonly bytes: Buffer;
  readonly sentHash: ContentHash;
}

async function storeDirectly(
  { api, root, commits, sleep }: Connection,
  file: Upload,
  { bytes, sentHash }: Content,
  signal: AbortSignal,
): Promise<FileMetadata> {
  const info = toCommitInfo(remotePath(root.path, file.path), file.modifiedMs, file.replaces);
  const arg = { ...info, content_hash: digitsOf(sentHash) };
  const about = { operation: "upload", subject: file.path };
  const call = { ...about, route: "files/upload", arg, answer: fileMetadata, repeatable: true };
  const send = (): Promise<FileMetadata> => api.send(call, bytes, signal);
  const outcome = await attempt(() => commits.alone(() => patiently(send, sleep, signal)));
  if (outcome.ok) return outcome.value;
  return await confirmStored(api, { error: outcome.error, path: info.path, sentHash }, signal);
}

async function storeInTurn(
  connection: Connection,
  file: Upload,
  content: Content,
  signal: AbortSignal,
): Promise<FileMetadata> {
  const { api, root, commits } = connection;
  const { bytes, sentHash } = content;
  const about = { operation: "upload", subject: file.path };
  const arg = { close: true, content_hash: digitsOf(sentHash) };
  const call = { ...about, route: "files/upload_session/start", arg, answer: startedSession, repeatable: true };
  const { session_id: sessionId } = await api.send(call, bytes, signal);
  const info = toCommitInfo(remotePath(root.path, file.path), file.modifiedMs, file.replaces);
  const [outcome] = await commits.finish([{ sessionId, sizeBytes: bytes.length, info }], signal);
  if (outcome?.ok === true) return outcome.value;
  if (outcome === undefined) throw new Error("a commit ended without an outcome");
  const confirmed = await attempt(() =>
    confirmStored(api, { error: outcome.error, path: info.path, sentHash }, signal),
  );
  if (confirmed.ok) return confirmed.value;
  if (!isSessionLost(confirmed.error)) throw confirmed.error;
  return await storeDirectly(connection, file, content, signal);
}
