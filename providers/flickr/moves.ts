import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { joinPath, nameOf, rebasePath, type SyncPath } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { attempt, failed, succeeded } from "../attempts.js";
import { folderAbove, type Album } from "./catalog.js";
import type { Connection } from "./connection.js";
import { GONE, hasNumber } from "./errors.js";
import { fetchAlbumsOf } from "./look.js";
import { fitsFormat } from "./media.js";
import { addToAlbum, idOf, removeFromAlbum } from "./membership.js";
import { albumOfFolder, fileNameOf, NO_ALBUM } from "./names.js";
import type { Photo } from "./photos.js";
import { anything } from "./schemas.js";

type Entry = RemoteFile | RemoteFolder;

/** Moves photos between albums and renames them, and renames albums. No content is sent, and nothing is overwritten. */
export async function moveEntries(
  connection: Connection,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<Entry>[]> {
  signal.throwIfAborted();
  const outcomes = new Map<RemoteMove, Attempt<Entry>>();
  for (const group of toGroups(moves)) {
    const moved = await moveGroup(connection, group, signal);
    for (const [at, move] of group.entries()) outcomes.set(move, moved[at] ?? failed(noAnswer(move)));
  }
  connection.catalog.save();
  return moves.map((move) => outcomes.get(move) ?? failed(noAnswer(move)));
}

/** Photos that go the same way, one after the other, go together. */
function toGroups(moves: readonly RemoteMove[]): readonly (readonly RemoteMove[])[] {
  const groups: RemoteMove[][] = [];
  for (const move of moves) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && wayOf(move) === wayOf(last[0])) last.push(move);
    else groups.push([move]);
  }
  return groups;
}

/** What a group has in common. Moves of albums, and renames within one, have nothing to share. */
function wayOf({ entry, to }: RemoteMove): string {
  if (entry.kind === "folder" || !entry.path.includes("/") || !to.includes("/")) return `alone ${entry.path}`;
  const [from, target] = [folderAbove(entry.path), folderAbove(to)];
  return from === target ? `alone ${entry.path}` : `${from}\n${target}`;
}

