import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { joinPath, parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import type { ListingPage, RemoteChange } from "../provider.js";
import { chooseAlbum, type AlbumBook } from "./album-book.js";
import { fetchItems, isBrokenPage } from "./album-items.js";
import type { Connection } from "./connection.js";
import { parseJson } from "../memory.js";
import { nameWith } from "./places.js";
import type { Album } from "./schemas.js";

/**
 * Where a listing goes on. The service has no feed of changes, but a list of all albums with the number of items in each: an album
 * whose number is the expected one is not looked into again. That an item left and another one came is seen by the complete
 * listing that is due every few days; in the modes that this service is good for nothing hangs on it.
 */
const cursorShape = z.object({ listing: z.string(), startedMs: z.number() });
type Cursor = z.infer<typeof cursorShape>;

/** An album, and the folder that it is in this job; "" for the root. */
interface Shown {
  readonly album: Album;
  readonly folder: SyncPath | "";
}

export async function* list(
  connection: Connection,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  signal.throwIfAborted();
  const shown = await showAlbums(connection, signal);
  const known = cursor === undefined ? undefined : parseJson(cursor, cursorShape);
  if (known === undefined || isDue(connection, known) || isRootStale(connection, known, shown)) {
    yield* listAll(connection, shown, signal);
  } else {
    yield* listChanged(connection, { shown, cursor: known }, signal);
  }
}

function isDue({ now, fullListingMs }: Connection, { startedMs }: Cursor): boolean {
  const ageMs = now() - startedMs;
  return ageMs >= fullListingMs || ageMs < 0;
}

/** The root cannot be buried and shown anew as a folder can: it is listed completely. */
function isRootStale(connection: Connection, { listing }: Cursor, shown: readonly Shown[]): boolean {
  if (connection.places.onlyTitle === undefined) return false;
  return shown.length === 0 || shown.some((one) => !isCurrent(connection, one, listing));
}

function isCurrent({ albums }: Connection, { album, folder }: Shown, listing: string): boolean {
  const known = albums.record(album.id);
  return known?.listing === listing && known.count === album.mediaItemsCount && known.folder === folder;
}

async function showAlbums({ albums, places }: Connection, signal: AbortSignal): Promise<readonly Shown[]> {
  if (places.onlyTitle === undefined) return placeAlbums(await albums.listAll(signal), { albums, places });
  const found = await albums.look(places.onlyTitle, signal);
  const album = found ?? (await albumByTitle(albums, places.onlyTitle, signal));
  return album === undefined ? [] : [{ album, folder: "" }];
}

async function albumByTitle(albums: Connection["albums"], title: string, signal: AbortSignal) {
  const all = await albums.listAll(signal);
  const id = await albums.find(title, signal);
  return all.find((one) => one.id === id);
}

/** Gives every album that holds something a folder of its own. One that this job used stays where this job has it. */
function placeAlbums(all: readonly Album[], { albums, places }: Pick<Connection, "albums" | "places">): Shown[] {
  const taken = new Set<string>();
  const shown: Shown[] = [];
  const place = (album: Album, folder: SyncPath | ""): void => {
    const free = taken.has(folder) ? (parseSyncPath(nameWith(folder, album.id)) ?? folder) : folder;
    taken.add(free);
    shown.push({ album, folder: free });
  };
  const ours = all.filter(({ id }) => albums.titleOf(id) !== undefined);
  for (const album of ours) place(album, places.folderOf(albums.titleOf(album.id) ?? album.title));
  const others = all.filter(({ id }) => albums.titleOf(id) === undefined);
  const isFirst = (album: Album): boolean => chooseAlbum(album.title.normalize("NFC"), others, () => false) === album;
  // Of several with one title, the one that an upload would choose has the plain name.
  for (const album of [...others.filter(isFirst), ...others.filter((one) => !isFirst(one))]) {
    place(album, places.folderOf(album.title));
  }
  return shown.filter(({ album }) => album.mediaItemsCount > 0);
}

async function* listAll(
  connection: Connection,
  shown: readonly Shown[],
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const { albums, now } = connection;
  const cursor: Cursor = { listing: randomUUID(), startedMs: now() };
  const text = JSON.stringify(cursor);
  albums.begin(cursor.listing);
  const added = albums.added().map(([name]) => name);
  for (const id of albums.recorded()) {
    if (!shown.some(({ album }) => album.id === id)) albums.note(id, undefined);
  }
  for (const one of shown) {
    const page = await pageOf(connection, one, signal);
    yield { scope: "full", changes: page.changes, cursor: text };
    noteShown(connection, one, page.isWhole ? cursor.listing : undefined);
  }
  yield { scope: "full", changes: [], cursor: text };
  albums.forgetAdded(added);
}

async function* listChanged(
  connection: Connection,
  { shown, cursor }: { readonly shown: readonly Shown[]; readonly cursor: Cursor },
  signal: AbortSignal,
): AsyncGenerator<ListingPage> {
  const text = JSON.stringify(cursor);
  connection.albums.begin(cursor.listing);
  const added = connection.albums.added();
  const stale = findStale(connection, shown, cursor.listing);
  const gone = buryStale(connection, shown, stale);
  yield { scope: "changes", changes: [...gone, ...showAdded(added, shown, stale)], cursor: text };
  connection.albums.forgetAdded(added.map(([name]) => name));
  for (const one of stale) {
    const page = await pageOf(connection, one, signal);
    yield { scope: "changes", changes: page.changes, cursor: text };
    noteShown(connection, one, page.isWhole ? cursor.listing : undefined);
  }
}

/** To bury a folder buries the albums below it as well: these are shown anew with it. */
function findStale(connection: Connection, shown: readonly Shown[], listing: string): readonly Shown[] {
  const { albums } = connection;
  const isShown = new Set(shown.map(({ album }) => album.id));
  const changed = shown.filter((one) => !isCurrent(connection, one, listing));
  const gone = albums.recorded().filter((id) => !isShown.has(id));
  const folders = [...changed.map(({ album }) => album.id), ...gone].flatMap((id) => albums.record(id)?.folder ?? []);
  const isBelow = (folder: string): boolean => folders.some((one) => folder.startsWith(`${one}/`));
  return shown.filter((one) => changed.includes(one) || isBelow(one.folder));
}

/** What this job stored itself is known without asking. Albums that are listed anew show it anyway. */
function showAdded(
  added: ReturnType<AlbumBook["added"]>,
  shown: readonly Shown[],
  stale: readonly Shown[],
): readonly RemoteChange[] {
  return added.flatMap(([, { albumId, folder, items }]) => {
    const path = parseSyncPath(folder);
    const isKnown = shown.some(({ album }) => album.id === albumId) && !stale.some(({ album }) => album.id === albumId);
    if (!isKnown) return [];
    const files = items.map(({ name, id }) => entryChange(toRemoteFile(joinPath(path, name), id)));
    return path === undefined ? files : [entryChange({ kind: "folder", path, id: albumId }), ...files];
  });
}

function entryChange(entry: RemoteEntry): RemoteChange {
  return { kind: "entry", entry };
}

/** Folders that are shown anew are buried first; until that has happened, every listing comes back to them. */
function buryStale({ albums }: Connection, shown: readonly Shown[], stale: readonly Shown[]): readonly RemoteChange[] {
  const folders = new Set<string>();
  const isShown = new Set(shown.map(({ album }) => album.id));
  for (const id of albums.recorded()) {
    const known = albums.record(id);
    const isStale = stale.some(({ album }) => album.id === id);
    if (known === undefined || (isShown.has(id) && !isStale)) continue;
    if (known.listing !== undefined || isShown.has(id)) folders.add(known.folder);
    albums.note(id, isShown.has(id) ? { ...known, listing: undefined } : undefined);
  }
  return [...folders].flatMap((folder) => {
    const path = parseSyncPath(folder);
    return path === undefined ? [] : [{ kind: "gone" as const, path }];
  });
}

function noteShown({ albums }: Connection, { album, folder }: Shown, listing: string | undefined): void {
  albums.note(album.id, { count: album.mediaItemsCount, listing, folder });
}

interface AlbumChanges {
  readonly changes: readonly RemoteChange[];
  readonly isWhole: boolean;
}

/** An album as one page, so that it is taken in as a whole or not at all. */
async function pageOf(connection: Connection, one: Shown, signal: AbortSignal): Promise<AlbumChanges> {
  const { album, folder } = one;
  try {
    const files = await listAlbum(connection, one, signal);
    const entries = files.map(entryChange);
    if (folder === "" || files.length === 0) return { changes: entries, isWhole: true };
    return { changes: [entryChange({ kind: "folder", path: folder, id: album.id }), ...entries], isWhole: true };
  } catch (error) {
    if (folder === "" || !isBrokenPage(error)) throw error;
    const message = `Google Photos cannot list the album ${JSON.stringify(album.title)}, perhaps for a single broken item: nothing in it is synchronised in this run`;
    const covers = { path: folder, subtree: true };
    const problem = { side: "remote", path: folder, code: "unreadable", message, covers } as const;
    return { changes: [{ kind: "problem", problem }], isWhole: false };
  }
}

/** The files of an album under the names that they have in this job. */
export async function listAlbum(
  connection: Connection,
  { album, folder }: Shown,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const items = await fetchItems(connection, { albumId: album.id, title: album.title }, signal);
  return connection.names
    .of(album.id, items)
    .map(({ id, name }) => toRemoteFile(joinPath(folder === "" ? undefined : folder, name), id));
}

/** Content never changes there, so that the id is the version, too. Neither size nor hash is ever shown. */
export function toRemoteFile(path: SyncPath, id: string): RemoteFile {
  return { kind: "file", path, id, version: id, sizeBytes: undefined, modifiedMs: undefined, hash: undefined };
}
