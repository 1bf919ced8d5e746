import { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { attempt, failed, succeeded } from "../attempts.js";
import type { Album } from "./catalog.js";
import type { Connection } from "./connection.js";
import { GONE, hasNumber, type Meanings } from "./errors.js";
import { albumOfFolder, NO_ALBUM } from "./names.js";
import { assertWhole } from "./pages.js";
import { anything, createdAlbum } from "./schemas.js";

/** Up to so many photos are put into an album one by one: more go together, for which it has to be read first. */
const FEW = 2;

/** In one call; the ids travel in its body. */
const MOST = 1_000;

/**
 * Puts photos into the album of a folder, which is made with the first of them where there is none. One answer for each, in the order
 * given. Everything that changes one folder comes one after the other.
 */
export async function addToAlbum(
  connection: Connection,
  folder: SyncPath,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  if (folder === NO_ALBUM || ids.length === 0) return ids.map(() => succeeded(undefined));
  return await connection.turns.take(folder, async () => {
    try {
      return await addInTurn(connection, folder, ids, signal);
    } catch (error) {
      if (error instanceof ProviderError) return ids.map(() => failed(error));
      throw error;
    }
  });
}

async function addInTurn(
  connection: Connection,
  folder: SyncPath,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  const known = await connection.catalog.albumAt(folder, signal);
  const album = known ?? (await findNew(connection, folder, signal));
  if (album !== undefined) {
    const outcomes = await fill(connection, album, ids, signal);
    // An album that lost its last photo meanwhile is gone, and is made again.
    if (!outcomes.every((one) => !one.ok && isAlbumGone(one.error))) return outcomes;
    await connection.catalog.refreshAlbums(signal);
  }
  const [first = "", ...others] = ids;
  const made = await attempt(() => create(connection, folder, first, signal));
  if (!made.ok) {
    // Without the first photo another one begins the album.
    if (!isPhotoGone(made.error) || others.length === 0) return ids.map(() => failed(made.error));
    return [failed(made.error), ...(await addInTurn(connection, folder, others, signal))];
  }
  return [succeeded(undefined), ...(await fill(connection, made.value, others, signal, [first]))];
}

/** Another machine may have made it since the albums were listed: two of one name would be a nuisance. */
async function findNew(connection: Connection, folder: SyncPath, signal: AbortSignal): Promise<Album | undefined> {
  await connection.catalog.refreshAlbums(signal);
  return await connection.catalog.albumAt(folder, signal);
}

/** `content`: what is in the album, where that is known because it was just made. */
async function fill(
  connection: Connection,
  album: Album,
  ids: readonly string[],
  signal: AbortSignal,
  content?: readonly string[],
): Promise<readonly Attempt<void>[]> {
  if (ids.length > FEW) {
    const together = await attempt(() => addTogether(connection, album, ids, content, signal));
    if (together.ok) return ids.map(() => succeeded(undefined));
    if (isAlbumGone(together.error) || together.error.code === "unauthorized")
      return ids.map(() => failed(together.error));
  }
  const outcomes: Attempt<void>[] = [];
  for (const id of ids) outcomes.push(await attempt(() => addOne(connection, album, id, signal)));
  return outcomes;
}

/** The call replaces all that is in the album, so what others put there meanwhile is read just before. */
async function addTogether(
  connection: Connection,
  album: Album,
  ids: readonly string[],
  content: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { api, lists } = connection;
  const there = content ?? (await readIds(lists.inAlbum(idOf(album), album.folder, signal)));
  for (let at = 0; at < ids.length; at += MOST) {
    const all = [...new Set([...there, ...ids.slice(0, at + MOST)])];
    const primary = album.primary !== undefined && all.includes(album.primary) ? album.primary : (all[0] ?? "");
    const args = { photoset_id: idOf(album), primary_photo_id: primary, photo_ids: all.join(",") };
    const about = { operation: "fill the album", subject: album.folder, meanings: ADDING };
    await api.write({ ...about, name: "flickr.photosets.editPhotos", args, repeatable: true }, anything, signal);
  }
}

async function readIds(listing: ReturnType<Connection["lists"]["inAlbum"]>): Promise<readonly string[]> {
  return assertWhole(await listing, "list the album").map(({ id }) => id);
}

async function addOne({ api }: Connection, album: Album, id: string, signal: AbortSignal): Promise<void> {
  const about = { operation: "fill the album", subject: album.folder, meanings: ADDING };
  const args = { photoset_id: idOf(album), photo_id: id };
  try {
    await api.write({ ...about, name: "flickr.photosets.addPhoto", args, repeatable: true }, anything, signal);
  } catch (error) {
    // It is there already, perhaps by a try whose answer was lost.
    if (!hasNumber(error, 3)) throw error;
  }
}

/** Takes a photo out of an album; it stays in the account. */
export async function removeFromAlbum(
  { api }: Connection,
  album: Album,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const about = { operation: "take out of the album", subject: album.folder, meanings: ADDING };
  const args = { photoset_id: idOf(album), photo_id: id };
  try {
    await api.write({ ...about, name: "flickr.photosets.removePhoto", args, repeatable: true }, anything, signal);
  } catch (error) {
    // Neither there any more is what was wanted; the album may have gone with its last photo.
    if (!hasNumber(error, 1, 3)) throw error;
  }
}

/** A lost answer is looked up, since asking again would make another album of the same name. */
async function create(connection: Connection, folder: SyncPath, first: string, signal: AbortSignal): Promise<Album> {
  const { api, catalog, lists } = connection;
  const title = albumOfFolder(folder);
  const about = { operation: "make the album", subject: folder, meanings: CREATING };
  const call = { ...about, name: "flickr.photosets.create", args: { title, primary_photo_id: first } };
  const made = await attempt(() => api.write(call, createdAlbum, signal));
  let id = made.ok ? made.value.photoset.id : undefined;
  if (!made.ok) {
    if (made.error.code !== "unavailable" && made.error.code !== "malformed") throw made.error;
    const listed = assertWhole(await lists.albums(signal), "list albums");
    id = listed.find((one) => one.title === title && one.primary === first)?.id;
    id ??= (await api.write(call, createdAlbum, signal)).photoset.id;
  }
  if (id === undefined) throw new Error("an album without an id");
  const album = { id, folder, title, description: "", primary: first };
  catalog.noteAlbum(album);
  return album;
}

export function idOf({ id, folder }: Album): string {
  if (id === undefined) throw new Error(`${folder} is no album`);
  return id;
}

function isAlbumGone(error: unknown): boolean {
  return hasNumber(error, 1);
}

function isPhotoGone(error: unknown): boolean {
  return hasNumber(error, 2);
}

const PHOTO_GONE = {
  code: "unavailable",
  sentence: "Flickr does not know the photo that it has just taken; run again",
} as const;

const ADDING: Meanings = {
  1: GONE,
  2: PHOTO_GONE,
  3: { code: "changed", sentence: "it is there already, or not any more" },
  10: { code: "rejected", sentence: "the album is full; use another folder" },
};

const CREATING: Meanings = {
  2: PHOTO_GONE,
  3: { code: "rejected", sentence: "the account has as many albums as it may" },
};
