import { toTimestamp } from "../shared/to-timestamp.js";
import type { Account } from "./accounts.js";
import type { Album, Item } from "./library.js";
import type { World } from "./world.js";

type Json = Readonly<Record<string, unknown>>;

/** A media item as list, search, get and batchGet show it: empty members are absent. */
export function presentItem(world: World, account: Account, item: Item): Json {
  return { ...presentNewItem(world, item), baseUrl: baseUrlOf(world, account, item) };
}

/** The same as batchCreate shows it, without an address for the bytes. */
export function presentNewItem(world: World, item: Item): Json {
  const { id, description, media, filename, createdMs } = item;
  return {
    id,
    ...(description === "" ? {} : { description }),
    productUrl: `https://photos.google.com/lr/photo/${id}`,
    mimeType: media.mimeType,
    mediaMetadata: {
      creationTime: toTimestamp(createdMs),
      ...(media.width === undefined ? {} : { width: String(media.width) }),
      ...(media.height === undefined ? {} : { height: String(media.height) }),
      ...(media.kind === "photo"
        ? { photo: presentPhoto(item) }
        : { video: { fps: 30, status: statusOf(world, item) } }),
    },
    filename,
  };
}

export function presentAlbum(world: World, account: Account, album: Album): Json {
  const items = account.library.itemsOf(album);
  const cover = items.find(({ id }) => id === album.coverItemId) ?? items[0];
  return {
    id: album.id,
    ...(album.title === "" ? {} : { title: album.title }),
    productUrl: `https://photos.google.com/lr/album/${album.id}`,
    isWriteable: true,
    ...(items.length === 0 ? {} : { mediaItemsCount: String(items.length) }),
    ...(cover === undefined
      ? {}
      : { coverPhotoBaseUrl: baseUrlOf(world, account, cover), coverPhotoMediaItemId: cover.id }),
  };
}

export function statusOf({ clock, settings }: World, item: Item): "PROCESSING" | "READY" | "FAILED" {
  if (item.isFailed) return "FAILED";
  return clock.nowMs() < item.uploadedMs + settings.videoProcessingMs ? "PROCESSING" : "READY";
}

function presentPhoto({ media }: Item): Json {
  const { make, model, focalLength, apertureFNumber, isoEquivalent, exposureSeconds } = media.exif ?? {};
  const all = {
    cameraMake: make,
    cameraModel: model,
    focalLength,
    apertureFNumber,
    isoEquivalent,
    exposureTime: exposureSeconds === undefined ? undefined : `${String(exposureSeconds)}s`,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function baseUrlOf(world: World, { accountId }: Account, { id }: Item): string {
  const secret = `A${world.chance.letters(80)}`;
  const expiresMs = world.clock.nowMs() + world.settings.baseUrlSeconds * 1000;
  world.mediaLinks.set(secret, { accountId, itemId: id, expiresMs });
  return `${world.imageUrl}/lr/${secret}`;
}
