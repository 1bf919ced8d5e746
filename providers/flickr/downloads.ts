import { Readable } from "node:stream";
import type { HttpStream } from "../../lib/http/types.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import { bodyFrom } from "../../lib/http/body-from.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Subject } from "../refusals.js";
import type { Book } from "./book.js";
import { checkContent, type Seen } from "./checked-content.js";
import type { Connection } from "./connection.js";
import { GONE } from "./errors.js";
import { fetchInfo } from "./look.js";
import type { Kind } from "./media.js";
import type { Photo } from "./photos.js";
import { photoSizes } from "./schemas.js";

/**
 * The listed content from `start` on. The address of a photo comes with its listing, and ends when the photo is replaced; that of a video
 * has to be asked for.
 */
export async function download(
  connection: Connection,
  file: RemoteFile,
  start: number,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted();
  const { images, catalog } = connection;
  const listed = file.id === undefined ? undefined : catalog.photo(file.id);
  const about = { operation: "download", subject: file.path, start };
  const isAsListed = listed !== undefined && listed.version === file.version;
  const url = isAsListed ? listed.originalUrl : undefined;
  if (isAsListed && url !== undefined && !isAtEnd(file, start)) {
    const answer = await images.open({ ...about, url, followsRedirects: false }, signal);
    if (answer.status < 300) return contentOf(connection, file, listed, { answer, start });
  }
  if (isAsListed && lacksOriginal(connection, listed)) throw noOriginal(file.path);
  const kind = await assertVersion(connection, file, signal);
  // No range begins at the end of a file: all that is left to do is to check the version.
  if (isAtEnd(file, start)) return Readable.from([]);
  if (listed?.isReady === false) throw notReady(about);
  const original = await findOriginal(connection, file, kind, signal);
  const followsRedirects = kind.media === "video";
  const answer = await images.open({ ...about, url: original, followsRedirects }, signal);
  if (answer.status < 300) return contentOf(connection, file, kind, { answer, start });
  throw new ProviderError(
    "unavailable",
    `download ${file.path}: Flickr does not give its content (status ${answer.status}); run again later`,
  );
}

function isAtEnd({ sizeBytes }: RemoteFile, start: number): boolean {
  return start > 0 && sizeBytes !== undefined && start >= sizeBytes;
}

/**
 * Where the service has said of one photo that it gives no original, it is not asked again in this run about others that were listed
 * without one: each question would cost two calls.
 */
function lacksOriginal({ account }: Connection, photo: Photo): boolean {
  return account.lacksOriginals && isListedWithoutOriginal(photo);
}

function isListedWithoutOriginal({ media, isReady, originalUrl, uploadedMs }: Photo): boolean {
  return media === "photo" && isReady && originalUrl === undefined && uploadedMs !== undefined;
}

/** Resolves to what it is. Rejects with "not-found", and with "changed" for another version. */
async function assertVersion(
  { api }: Connection,
  { id, path, version }: RemoteFile,
  signal: AbortSignal,
): Promise<Kind> {
  const info = await fetchInfo(api, id ?? "", { operation: "download", subject: path }, signal);
  if (info.secret === version)
    return { media: info.media === "video" ? "video" : "photo", format: info.originalformat };
  throw new ProviderError("changed", `download ${path}: the photo has been changed on Flickr since it was listed`);
}

async function findOriginal(
  { api, account, catalog }: Connection,
  { id, path }: RemoteFile,
  { media }: Kind,
  signal: AbortSignal,
): Promise<string> {
  const call = {
    operation: "download",
    subject: path,
    name: "flickr.photos.getSizes",
    args: { photo_id: id ?? "" },
    meanings: { 1: GONE, 2: { code: "rejected", sentence: NO_ORIGINAL } },
  } as const;
  const { size } = (await api.read(call, photoSizes, signal)).sizes;
  const source = size.find(({ label }) => label === (media === "video" ? "Video Original" : "Original"))?.source;
  if (source !== undefined) return assertAddress(source, path);
  if (media === "video") throw new ProviderError("rejected", `download ${path}: ${NO_VIDEO}`);
  const listed = id === undefined ? undefined : catalog.photo(id);
  if (listed !== undefined && isListedWithoutOriginal(listed)) account.lacksOriginals = true;
  throw noOriginal(path);
}

function noOriginal(path: string): ProviderError {
  return new ProviderError("rejected", `download ${path}: ${NO_ORIGINAL}`);
}

const NO_ORIGINAL =
  "Flickr gives no original of this photo: owners of free accounts get smaller copies only. It stays on Flickr, and is not downloaded; leave it out with --exclude, or use a Pro account";
const NO_VIDEO =
  "Flickr has only a smaller copy of this video left, and not what was uploaded. It stays on Flickr, and is not downloaded; leave it out with --exclude";

function assertAddress(address: string, path: string): string {
  if (URL.canParse(address)) return address;
  throw new ProviderError("malformed", `download ${path}: the link is no address; run again later`);
}

interface Came {
  readonly answer: HttpStream;
  readonly start: number;
}

function contentOf({ book }: Connection, file: RemoteFile, kind: Kind, { answer, start }: Came): Readable {
  const body = bodyFrom(start, answer, file.path);
  if (start > 0) return body;
  return checkContent(body, { ...kind, path: file.path, came: (seen) => weigh(book, file, seen) });
}

/** Compares what came with what the tags say, which may have been written for another version. */
function weigh(book: Book, file: RemoteFile, { sizeBytes, hash }: Seen): ProviderError | undefined {
  const { id, version, hash: tagged, path } = file;
  if (id === undefined || version === undefined || tagged === undefined || hash === tagged) return undefined;
  const isLonger = file.sizeBytes !== undefined && sizeBytes > file.sizeBytes;
  if (hash === undefined && !isLonger) return undefined;
  if (!book.contradict({ id, version, hash: tagged }, isLonger ? "longer" : String(hash))) return undefined;
  return new ProviderError(
    "changed",
    `download ${path}: its checksum tag is that of another version, so from now on it says nothing`,
  );
}

function notReady({ subject }: Subject): ProviderError {
  return new ProviderError(
    "unavailable",
    `download ${subject ?? ""}: Flickr is still working on it; the next run tries again`,
  );
}
