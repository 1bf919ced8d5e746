import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";
import { NO_ALBUM_FOLDER, type Content } from "./catalog.js";
import type { Connection } from "./connection.js";
import { fetchInfo } from "./look.js";
import { toRemoteFile } from "./photos.js";
import { readTags } from "./tags.js";

/** What is at the path right now: a photo in an album, or an album. */
export async function stat(
  connection: Connection,
  path: SyncPath,
  signal: AbortSignal,
): Promise<RemoteEntry | undefined> {
  signal.throwIfAborted();
  const folder = parentOf(path);
  const content = folder === undefined ? undefined : await lookInto(connection, folder, signal);
  const photo = content?.byName.get(nameOf(path));
  if (photo !== undefined) return toRemoteFile(photo, path);
  if (content?.isWhole === false) {
    throw new ProviderError(
      "unavailable",
      `look at ${path}: Flickr shows fewer photos than it counts; run again later`,
    );
  }
  return await statFolder(connection, path, signal);
}

/** Undefined when there is no such album. One that is not known, or not any more, is looked for among all. */
async function lookInto({ catalog }: Connection, folder: SyncPath, signal: AbortSignal): Promise<Content | undefined> {
  const known = await catalog.albumAt(folder, signal);
  const content = known === undefined ? undefined : await catalog.refresh(known, signal);
  if (content !== undefined) return content;
  await catalog.refreshAlbums(signal);
  const found = await catalog.albumAt(folder, signal);
  return found === undefined ? undefined : await catalog.refresh(found, signal);
}

async function statFolder(
  { catalog }: Connection,
  path: SyncPath,
  signal: AbortSignal,
): Promise<RemoteEntry | undefined> {
  if (path === NO_ALBUM_FOLDER.folder) {
    const content = await catalog.refresh(NO_ALBUM_FOLDER, signal);
    return content === undefined || content.byName.size === 0 ? undefined : { kind: "folder", path, id: undefined };
  }
  await catalog.refreshAlbums(signal);
  const album = await catalog.albumAt(path, signal);
  if (album !== undefined) return { kind: "folder", path, id: album.id };
  return catalog.albumsBelow(path).length === 0 ? undefined : { kind: "folder", path, id: undefined };
}

/** What the tags say of the listed version; undefined where they say nothing, or nothing that can be trusted. */
export async function hash(
  { api, book }: Connection,
  { id, path, version }: RemoteFile,
  signal: AbortSignal,
): Promise<ContentHash | undefined> {
  signal.throwIfAborted();
  const info = await fetchInfo(api, id ?? "", { operation: "look at", subject: path }, signal);
  if (info.secret !== version) {
    throw new ProviderError("changed", `look at ${path}: the photo has been changed on Flickr since it was listed`);
  }
  const { hash: tagged } = readTags((info.tags?.tag ?? []).map(({ raw }) => raw));
  return book.isTrue({ id: info.id, version: info.secret, hash: tagged }) ? tagged : undefined;
}
