import type { RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { attempt } from "../attempts.js";
import type { Connection } from "./connection.js";
import { fetchInfo } from "./look.js";
import { anything, type PhotoInfo } from "./schemas.js";
import { aboutUpload, post, settle, toSentPhoto, type Delivery } from "./sending.js";
import { isOurs, tagsOf } from "./tags.js";
import type { Photo } from "./photos.js";

/**
 * Puts new content in the place of the listed version of a photo, which keeps its id, its albums and whatever people wrote beside it. The
 * tags that speak of the old content go first and those of the new come last: in between the content is unknown, never wrong.
 */
export async function replace(
  connection: Connection,
  delivery: Delivery,
  replaces: RemoteFile,
  signal: AbortSignal,
): Promise<Photo> {
  const { file, media } = delivery;
  const { api, book } = connection;
  const about = aboutUpload(file);
  const id = replaces.id ?? "";
  const before = await lookAt(connection, delivery, replaces, signal);
  if (before.media === "video" || media.kind === "video") {
    throw new ProviderError(
      "rejected",
      `upload ${file.path}: Flickr replaces no videos; rename the file, and it is uploaded as another one`,
    );
  }
  await dropTags(connection, before, "checksum", delivery, signal);
  const exchanged = await attempt(() => exchangeContent(connection, delivery, before, signal));
  if (!exchanged.ok) {
    if (exchanged.error.code !== "unavailable") await restoreTags(connection, before, delivery, signal);
    throw exchanged.error;
  }
  const version = exchanged.value;
  await dropTags(connection, before, "file", delivery, signal);
  const tags = tagsOf({ hash: delivery.hash, sizeBytes: file.content.sizeBytes, modifiedMs: file.modifiedMs });
  const call = { ...about, name: "flickr.photos.addTags", args: { photo_id: id, tags }, repeatable: true };
  await api.write(call, anything, signal);
  const photo = { ...toSentPhoto(delivery, id, version), title: before.title };
  book.note(photo);
  return photo;
}

async function lookAt(
  { api }: Connection,
  { file }: Delivery,
  { id, version }: RemoteFile,
  signal: AbortSignal,
): Promise<PhotoInfo> {
  const found = await attempt(() => fetchInfo(api, id ?? "", aboutUpload(file), signal));
  if (found.ok && found.value.secret === version) return found.value;
  if (!found.ok && found.error.code !== "not-found") throw found.error;
  throw new ProviderError("changed", `upload ${file.path}: the photo has been changed on Flickr since it was listed`);
}

async function dropTags(
  { api }: Connection,
  { tags }: PhotoInfo,
  kind: "checksum" | "file",
  { file }: Delivery,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, raw } of tags?.tag ?? []) {
    if (isOurs(raw) !== kind) continue;
    const call = { ...aboutUpload(file), name: "flickr.photos.removeTag", args: { tag_id: id }, repeatable: true };
    const outcome = await attempt(() => api.write({ ...call, meanings: TAG_GONE }, anything, signal));
    if (!outcome.ok && outcome.error.code !== "not-found") throw outcome.error;
  }
}

/** Nothing was replaced, so what was said of the old content is true again. */
async function restoreTags(
  { api }: Connection,
  { id, tags }: PhotoInfo,
  { file }: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const sums = (tags?.tag ?? []).filter(({ raw }) => isOurs(raw) === "checksum").map(({ raw }) => raw);
  if (sums.length === 0) return;
  const args = { photo_id: id, tags: sums.join(" ") };
  const call = { ...aboutUpload(file), name: "flickr.photos.addTags", args, repeatable: true };
  await attempt(() => api.write(call, anything, signal));
}

const TAG_GONE = { 1: { code: "not-found", sentence: "the tag is gone" } } as const;

const TRIES = 3;

/** Resolves to the new version. A lost answer shows in the version: it changes when the content does. */
async function exchangeContent(
  connection: Connection,
  delivery: Delivery,
  before: PhotoInfo,
  signal: AbortSignal,
): Promise<string> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(async () => {
      const stored = await post(connection, "replace", delivery, { photo_id: before.id }, signal);
      if (stored.kind === "duplicate")
        throw new ProviderError("malformed", "replace: an answer that was not asked for");
      return (await settle(connection, delivery, stored, signal)).secret;
    });
    if (outcome.ok && outcome.value !== undefined) return outcome.value;
    if (!outcome.ok && outcome.error.code !== "unavailable") throw outcome.error;
    const now = await fetchInfo(connection.api, before.id, aboutUpload(delivery.file), signal);
    if (now.secret !== before.secret) return now.secret;
    if (!outcome.ok && tries === TRIES) throw outcome.error;
    if (tries === TRIES)
      throw new ProviderError(
        "unavailable",
        `upload ${delivery.file.path}: Flickr did not replace the photo; run again later`,
      );
    await connection.sleep(2_000 * tries, signal);
  }
}
