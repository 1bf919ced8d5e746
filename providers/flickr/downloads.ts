import { pipeline, Readable, Transform } from "node:stream";
import type { HttpStream } from "../../lib/http/types.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Connection } from "./connection.js";
import { GONE, type Subject } from "./errors.js";
import { fetchInfo } from "./look.js";
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
  const isListed = listed?.version === file.version && listed?.originalUrl !== undefined;
  if (isListed && !isAtEnd(file, start)) {
    const answer = await images.open({ ...about, url: listed.originalUrl, followsRedirects: false }, signal);
    if (answer.status < 300) return contentOf(file, answer, start);
  }
  const isVideo = await assertVersion(connection, file, signal);
  // No range begins at the end of a file: all that is left to do is to check the version.
  if (isAtEnd(file, start)) return Readable.from([]);
  if (listed?.isReady === false) throw notReady(about);
  const url = await findOriginal(connection, file, isVideo, signal);
  const answer = await images.open({ ...about, url, followsRedirects: isVideo }, signal);
  if (answer.status < 300) return contentOf(file, answer, start);
  throw new ProviderError(
    "unavailable",
    `download ${file.path}: Flickr does not give its content (status ${answer.status}); run again later`,
  );
}

function isAtEnd({ sizeBytes }: RemoteFile, start: number): boolean {
  return start > 0 && sizeBytes !== undefined && start >= sizeBytes;
}

/** Resolves to whether it is a video. Rejects with "not-found", and with "changed" for another version. */
async function assertVersion(
  { api }: Connection,
  { id, path, version }: RemoteFile,
  signal: AbortSignal,
): Promise<boolean> {
  const info = await fetchInfo(api, id ?? "", { operation: "download", subject: path }, signal);
  if (info.secret === version) return info.media === "video";
  throw new ProviderError("changed", `download ${path}: the photo has been changed on Flickr since it was listed`);
}

async function findOriginal(
  { api }: Connection,
  { id, path }: RemoteFile,
  isVideo: boolean,
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
  const source = size.find(({ label }) => label === (isVideo ? "Video Original" : "Original"))?.source;
  if (source !== undefined) return secureAs(source, path);
  throw new ProviderError("rejected", `download ${path}: ${isVideo ? NO_VIDEO : NO_ORIGINAL}`);
}

const NO_ORIGINAL =
  "Flickr gives no original of this photo: owners of free accounts get smaller copies only. It stays on Flickr, and is not downloaded; leave it out with --exclude, or use a Pro account";
const NO_VIDEO =
  "Flickr has only a smaller copy of this video left, and not what was uploaded. It stays on Flickr, and is not downloaded; leave it out with --exclude";

function secureAs(address: string, path: string): string {
  if (URL.canParse(address)) return address;
  throw new ProviderError("malformed", `download ${path}: the link is no address; run again later`);
}

function contentOf(file: RemoteFile, { status, headers, body }: HttpStream, start: number): Readable {
  if (start === 0) return body;
  if (status === 206 && headers["content-range"]?.startsWith(`bytes ${start}-`) === true) return body;
  if (status === 200) return withoutFirst(start, body);
  body.destroy();
  throw new ProviderError("malformed", `download ${file.path}: the answer is another range than was asked for`);
}

/** A host that knows no ranges sends everything. */
function withoutFirst(bytes: number, body: Readable): Readable {
  let left = bytes;
  const rest = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - kept.length;
      done(null, kept);
    },
  });
  // The reader sees every failure as an error of what it reads.
  return pipeline(body, rest, () => undefined);
}

function notReady({ subject }: Subject): ProviderError {
  return new ProviderError(
    "unavailable",
    `download ${subject ?? ""}: Flickr is still working on it; the next run tries again`,
  );
}
