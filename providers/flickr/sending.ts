import { backoffMs } from "../../lib/http/backoff.js";
import { ProviderError } from "../../lib/model/errors.js";
import { nameOf } from "../../lib/model/path.js";
import type { Upload } from "../provider.js";
import { attempt } from "../attempts.js";
import type { Subject } from "../refusals.js";
import type { Connection } from "./connection.js";
import { hasNumber, type Meanings } from "./errors.js";
import { findAmongLatest, findSent, isSent } from "./find-sent.js";
import type { Inspected } from "./inspect.js";
import type { Begun } from "./journal.js";
import { endingOf } from "./media.js";
import { fetchInfo } from "./look.js";
import { toMultipart } from "./multipart.js";
import type { Photo } from "./photos.js";
import { readStored, type Stored } from "./stored.js";
import { tagsOf } from "./tags.js";

/** A file that is to be a photo of its own. */
export interface Delivery extends Inspected {
  readonly file: Upload;
  /** What is known of an earlier try that has not ended. */
  readonly begun?: Begun | undefined;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 2_000;

/** From this size on, and for videos, the service is asked to work on the file after it has taken it. */
const ASYNC_BYTES = 32 * 1024 * 1024;

/**
 * Sends the content and resolves to the photo that came of it, which is in no album yet. What may have been stored although no good
 * answer came is looked for before anything is sent again.
 */
export async function send(connection: Connection, delivery: Delivery, signal: AbortSignal): Promise<Photo> {
  const { begun } = delivery;
  const earlier = begun === undefined ? undefined : await findBegun(connection, delivery, begun, signal);
  if (earlier !== undefined) return earlier;
  const sinceMs = connection.now();
  // What an earlier run was sending when it was killed may have arrived without being listed yet.
  let isGuarded = begun !== undefined;
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(() => shoot(connection, delivery, isGuarded, signal));
    if (outcome.ok && outcome.value !== "duplicate elsewhere") return outcome.value;
    // The account holds the same content at another place, which is nobody's mistake: it is sent without asking about that.
    if (outcome.ok) isGuarded = false;
    else {
      if (tries === 1 && begun === undefined && isRefusal(outcome.error)) connection.journal.drop(delivery.file.path);
      if (outcome.error.code !== "unavailable" || outcome.error instanceof StillWorking) throw outcome.error;
      const found = await findSent(connection, delivery, sinceMs, signal);
      if (found !== undefined) return found;
      if (tries >= TRIES) throw outcome.error;
      isGuarded = true;
      await connection.sleep(backoffMs(tries, FIRST_PAUSE_MS, Math.random), signal);
    }
  }
}

/** The service has the content, and will not say what came of it before it is done: it must not be sent again meanwhile. */
class StillWorking extends ProviderError {}

/** The service has looked at the content and keeps nothing of it. */
function isRefusal(error: ProviderError): boolean {
  return hasNumber(error, 4, 5, 6, 7, 8, 14);
}

const EARLIER_TICKET_MS = 60_000;

/** What came of an earlier try, as far as the service tells. */
async function findBegun(
  connection: Connection,
  delivery: Delivery,
  { begunMs, ticket }: Begun,
  signal: AbortSignal,
): Promise<Photo | undefined> {
  if (ticket !== undefined) {
    const stored = await attempt(() => awaitTicket(connection, delivery, ticket, EARLIER_TICKET_MS, signal));
    if (stored.ok && stored.value !== undefined) return await photoOf(connection, delivery, stored.value, signal);
    if (!stored.ok) {
      // The service could make nothing of it: perhaps it can the next time.
      if (stored.error.code === "rejected") connection.journal.drop(delivery.file.path);
      throw stored.error;
    }
  }
  return await findAmongLatest(connection, delivery, begunMs, signal);
}

async function photoOf(connection: Connection, delivery: Delivery, id: string, signal: AbortSignal): Promise<Photo> {
  const { secret } = await fetchInfo(connection.api, id, aboutUpload(delivery.file), signal);
  return toSentPhoto(delivery, id, secret);
}

async function shoot(
  connection: Connection,
  delivery: Delivery,
  isGuarded: boolean,
  signal: AbortSignal,
): Promise<Photo | "duplicate elsewhere"> {
  const { file, media } = delivery;
  const isAsync = media.kind === "video" || file.content.sizeBytes >= ASYNC_BYTES;
  const fields = {
    ...fieldsOf(connection, delivery),
    ...(isAsync ? { async: "1" } : {}),
    ...(isGuarded ? { dedup_check: "1" } : {}),
  };
  const stored = await post(connection, "upload", delivery, fields, signal);
  if (stored.kind === "duplicate") return await duplicateOf(connection, delivery, stored.id, signal);
  if (stored.kind === "ticket") connection.journal.noteTicket(file.path, stored.ticket);
  const { id, secret } = await settle(connection, delivery, stored, signal);
  return secret === undefined ? await photoOf(connection, delivery, id, signal) : toSentPhoto(delivery, id, secret);
}

