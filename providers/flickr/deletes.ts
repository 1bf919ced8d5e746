import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { attempt } from "../attempts.js";
import { folderAbove, type Album } from "./catalog.js";
import type { Connection } from "./connection.js";
import { GONE } from "./errors.js";
import { fetchAlbumsOf, fetchInfo } from "./look.js";
import { removeFromAlbum } from "./membership.js";
import { anything, type PhotoInfo } from "./schemas.js";
import { stat } from "./stat.js";

/**
 * Deletes photos, for good: there is no trash. A photo that is in other albums as well only leaves this one. Each is looked at just
 * before, because the service deletes whatever version is there.
 */
export async function deleteEntries(
  connection: Connection,
  entries: readonly (RemoteFile | RemoteFolder)[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  signal.throwIfAborted();
  const outcomes = await Promise.all(
    entries.map((entry) =>
      connection.calls(() =>
        attempt(() =>
          entry.kind === "file" ? deleteInTurn(connection, entry, signal) : assertGone(connection, entry, signal),
        ),
      ),
    ),
  );
  connection.catalog.save();
  return outcomes;
}

/** A photo that goes from several albums at once leaves them one after the other, so that the last one deletes it. */
async function deleteInTurn(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<void> {
  await connection.turns.take(`photo ${file.id ?? ""}`, () => deleteFile(connection, file, signal));
}

async function deleteFile(connection: Connection, file: RemoteFile, signal: AbortSignal): Promise<void> {
  const { api, catalog } = connection;
  const about = { operation: "delete", subject: file.path };
  const looked = await attempt(async () => {
    const info: PhotoInfo = await fetchInfo(api, file.id ?? "", about, signal);
    return { info, albums: await fetchAlbumsOf(api, info.id, about, signal) };
  });
  if (!looked.ok && looked.error.code !== "not-found") throw looked.error;
  if (looked.ok) {
    const { info, albums } = looked.value;
    if (info.secret !== file.version) {
      throw new ProviderError(
        "changed",
        `delete ${file.path}: the photo has been changed on Flickr since it was listed`,
      );
    }
    const album = await catalog.albumAt(folderAbove(file.path), signal);
    await deleteFrom(connection, album, { id: info.id, albums, path: file.path }, signal);
  }
  catalog.forgetPhoto(file.path);
}

interface Doomed {
  readonly id: string;
  /** Ids of all albums that hold it. */
  readonly albums: readonly string[];
  readonly path: string;
}

async function deleteFrom(
  connection: Connection,
  album: Album | undefined,
  { id, albums, path }: Doomed,
  signal: AbortSignal,
): Promise<void> {
  const isHere = album !== undefined && (album.id === undefined ? albums.length === 0 : albums.includes(album.id));
  // Somebody moved it meanwhile: it is gone from here, and what is elsewhere is not ours to delete.
  if (!isHere) return;
  if (albums.length > 1) {
    await removeFromAlbum(connection, album, id, signal);
    return;
  }
  const call = { operation: "delete", subject: path, name: "flickr.photos.delete", args: { photo_id: id } };
  const outcome = await attempt(() =>
    connection.api.write({ ...call, meanings: { 1: GONE }, repeatable: true }, anything, signal),
  );
  if (!outcome.ok && outcome.error.code !== "not-found") throw outcome.error;
}

/** Albums go with their last photo, and not otherwise. */
async function assertGone(connection: Connection, { path }: RemoteFolder, signal: AbortSignal): Promise<void> {
  if ((await stat(connection, path, signal)) === undefined) return;
  throw new ProviderError("changed", `delete ${path}: the album is not empty`);
}
