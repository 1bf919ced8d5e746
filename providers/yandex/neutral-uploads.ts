import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload } from "../provider.js";
import { attempt } from "../attempts.js";
import { confirm } from "./confirm.js";
import type { Connection } from "./connection.js";
import { hashIfShown } from "./content-hash.js";
import { DamagedError } from "./damage.js";
import { hashOf, isVersion, md5Of } from "./entries.js";
import { isNotFound, isTaken } from "./errors.js";
import { lateMs, pauseAfter } from "./late.js";
import { removePath } from "./leftovers.js";
import { lookUp } from "./look.js";
import { carryOut } from "./operations.js";
import { childOf, folderOf, type RemotePath } from "./paths.js";
import { pauseBeforeSendingAgain, stillDamaged, UNDAMAGED_TRIES } from "./send-again.js";
import { lookOnceMore, send, type Sent } from "./sending.js";
import { setAside } from "./set-aside.js";
import { newUploadName } from "./temporary-names.js";

/**
 * Sends content under a name of a kind that the service takes at full speed, and then gives it its own. Content that an
 * earlier run has sent so far is used.
 */
export async function uploadNeutrally(connection: Connection, file: Upload, signal: AbortSignal): Promise<Sent> {
  const path = connection.paths.of(file.path);
  const earlier = await findEarlier(connection, file, signal);
  if (earlier === undefined) await connection.transfers(file, () => assertAsExpected(connection, file, signal));
  const { temporary, sentHash, mayComeTwice } = earlier ?? (await sendUndamaged(connection, file, signal));
  const sent = { file, path, mayReplace: file.replaces !== undefined, sentHash, wasSeen: true } as const;
  const named = await attempt(() => connection.calls(() => giveName(connection, sent, temporary, signal)));
  if (!named.ok) {
    if (named.error.code === "changed") await forget(connection, temporary, signal);
    throw named.error;
  }
  if (!mayComeTwice) connection.leftovers.end(temporary);
  connection.leftovers.endUploads(file.resumeKey);
  return sent;
}

/** Sending much for nothing is avoided; whether the name is free is decided when it is given. */
async function assertAsExpected(
  connection: Connection,
  { path: subject, replaces }: Upload,
  signal: AbortSignal,
): Promise<void> {
  const found = await lookUp(connection, connection.paths.of(subject), signal);
  const isExpected = replaces === undefined ? found === undefined : found !== undefined && isVersion(found, replaces);
  if (!isExpected) throw new ProviderError("changed", `upload ${subject}: something else is there by now`);
}

interface Stored {
  readonly temporary: RemotePath;
  readonly sentHash: ContentHash;
  /** Whether the same may yet come to the same path once more. */
  readonly mayComeTwice: boolean;
}

/**
 * What an earlier run has sent, which needs neither room nor allowance. It is shown late at times: where the service has all of it, that is
 * waited for as in the run that sent it. What is not to be seen then may still come: it stays on record, for a later run.
 */
async function findEarlier(connection: Connection, file: Upload, signal: AbortSignal): Promise<Stored | undefined> {
  const { leftovers } = connection;
  const longMs = lateMs(file.content.sizeBytes);
  for (const temporary of leftovers.findUploads(file.resumeKey)) {
    const sentAgoMs = leftovers.sentAgoMs(temporary) ?? longMs;
    for (let waitedMs = sentAgoMs >= 0 ? sentAgoMs : longMs; ;) {
      const found = await connection.calls(() => lookForContent(connection, file, temporary, signal));
      if (typeof found === "object") return found;
      if (found === "another" || waitedMs >= longMs) break;
      const pauseMs = pauseAfter(waitedMs - sentAgoMs);
      await connection.sleep(pauseMs, signal);
      waitedMs += pauseMs;
    }
  }
  return undefined;
}