async function moveGroup(
  connection: Connection,
  group: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<Entry>[]> {
  const [first] = group;
  if (first?.entry.kind === "folder") {
    const { entry, to } = first;
    return [await attempt(() => renameAlbum(connection, entry, to, signal))];
  }
  const files = await Promise.all(group.map((move) => attempt(() => begin(connection, move, signal))));
  const ready = files.flatMap((file) => (file.ok ? [file.value] : []));
  const added = await addAll(connection, ready, signal);
  return await Promise.all(
    files.map(async (file) => {
      if (!file.ok) return file;
      const outcome = added.get(file.value);
      if (outcome?.ok === false) return failed(asSource(outcome.error, file.value));
      return await connection.calls(() => attempt(() => finish(connection, file.value, signal)));
    }),
  );
}

interface Moving {
  readonly entry: RemoteFile;
  readonly to: SyncPath;
  readonly id: string;
  readonly photo: Photo;
  readonly from: SyncPath;
  readonly target: SyncPath;
}

/** Rejects with "changed" where the target is taken, and with "not-found" where the source is gone. */
async function begin(connection: Connection, { entry, to }: RemoteMove, signal: AbortSignal): Promise<Moving> {
  const { catalog } = connection;
  if (entry.kind === "folder") throw new Error("albums are renamed, not moved");
  const [from, target] = [folderAbove(entry.path), folderAbove(to)];
  const album = await catalog.albumAt(target, signal);
  if (album !== undefined && (await catalog.contentOf(album, signal)).byName.has(nameOf(to)))
    throw taken({ entry, to });
  const photo =
    (entry.id === undefined ? undefined : catalog.photo(entry.id)) ?? (await findPhoto(connection, entry, signal));
  const name = nameOf(to);
  if (!photo.isFileName && !fitsFormat(name, photo.media, photo.format)) {
    throw new ProviderError(
      "rejected",
      `move ${entry.path}: the ending of ${JSON.stringify(name)} is not that of its content, and Flickr keeps no endings; give it back the one it had`,
    );
  }
  return { entry, to, id: photo.id, photo, from, target };
}

/** For an entry of an album that was not listed in this run. */
async function findPhoto(connection: Connection, entry: RemoteFile, signal: AbortSignal): Promise<Photo> {
  const { catalog } = connection;
  const album = await catalog.albumAt(folderAbove(entry.path), signal);
  const content = album === undefined ? undefined : await catalog.refresh(album, signal);
  const found = content?.byName.get(nameOf(entry.path));
  if (found !== undefined && found.id === entry.id) return found;
  throw new ProviderError("not-found", `move ${entry.path}: it is gone`);
}

/** First into the new album, then out of the old one: in between it is in both, never in none. */
async function addAll(
  connection: Connection,
  moving: readonly Moving[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Moving, Attempt<void>>> {
  const [first] = moving;
  if (first === undefined || first.from === first.target) return new Map();
  const ids = moving.map(({ id }) => id);
  for (const { id, entry, to } of moving) connection.moveNotes.begin({ id, from: entry.path, to });
  const outcomes = await addToAlbum(connection, first.target, ids, signal);
  return new Map(moving.map((one, at) => [one, outcomes[at] ?? succeeded(undefined)]));
}

async function finish(connection: Connection, moving: Moving, signal: AbortSignal): Promise<Entry> {
  const { catalog } = connection;
  const { entry, to, from, target, photo } = moving;
  if (from !== target) await leave(connection, moving, signal);
  const album = await catalog.albumAt(target, signal);
  const name = nameOf(to);
  if (album !== undefined) catalog.releaseName(album, photo.id);
  // What was listed under a name that its title alone does not give needs a title that does.
  const isTitled = fileNameOf(photo) === name;
  if (!isTitled) await rename(connection, moving, name, signal);
  catalog.forgetPhoto(entry.path);
  if (from !== target) connection.moveNotes.end({ id: photo.id, from: entry.path, to });
  catalog.notePhoto(to, isTitled ? photo : { ...photo, title: name });
  return { ...entry, path: to };
}

async function leave(connection: Connection, { entry, id, from, target }: Moving, signal: AbortSignal): Promise<void> {
  const { api, catalog } = connection;
  const album = await catalog.albumAt(from, signal);
  if (album?.id === undefined) return;
  if (target === NO_ALBUM) {
    const others = await fetchAlbumsOf(api, id, { operation: "move", subject: entry.path }, signal);
    if (others.some((one) => one !== album.id)) {
      throw new ProviderError(
        "rejected",
        `move ${entry.path}: the photo is in other albums as well; take it out of these first`,
      );
    }
  }
  await connection.turns.take(from, () => removeFromAlbum(connection, album, id, signal));
}

async function rename({ api }: Connection, { entry, id }: Moving, title: string, signal: AbortSignal): Promise<void> {
  const about = { operation: "move", subject: entry.path, meanings: { 1: GONE } };
  await api.write(
    { ...about, name: "flickr.photos.setMeta", args: { photo_id: id, title }, repeatable: true },
    anything,
    signal,
  );
}

/** A photo that cannot be put into an album because nobody knows it is gone. */
function asSource(error: ProviderError, { entry }: Moving): ProviderError {
  return hasNumber(error, 2) ? new ProviderError("not-found", `move ${entry.path}: it is gone`) : error;
}

/** With "nested" the albums below are named after it, and follow. */
async function renameAlbum(
  connection: Connection,
  entry: RemoteFolder,
  to: SyncPath,
  signal: AbortSignal,
): Promise<RemoteFolder> {
  const { catalog, layout } = connection;
  if (to === NO_ALBUM || (layout === "flat" && to.includes("/"))) {
    throw new ProviderError(
      "rejected",
      `move ${entry.path}: ${JSON.stringify(to)} cannot be an album; give the folder another name or place`,
    );
  }
  await catalog.refreshAlbums(signal);
  const album = await catalog.albumAt(entry.path, signal);
  if (album === undefined || album.id !== entry.id) {
    throw new ProviderError("not-found", `move ${entry.path}: the album is gone`);
  }
  const isTaken = (await catalog.albumAt(to, signal)) !== undefined || catalog.albumsBelow(to).length > 0;
  if (isTaken) throw taken({ entry, to });
  for (const one of [album, ...catalog.albumsBelow(entry.path)]) {
    const folder = one === album ? to : rebasePath(one.folder, entry.path, to);
    await setTitle(connection, one, folder, signal);
  }
  return { ...entry, path: to };
}

/** The description goes along: whether one that is left out stays is nowhere written. */
async function setTitle(
  { api, catalog }: Connection,
  album: Album,
  folder: SyncPath,
  signal: AbortSignal,
): Promise<void> {
  const title = albumOfFolder(joinPath(undefined, folder));
  const about = { operation: "rename the album", subject: album.folder, meanings: { 1: GONE } };
  const args = { photoset_id: idOf(album), title, description: album.description };
  await api.write({ ...about, name: "flickr.photosets.editMeta", args, repeatable: true }, anything, signal);
  catalog.renameAlbum(album, folder, title);
}

function taken({ entry, to }: RemoteMove): ProviderError {
  return new ProviderError("changed", `move ${entry.path}: there is something at ${to} by now`);
}

function noAnswer({ entry }: RemoteMove): ProviderError {
  return new ProviderError("malformed", `move ${entry.path}: Flickr did not say what became of it`);
}
