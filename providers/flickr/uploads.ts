import type { RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { nameOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { attempt, attemptUpload, failed, succeeded, unwrapOnly } from "../attempts.js";
import { folderAbove } from "./catalog.js";
import type { Connection } from "./connection.js";
import { inspect } from "./inspect.js";
import { fetchInfo } from "./look.js";
import { addToAlbum } from "./membership.js";
import { NO_ALBUM } from "./names.js";
import { toRemoteFile, type Photo } from "./photos.js";
import { replace } from "./replacing.js";
import { aboutUpload, send, type Delivery } from "./sending.js";

/** A file whose content is a photo of the account, which may have to be put into its album yet. */
interface Delivered {
  readonly delivery: Delivery;
  readonly photo: Photo;
  readonly isInPlace: boolean;
}

/** Stores one file. */
export async function upload(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  signal.throwIfAborted();
  const delivered = await connection.transfers(() => deliver(connection, file, signal));
  return unwrapOnly(await putInPlace(connection, [delivered], signal));
}

/** Stores many files: one request for each, and then one or two for all that belong in one album. */
export async function uploadBatch(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  signal.throwIfAborted();
  const deliveries = await Promise.all(
    files.map((file) => attemptUpload(file, () => connection.transfers(() => deliver(connection, file, signal)))),
  );
  const delivered = deliveries.flatMap((delivery) => (delivery.ok ? [delivery.value] : []));
  const outcomes = await putInPlace(connection, delivered, signal);
  const byDelivered = new Map(delivered.map((one, at) => [one, outcomes[at]]));
  return deliveries.map((delivery) => {
    if (!delivery.ok) return delivery;
    const outcome = byDelivered.get(delivery.value);
    if (outcome === undefined) throw new Error("a file of a batch has no outcome");
    return outcome;
  });
}

async function deliver(connection: Connection, file: Upload, signal: AbortSignal): Promise<Delivered> {
  const delivery = { file, ...(await inspect(file, connection.layout, signal)) };
  if (file.replaces !== undefined) {
    const photo = await replace(connection, delivery, file.replaces, signal);
    return { delivery, photo, isInPlace: true };
  }
  const there = await findThere(connection, file.path, signal);
  if (there !== undefined) {
    // The very bytes at the path are no obstacle: an earlier run may have put them there and died.
    if (there.hash === delivery.hash) return { delivery, photo: there, isInPlace: true };
    throw new ProviderError("changed", `upload ${file.path}: something else is there by now`);
  }
  const photo = await connection.turns.take(`content ${delivery.hash} ${nameOf(file.path)}`, () =>
    toPhotoOfItsOwn(connection, delivery, signal),
  );
  return { delivery, photo, isInPlace: false };
}

/** Files of one content and one name come one after the other: what is found on the service must not be taken for two of them. */
async function toPhotoOfItsOwn(connection: Connection, delivery: Delivery, signal: AbortSignal): Promise<Photo> {
  const { journal, claimed, catalog } = connection;
  const { file, hash } = delivery;
  const begun = journal.find(file.path, hash);
  const leftBehind = journal.take(file.path, hash);
  journal.begin(file.path, hash, begun === undefined ? catalog.idsOf(hash) : []);
  const photo = leftBehind ?? (await send(connection, { ...delivery, begun }, signal));
  claimed.add(photo.id);
  return photo;
}

async function findThere(connection: Connection, path: SyncPath, signal: AbortSignal): Promise<Photo | undefined> {
  const { catalog } = connection;
  const album = await catalog.albumAt(folderAbove(path), signal);
  return album === undefined ? undefined : (await catalog.contentOf(album, signal)).byName.get(nameOf(path));
}

/** Puts photos into their albums, all of one album together. One outcome for each, in the order given. */
async function putInPlace(
  connection: Connection,
  delivered: readonly Delivered[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  const outcomes = new Map<Delivered, Attempt<void>>();
  const byFolder = new Map<SyncPath, Delivered[]>();
  for (const one of delivered) {
    const folder = folderAbove(one.delivery.file.path);
    if (one.isInPlace) outcomes.set(one, succeeded(undefined));
    else byFolder.set(folder, [...(byFolder.get(folder) ?? []), one]);
  }
  await Promise.all(
    [...byFolder].map(async ([folder, ones]) => {
      const added = await add(connection, folder, ones, signal);
      for (const [at, one] of ones.entries()) outcomes.set(one, added[at] ?? failed(noAnswer(one)));
    }),
  );
  for (const [one, outcome] of outcomes) if (outcome.ok) note(connection, one);
  connection.catalog.save();
  const folders = await foldersOf(connection, byFolder.keys(), signal);
  return delivered.map((one) => {
    const outcome = outcomes.get(one) ?? failed(noAnswer(one));
    if (!outcome.ok) return outcome;
    const { file, hash } = one.delivery;
    const folder = folders.get(folderAbove(file.path));
    const uploaded = { entry: toRemoteFile(one.photo, file.path), sentHash: hash };
    return succeeded(folder === undefined ? uploaded : { ...uploaded, folder });
  });
}

/** The albums that hold photos now. All are known by now, so that nothing is asked. */
async function foldersOf(
  { catalog }: Connection,
  paths: Iterable<SyncPath>,
  signal: AbortSignal,
): Promise<ReadonlyMap<SyncPath, RemoteFolder>> {
  const folders = new Map<SyncPath, RemoteFolder>();
  for (const path of paths) {
    const album = await catalog.albumAt(path, signal);
    if (album?.id !== undefined) folders.set(path, { kind: "folder", path, id: album.id });
  }
  return folders;
}

async function add(
  connection: Connection,
  folder: SyncPath,
  ones: readonly Delivered[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  if (folder !== NO_ALBUM) {
    return await addToAlbum(
      connection,
      folder,
      ones.map(({ photo }) => photo.id),
      signal,
    );
  }
  // Nothing else would show that the service truly has what it gave an id for.
  const look = ({ photo, delivery }: Delivered) =>
    fetchInfo(connection.api, photo.id, aboutUpload(delivery.file), signal);
  return await Promise.all(
    ones.map((one) =>
      attempt(async () => {
        await look(one);
      }),
    ),
  );
}

function note({ catalog, book, journal }: Connection, { delivery, photo, isInPlace }: Delivered): void {
  book.note(photo);
  catalog.notePhoto(delivery.file.path, photo);
  if (!isInPlace) journal.end(delivery.file.path, photo.id);
}

function noAnswer({ delivery }: Delivered): ProviderError {
  return new ProviderError("malformed", `upload ${delivery.file.path}: Flickr did not say what became of it`);
}
