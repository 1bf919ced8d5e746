import type { Position } from "./arguments.js";
import { badRequest, invalidArgument, unknownId } from "./failures.js";
import { type Album, isVisible, type Item, type Place } from "./library.js";
import type { Call } from "./route.js";

/** An album of the app's own; others do not exist for it. */
export function findAlbum({ account, world }: Call, id: string): Album {
  const album = account.library.album(id);
  if (album?.origin !== "app") throw unknownId("album", world.settings.unknownIdStatus);
  return album;
}

/** The same where something is put into it: the refusal says so. */
export function findWritableAlbum({ account }: Call, id: string): Album {
  const album = account.library.album(id);
  if (album === undefined) throw invalidArgument("Request contains an invalid album id.");
  if (album.origin !== "app") throw invalidArgument("No permission to add media items to this album.");
  return album;
}

export function findItem({ account, world }: Call, id: string): Item {
  const item = account.library.item(id);
  if (item === undefined || !isVisible(item)) throw unknownId("media item", world.settings.unknownIdStatus);
  return item;
}

/** Between 1 and 50 ids, each once. */
export function assertItemIds(ids: readonly string[]): void {
  if (ids.length === 0) throw badRequest("Request must contain at least one media item id.");
  if (ids.length > 50) throw badRequest("Request must have less than 50 media items.");
  if (new Set(ids).size < ids.length) throw badRequest("Request must not contain repeated media item ids.");
}

export function assertRoom({ world }: Call, album: Album, newItems: number): void {
  const items = album.entries.filter(({ kind }) => kind === "item").length;
  if (items + newItems > world.settings.albumItems) throw invalidArgument("The album has reached its limit of items.");
}

export function placeOf(album: Album, position: Position | undefined): Place {
  switch (position?.position) {
    case undefined:
    case "POSITION_TYPE_UNSPECIFIED":
    case "LAST_IN_ALBUM":
      return { kind: "last" };
    case "FIRST_IN_ALBUM":
      return { kind: "first" };
    case "AFTER_MEDIA_ITEM":
      return placeAfter(album, "item", position.relativeMediaItemId);
    case "AFTER_ENRICHMENT_ITEM":
      return placeAfter(album, "enrichment", position.relativeEnrichmentItemId);
  }
}

function placeAfter(album: Album, kind: "item" | "enrichment", id: string): Place {
  const entry = album.entries.find((one) => one.kind === kind && one.id === id);
  if (entry === undefined) throw badRequest("Request contains an invalid album position.");
  return { kind: "after", entry };
}