async function lookForContent(
  connection: Connection,
  file: Upload,
  temporary: RemotePath,
  signal: AbortSignal,
): Promise<Stored | "nothing" | "another"> {
  const found = await lookUp(connection, temporary, signal);
  if (found === undefined) return "nothing";
  const sentHash = await hashIfShown(file.content, found, signal);
  if (sentHash !== undefined) return { temporary, sentHash, mayComeTwice: true };
  await forget(connection, temporary, signal);
  return "another";
}

/** Nobody looks at what is under a neutral name, so nothing but the damaged content itself has to go before the next try. */
async function sendUndamaged(connection: Connection, file: Upload, signal: AbortSignal): Promise<Stored> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(() => sendAnew(connection, file, signal));
    if (outcome.ok) return outcome.value;
    if (!(outcome.error instanceof DamagedError)) throw outcome.error;
    if (tries === UNDAMAGED_TRIES) throw stillDamaged(outcome.error);
    await pauseBeforeSendingAgain(connection, tries, signal);
  }
}

async function sendAnew(connection: Connection, file: Upload, signal: AbortSignal): Promise<Stored> {
  const temporary = childOf(folderOf(connection.paths.of(file.path)), newUploadName());
  const beforeSending = (): void => {
    connection.leftovers.beginUpload(temporary, file.resumeKey);
  };
  const delivery = { file, path: temporary, mayReplace: false, beforeSending };
  const { sent, mayComeTwice } = await send(connection, delivery, signal);
  const stored = (await confirm(connection, [sent], signal)).get(sent);
  if (stored?.ok === false) {
    const { error } = stored;
    if (error.code === "changed" || error instanceof DamagedError) await forget(connection, temporary, signal);
    throw error;
  }
  return { temporary, sentHash: sent.sentHash, mayComeTwice };
}

/** Renames the content. A file that it replaces is in the trash before, and in its place until then. */
async function giveName(connection: Connection, sent: Sent, temporary: RemotePath, signal: AbortSignal): Promise<void> {
  const { replaces } = sent.file;
  if (replaces === undefined) {
    await rename(connection, sent, { temporary, overwrite: false }, signal);
    return;
  }
  await setAside(connection, replaces, sent.path, signal);
  await lookOnceMore(connection, sent, signal);
  const outcome = await attempt(() => rename(connection, sent, { temporary, overwrite: true }, signal));
  if (outcome.ok) return;
  if (!isTaken(outcome.error)) throw outcome.error;
  // There are accounts of moves that do not overwrite although they were asked to.
  const about = { operation: "upload", subject: sent.file.path } as const;
  const query = { path: sent.path, permanently: false, md5: md5Of(replaces) };
  await carryOut(connection, { ...about, method: "DELETE", route: "/resources", query, repeatable: true }, signal);
  await rename(connection, sent, { temporary, overwrite: false }, signal);
}

async function rename(
  connection: Connection,
  { file, path, sentHash }: Sent,
  { temporary, overwrite }: { readonly temporary: RemotePath; readonly overwrite: boolean },
  signal: AbortSignal,
): Promise<void> {
  const about = { operation: "upload", subject: file.path } as const;
  const query = { from: temporary, path, overwrite };
  const call = { ...about, method: "POST", route: "/resources/move", query, repeatable: true } as const;
  const outcome = await attempt(() => carryOut(connection, call, signal));
  if (outcome.ok) return;
  // A move whose answer was lost has no source any more when it is tried again.
  const found = isNotFound(outcome.error) ? await lookUp(connection, path, signal) : undefined;
  if (found === undefined || hashOf(found) !== sentHash) throw outcome.error;
}

/** Content for which there is no use any more. Where that does not work, a later run tidies up. */
async function forget(connection: Connection, temporary: RemotePath, signal: AbortSignal): Promise<void> {
  const outcome = await attempt(() => removePath(connection, temporary, true, signal));
  if (outcome.ok || isNotFound(outcome.error)) connection.leftovers.end(temporary);
}