/** The tags travel with the content, so that no photo is ever there without them. */
function fieldsOf({ audience }: Connection, { file, hash }: Delivery): Readonly<Record<string, string>> {
  const facts = { hash, sizeBytes: file.content.sizeBytes, modifiedMs: file.modifiedMs };
  return { title: nameOf(file.path), tags: tagsOf(facts), ...SHOWN[audience] };
}

const SHOWN: Readonly<Record<Connection["audience"], Readonly<Record<string, string>>>> = {
  private: { is_public: "0", is_friend: "0", is_family: "0" },
  family: { is_public: "0", is_friend: "0", is_family: "1" },
  friends: { is_public: "0", is_friend: "1", is_family: "0" },
  public: { is_public: "1", is_friend: "0", is_family: "0" },
  account: {},
};

/** From the last byte to the answer. */
const ANSWER_MS = 180_000;
const BYTES_PER_SECOND = 2 * 1024 * 1024;

/** Sends a form with the content, to make a photo of it or to replace one. */
export async function post(
  { api }: Connection,
  route: "upload" | "replace",
  { file, hash, media }: Delivery,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Stored> {
  const { path, content } = file;
  // The name that travels beside the content is not what the photo is called, and other alphabets are a trouble in it.
  const part = { name: `upload.${endingOf(path)}`, type: media.type, content };
  const body = toMultipart({ fields, file: part, hash, path });
  const about = aboutUpload(file);
  const responseTimeoutMs = ANSWER_MS + patienceFor(file);
  return readStored(await api.post({ ...about, route, fields, body, responseTimeoutMs }, signal), about, MEANINGS);
}

/** How long the service may work on a file, in milliseconds. */
function patienceFor({ content }: Upload): number {
  return (content.sizeBytes / BYTES_PER_SECOND) * 1000;
}

const TICKET_MS = 10 * 60_000;

/** Waits for a ticket. Rejects with "unavailable" when it is not known what came of it. */
export async function settle(
  connection: Connection,
  delivery: Delivery,
  stored: Exclude<Stored, { readonly kind: "duplicate" }>,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly secret: string | undefined }> {
  if (stored.kind === "photo") return stored;
  const { file } = delivery;
  const id = await awaitTicket(connection, delivery, stored.ticket, TICKET_MS + patienceFor(file), signal);
  if (id !== undefined) return { id, secret: undefined };
  throw new ProviderError(
    "unavailable",
    `upload ${file.path}: Flickr has taken it and does not say what came of it; run again later`,
  );
}

/** The id of the photo; undefined when the service does not know the ticket. Rejects with `StillWorking` when it is not done in time. */
async function awaitTicket(
  { tickets }: Connection,
  { file }: Delivery,
  ticket: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const waited = await tickets.wait(ticket, aboutUpload(file), patienceMs, signal);
  if (waited.kind === "done") return waited.photoId;
  if (waited.kind === "unknown") return undefined;
  throw new StillWorking(
    "unavailable",
    `upload ${file.path}: Flickr has taken it and is still working on it; a later run puts it into its album`,
  );
}

/** What the service says is there already may be what this very upload left, by an earlier try. */
async function duplicateOf(
  connection: Connection,
  delivery: Delivery,
  id: string | undefined,
  signal: AbortSignal,
): Promise<Photo | "duplicate elsewhere"> {
  if (id === undefined || connection.catalog.photo(id) !== undefined) return "duplicate elsewhere";
  const info = await fetchInfo(connection.api, id, aboutUpload(delivery.file), signal);
  const tags = (info.tags?.tag ?? []).map(({ raw }) => raw);
  if (!isSent(delivery, { title: info.title, tags })) return "duplicate elsewhere";
  return toSentPhoto(delivery, id, info.secret);
}

export function toSentPhoto({ file, hash, media }: Delivery, id: string, version: string): Photo {
  return {
    id,
    title: nameOf(file.path),
    media: media.kind,
    format: undefined,
    isFileName: true,
    version,
    hash,
    sizeBytes: file.content.sizeBytes,
    modifiedMs: Math.max(0, Math.floor(file.modifiedMs)),
    uploadedMs: undefined,
    originalUrl: undefined,
    isReady: true,
  };
}

export function aboutUpload({ path }: Upload): Subject {
  return { operation: "upload", subject: path };
}

const MEANINGS: Meanings = {
  0: { code: "rejected", sentence: "the account takes no videos" },
  1: {
    code: "rejected",
    sentence: "Flickr replaces photos for Pro members only; rename the file, and it is uploaded as another one",
  },
  2: { code: "malformed", sentence: "the content did not arrive" },
  3: { code: "unavailable", sentence: "the upload failed; run again later" },
  4: { code: "rejected", sentence: "Flickr takes no empty files" },
  5: { code: "rejected", sentence: "Flickr does not recognise it as a picture or video; it may be damaged" },
  6: { code: "quota", sentence: "the account holds as many photos as it may" },
  7: { code: "quota", sentence: "the account holds as many videos as it may" },
  8: { code: "rejected", sentence: "it is too large for this account, or a video, of which Flickr replaces none" },
  14: { code: "quota", sentence: "Flickr takes no uploads of programs from this account at the moment" },
};
