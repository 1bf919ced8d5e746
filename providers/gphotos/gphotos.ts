import pLimit from "p-limit";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { nameOf, parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import type { ProviderContext, ProviderModule } from "../context.js";
import type { Attempt, Capabilities, Provider, RootIdentity } from "../provider.js";
import { createAccount } from "./account.js";
import { createAlbumBook } from "./album-book.js";
import { openApi } from "./api.js";
import { failed } from "../attempts.js";
import {
  fingerprintOf,
  parseTarget,
  readAddresses,
  readClient,
  readFullListingMs,
  readRequestsPerDay,
  readSignIn,
} from "./config.js";
import type { Connection } from "./connection.js";
import { createContents } from "./contents.js";
import { createItemNames } from "./item-names.js";
import { list, listAlbum } from "./listing.js";
import { createNewAlbums } from "./new-albums.js";
import { createNotes } from "./notes.js";
import { WHOLE_BYTES } from "./offers.js";
import { createPlaces } from "./places.js";
import { createRefusedContents } from "./refused-contents.js";
import { createSavedUploads } from "./saved-uploads.js";
import { createSignedInHttp } from "./sign-in.js";
import { upload, uploadBatch } from "./uploads.js";
import { findVisible } from "./visible-items.js";
import { createWriteQueue, MOST_ITEMS, type Write } from "./write-queue.js";
import { createWrite, type AddedItems } from "./writes.js";

export const gphotosModule: ProviderModule = {
  parseTarget,
  open: (context) => openGooglePhotos(context),
  login: async (context, dialog, signal) => (await import("./login.js")).login(context, dialog, signal),
  logout: async (context, signal) => (await import("./login.js")).logout(context, signal),
};

const MIB = 1024 * 1024;

const CAPABILITIES: Capabilities = {
  hash: "sha256",
  listsHash: false,
  ignoresCase: false,
  canDownload: false,
  canReplace: false,
  canDelete: false,
  // A file cannot be renamed there. What has moved to another folder joins its album without being sent, which is an upload here.
  canMove: false,
  hasFolders: false,
  onlyMedia: true,
  hasCursor: true,
  keepsModified: false,
  trash: "none",
  concurrency: 4,
  batch: { files: MOST_ITEMS, fileBytes: WHOLE_BYTES, totalBytes: 256 * MIB },
};

/** Contents on their way at once, of which each may be in memory as a whole. */
const TRANSFERS = 5;

/** `sleepFor` replaces the clock in tests. */
export async function openGooglePhotos(context: ProviderContext, sleepFor: Sleep = sleep): Promise<Provider> {
  const { settings, memory, now } = context;
  const signIn = await readSignIn(settings, context.secrets);
  const addresses = await readAddresses(settings, await readClient(settings));
  const { http } = createSignedInHttp(context, addresses, signIn);
  const requestsPerDay = await readRequestsPerDay(settings);
  const notes = createNotes(context, { clientId: signIn.clientId, api: addresses.api });
  const api = openApi({ http, api: addresses.api, notes, now, requestsPerDay, sleep: sleepFor });
  const albums = createAlbumBook({ api, memory, newAlbums: createNewAlbums(notes, now), sleep: sleepFor });
  const parts = {
    api,
    albums,
    account: createAccount({ api, memory, albums, fingerprint: fingerprintOf(signIn, addresses) }),
    names: createItemNames(memory),
    places: createPlaces(context.target, context.albums === "nested"),
    contents: createContents(memory),
    saved: createSavedUploads(memory, now),
    refused: createRefusedContents(memory, now),
    transfers: pLimit(TRANSFERS),
    fullListingMs: await readFullListingMs(settings),
    now,
    sleep: sleepFor,
  };
  const onAdded = (added: AddedItems): void => noteAdded(parts, added);
  const write = createWrite({ api, albums, sleep: sleepFor, onAdded });
  return createProvider({ ...parts, writes: createWriteQueue(inTurn(context, write)) });
}

/** The rule of one write at a time is the account's, so that the jobs of this machine take turns. */
function inTurn({ shared }: ProviderContext, write: Write): Write {
  if (shared === undefined) return write;
  return (wishes, signal) => shared.inTurn("gphotos-writes", () => write(wishes, signal), signal);
}

/** Remembers what is in the album now, before anybody relies on it. */
function noteAdded(
  { albums, api, contents, names, places, saved }: Omit<Connection, "writes">,
  { albumId, title, stored }: AddedItems,
): void {
  contents.note(
    stored
      .filter(({ wish, isVisible }) => isVisible && wish.offer.kind === "token")
      .map(({ wish, item }) => ({ ...item, sentHash: wish.offer.sentHash, sizeBytes: wish.sizeBytes })),
  );
  for (const { wish, item } of stored) {
    saved.forgetToken(wish.offer.sentHash);
    const isVersion = wish.replacesId !== undefined && wish.replacesId !== item.id;
    names.note({ albumId, item, name: nameOf(wish.path), isVersion });
  }
  const news = stored.filter(({ wish, item, isVisible }) => isVisible && wish.replacesId !== item.id);
  const items = news.map(({ wish, item }) => ({ name: nameOf(wish.path), id: item.id }));
  if (items.length > 0) albums.noteAdded({ albumId, folder: places.folderOf(title), items });
  api.save();
}

function createProvider(connection: Connection): Provider {
  const { api, places, saved } = connection;
  return {
    capabilities: CAPABILITIES,
    identify: (signal) => identify(connection, signal),
    list: (cursor, signal) => list(connection, cursor, signal),
    stat: (path, signal) => stat(connection, path, signal),
    hash: (file, signal) => hash(connection, file, signal),
    download: async (file, _start, signal) => {
      signal.throwIfAborted();
      throw new ProviderError("rejected", `download ${file.path}: ${NO_DOWNLOADS}`);
    },
    upload: (file, signal) => upload(connection, file, signal),
    uploadBatch: (files, signal) => uploadBatch(connection, files, signal),
    createFolders: (paths, signal) => refuseAll(signal, paths, (path) => [`create folder ${path}`, NO_FOLDERS]),
    move: (moves, signal) => refuseAll(signal, moves, ({ entry }) => [`move ${entry.path}`, NO_MOVES]),
    delete: (entries, signal) => refuseAll(signal, entries, ({ path }) => [`delete ${path}`, NO_DELETES]),
    refusal: (path, sizeBytes) => places.refusal(path, sizeBytes),
    requests: () => api.requests,
    close: async () => {
      saved.tidy();
      api.save();
      api.close();
    },
  };
}

/**
 * What a listing shows may have been gone for days, where another item has come in its place. Whoever asks for the hash takes the file
 * for stored, so that it is looked for first.
 */
async function hash({ api, contents }: Connection, { id }: RemoteFile, signal: AbortSignal) {
  signal.throwIfAborted();
  const known = id === undefined ? undefined : contents.hashOf(id);
  if (id === undefined || known === undefined) return undefined;
  if ((await findVisible(api, [id], signal)).has(id)) return known;
  contents.forget(id);
  return undefined;
}

const NO_DOWNLOADS =
  "Google Photos gives nobody the file that it was sent: photos come back without their place, and videos converted";
const NO_FOLDERS = "an album comes with its first photo";
const NO_MOVES = "Google Photos renames no photos";
const NO_DELETES = "Google Photos lets no program delete photos or albums; delete it at photos.google.com";

async function identify(connection: Connection, signal: AbortSignal): Promise<RootIdentity> {
  signal.throwIfAborted();
  const { account, albums, places } = connection;
  const id = await account.id(signal);
  if (places.onlyTitle === undefined) return { account: id, root: "library" };
  return { account: id, root: await albums.find(places.onlyTitle, signal) };
}

async function stat(connection: Connection, path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined> {
  signal.throwIfAborted();
  const { albums, places } = connection;
  const place = places.of(path);
  const title = place?.title ?? places.titleOf(path);
  const id = title === undefined ? undefined : await albums.find(title, signal);
  if (id === undefined || title === undefined) return undefined;
  const folder = parseSyncPath(places.folderOf(title)) ?? "";
  const files = await listAlbum(connection, { album: { id, title, mediaItemsCount: 0 }, folder }, signal);
  if (place === undefined) return files.length === 0 ? undefined : { kind: "folder", path, id };
  return files.find((file) => file.path === path);
}

async function refuseAll<T>(
  signal: AbortSignal,
  all: readonly T[],
  say: (one: T) => readonly [operation: string, why: string],
): Promise<readonly Attempt<never>[]> {
  signal.throwIfAborted();
  return all.map((one) => failed(new ProviderError("rejected", say(one).join(": "))));
}
