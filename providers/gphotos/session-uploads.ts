import { LocalError, ProviderError } from "../../lib/model/errors.js";
import type { Upload } from "../provider.js";
import { attempt } from "../attempts.js";
import type { Connection } from "./connection.js";
import { ServiceError } from "./errors.js";
import { hashContent } from "./hash-content.js";
import { about, contentFrom, mimeTypeOf, tokenIn, type SentContent } from "./whole-uploads.js";

/** Broken connections in a row, without a byte more at the service in between. */
const TRIES = 5;
const PAUSE_MS = 1_000;

/**
 * Sends a large content in a session: all that is missing with one request, as often as the connection breaks. The session is
 * remembered, so that a later run goes on where this one ended; one that is lost is begun anew.
 */
export async function sendInSession(
  connection: Connection,
  file: Upload,
  _bytes: undefined,
  signal: AbortSignal,
): Promise<SentContent> {
  const { saved, sleep } = connection;
  let failures = 0;
  let furthestBytes = 0;
  try {
    for (let isNew = false; ;) {
      const session = await openSession(connection, file, isNew, signal);
      if (session.receivedBytes > furthestBytes) failures = 0;
      furthestBytes = Math.max(furthestBytes, session.receivedBytes);
      const outcome = await attempt(() => sendRest(connection, file, session, signal));
      if (outcome.ok) return outcome.value;
      isNew = isLost(outcome.error);
      failures += 1;
      if ((!isNew && outcome.error.code !== "unavailable") || failures === TRIES) throw outcome.error;
      await sleep(PAUSE_MS * 2 ** failures, signal);
    }
  } catch (error) {
    // Content that has changed will never be asked for under this key again.
    if (error instanceof LocalError) saved.forgetSession(file.resumeKey);
    throw error;
  }
}

interface Session {
  readonly url: string;
  readonly receivedBytes: number;
}

async function openSession(
  connection: Connection,
  file: Upload,
  isNew: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const { api, saved } = connection;
  const url = isNew ? undefined : saved.findSession(file.resumeKey, file.content.sizeBytes);
  const found = url === undefined || !api.isOwn(url) ? undefined : await query(connection, file, url, signal);
  if (found !== undefined) return found;
  saved.forgetSession(file.resumeKey);
  return await start(connection, file, signal);
}

async function start({ api, saved }: Connection, file: Upload, signal: AbortSignal): Promise<Session> {
  const { sizeBytes } = file.content;
  const headers = {
    "x-goog-upload-command": "start",
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-content-type": mimeTypeOf(file),
    "x-goog-upload-raw-size": String(sizeBytes),
  };
  const sending = { ...about(file), session: undefined, headers, body: undefined, repeatable: true };
  const url = (await api.send(sending, signal)).headers["x-goog-upload-url"];
  if (url === undefined || !api.isOwn(url)) {
    throw new ProviderError("malformed", `upload ${file.path}: Google Photos opened no session; run again later`);
  }
  saved.saveSession(file.resumeKey, { url, sizeBytes });
  return { url, receivedBytes: 0 };
}

/** How far the session is; undefined for one that is of no use any more. */
async function query(
  { api }: Connection,
  file: Upload,
  url: string,
  signal: AbortSignal,
): Promise<Session | undefined> {
  const headers = { "x-goog-upload-command": "query" };
  const sending = { ...about(file), session: url, headers, body: undefined, repeatable: true };
  const outcome = await attempt(() => api.send(sending, signal));
  if (!outcome.ok) {
    if (isLost(outcome.error)) return undefined;
    throw outcome.error;
  }
  // A session that ended took its token along.
  const { "x-goog-upload-status": status, "x-goog-upload-size-received": received } = outcome.value.headers;
  const receivedBytes = Number(received);
  const isGood = status === "active" && /^\d+$/.test(received ?? "") && receivedBytes < file.content.sizeBytes;
  return isGood ? { url, receivedBytes } : undefined;
}

async function sendRest(
  { api, saved }: Connection,
  file: Upload,
  { url, receivedBytes }: Session,
  signal: AbortSignal,
): Promise<SentContent> {
  const rest = contentFrom(file, receivedBytes);
  const headers = { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": String(receivedBytes) };
  // Where it breaks, the service has to be asked first how much of it arrived.
  const sending = { ...about(file), session: url, headers, body: rest.body, repeatable: false };
  const token = tokenIn(await api.send(sending, signal), file);
  saved.forgetSession(file.resumeKey);
  const sentHash = receivedBytes === 0 ? rest.hash() : await hashContent(file.content);
  return { kind: "token", token, sentHash };
}

/** Only starting again helps. */
function isLost(error: ProviderError): boolean {
  return error instanceof ServiceError && [400, 404, 410].includes(error.status) && error.trouble !== "too-often";
}
