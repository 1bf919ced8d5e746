import { nameOf } from "../../lib/model/path.js";
import type { Connection } from "./connection.js";
import { CLOCK_MARGIN_MS } from "./journal.js";
import { toPhoto, type Photo } from "./photos.js";
import type { ListedPhoto } from "./schemas.js";
import type { Delivery } from "./sending.js";
import { checksumTagOf, readTags } from "./tags.js";

/** A photo may be seen so much later than the answer for it was lost; large ones take their time. */
const PAUSES_MS = [0, 2_000, 6_000];
const BYTES_PER_SECOND = 16 * 1024 * 1024;

/**
 * Looks whether content was stored although no good answer came. The list of the latest uploads is what counts; the search, which
 * lags behind, can only find what that does not show. Undefined when there is nothing.
 */
export async function findSent(
  connection: Connection,
  delivery: Delivery,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Photo | undefined> {
  const { sleep } = connection;
  const extraMs = (delivery.file.content.sizeBytes / BYTES_PER_SECOND) * 1000;
  for (const pauseMs of PAUSES_MS) {
    if (pauseMs > 0) await sleep(pauseMs + extraMs, signal);
    const found = await findAmongLatest(connection, delivery, sinceMs, signal);
    if (found !== undefined) return found;
  }
  const tag = checksumTagOf(delivery.hash).replace("=", '="') + '"';
  return claim(connection, delivery, await connection.lists.tagged(tag, signal));
}

/** One look at what was uploaded since. */
export async function findAmongLatest(
  connection: Connection,
  delivery: Delivery,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Photo | undefined> {
  const { rows } = await connection.lists.uploadedSince(sinceMs - CLOCK_MARGIN_MS, signal);
  return claim(connection, delivery, rows);
}

/** Photos that are known already came of other uploads; two files may well have the same content and the same name. */
function claim(connection: Connection, delivery: Delivery, rows: readonly ListedPhoto[]): Photo | undefined {
  const row = rows.find(({ id, title, tags, machine_tags }) => {
    if (connection.claimed.has(id) || connection.catalog.photo(id) !== undefined) return false;
    return isSent(delivery, { title, tags: [...tags.split(" "), ...machine_tags.split(" ")] });
  });
  if (row === undefined) return undefined;
  connection.claimed.add(row.id);
  return toPhoto(row, connection.book);
}

/** Whether the photo came of the very file. */
export function isSent(
  { file, hash }: Delivery,
  photo: { readonly title: string; readonly tags: readonly string[] },
): boolean {
  const read = readTags(photo.tags);
  const isOfFile = read.file === undefined || read.file.sizeBytes === file.content.sizeBytes;
  return read.isFromFile && read.hash === hash && isOfFile && photo.title === nameOf(file.path);
}
