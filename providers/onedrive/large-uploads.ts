import { LocalError, ProviderError } from "../../lib/model/errors.js";
import type { Upload, Uploaded } from "../provider.js";
import { attempt } from "../attempts.js";
import { lookAtFiles } from "./condition.js";
import { findStored, toUploaded } from "./confirm.js";
import type { Connection } from "./connection.js";
import { assertUnchanged, openSession } from "./open-session.js";
import { putWhole } from "./put-whole.js";
import type { FoundRoot } from "./root.js";
import { createSavedSessions } from "./saved-sessions.js";
import type { DriveItem } from "./schemas.js";
import { createSentStream, type SentContent } from "./sent-content.js";
import { askPosition, cancelSession, sendRanges, SessionLost } from "./upload-session.js";

/**
 * Stores a large file through an upload session. Its address is remembered, so that a later run goes on where this one ended; a
 * session that turns out to be lost is begun anew, once. A session that nobody will go on with is ended.
 */
export async function uploadLarge(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  const root = await connection.root.ensure(signal);
  const first = await attempt(() => uploadOnce(connection, root, file, signal));
  if (first.ok) return first.value;
  if (!(first.error instanceof SessionLost)) throw first.error;
  return await uploadOnce(connection, root, file, signal);
}

async function uploadOnce(
  connection: Connection,
  root: FoundRoot,
  file: Upload,
  signal: AbortSignal,
): Promise<Uploaded> {
  const content = createSentStream(file.content, root.drive);
  const begun = await begin(connection, root, { file, content }, signal);
  const finish = async (item: DriveItem): Promise<Uploaded> =>
    await toUploaded(connection, { file, root, sentHash: content.hash() }, item, signal);
  if ("item" in begun) return await finish(begun.item);
  const saved = createSavedSessions(connection.memory, connection.now);
  try {
    const item = await send(connection, root, { file, content, ...begun }, signal);
    saved.forget(file.resumeKey);
    return await finish(item);
  } catch (error) {
    if (!isWorthKeeping(error, signal)) {
      saved.forget(file.resumeKey);
      await cancelSession(connection, { url: begun.url, subject: file.path }, signal);
    }
    throw error;
  }
}

/** A connection that broke or a run that was told to end: the next one goes on from there. */
function isWorthKeeping(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  if (error instanceof LocalError || error instanceof SessionLost) return false;
  return error instanceof ProviderError && error.code === "unavailable";
}

interface Sending {
  readonly file: Upload;
  readonly content: SentContent;
}

type Begun = { readonly url: string; readonly start: number } | { readonly item: DriveItem };

async function begin(connection: Connection, root: FoundRoot, sending: Sending, signal: AbortSignal): Promise<Begun> {
  const { file, content } = sending;
  const resumed = await resume(connection, sending, signal);
  if (resumed !== undefined) return resumed;
  const opening = await openSession(connection, root, { file, sentHash: undefined }, signal);
  switch (opening.kind) {
    case "session": {
      const { path, resumeKey, replaces } = file;
      const session = {
        url: opening.url,
        path,
        sizeBytes: file.content.sizeBytes,
        replaces: replaces?.version ?? null,
      };
      createSavedSessions(connection.memory, connection.now).keep(resumeKey, session);
      return { url: opening.url, start: 0 };
    }
    case "blocked":
      return { item: await putWhole(connection, root, { file, content, condition: opening.condition }, signal) };
    case "stored":
      throw new Error("without a hash nothing can be told to be stored already");
  }
}

/** The session of an earlier run, where it is about the same content and the same version, and the service still has it. */
async function resume(
  connection: Connection,
  { file, content }: Sending,
  signal: AbortSignal,
): Promise<Begun | undefined> {
  const saved = createSavedSessions(connection.memory, connection.now);
  const session = saved.find(file.resumeKey);
  if (session === undefined) return undefined;
  const { url, path, sizeBytes, replaces } = session;
  const isOurs =
    path === file.path && sizeBytes === file.content.sizeBytes && replaces === (file.replaces?.version ?? null);
  const subject = file.path;
  const position = isOurs ? await attempt(() => askPosition(connection, { url, subject }, signal)) : undefined;
  if (position?.ok === true && position.value < sizeBytes) {
    await content.passOver(position.value, signal);
    return { url, start: position.value };
  }
  if (position?.ok === false && !(position.error instanceof SessionLost)) throw position.error;
  saved.forget(file.resumeKey);
  await cancelSession(connection, { url, subject }, signal);
  return undefined;
}

async function send(
  connection: Connection,
  root: FoundRoot,
  sending: Sending & { readonly url: string; readonly start: number },
  signal: AbortSignal,
): Promise<DriveItem> {
  const { file, content, url, start } = sending;
  const { sizeBytes } = file.content;
  const beganMs = connection.now();
  const beforeLast = async (): Promise<void> => {
    // Bytes may travel for hours. What is there is looked at once more, shortly before it is replaced.
    if (start === 0 && connection.now() - beganMs < FRESH_MS) return;
    await assertStillListed(connection, root, file, signal);
  };
  const body = content.body.bind(content);
  const upload = { url, subject: file.path, sizeBytes, body, beforeLast };
  const outcome = await attempt(() => sendRanges(connection, upload, start, signal));
  if (outcome.ok) return outcome.value;
  // Where the last answer was lost, the session is gone, and the file is there.
  const mayBeStored = outcome.error instanceof SessionLost || outcome.error.code === "changed";
  if (!mayBeStored || !content.isWhole) throw outcome.error;
  const stored = await findStored(connection, { file, root, sentHash: content.hash() }, signal);
  if (stored === undefined) throw outcome.error;
  return stored;
}

/** So recent that the condition of the session has just been checked by the service itself. */
const FRESH_MS = 10_000;

async function assertStillListed(
  connection: Connection,
  root: FoundRoot,
  file: Upload,
  signal: AbortSignal,
): Promise<void> {
  if (file.replaces === undefined) return;
  const [condition] = await lookAtFiles(connection, root, [file.replaces], false, signal);
  assertUnchanged(file, condition);
}
