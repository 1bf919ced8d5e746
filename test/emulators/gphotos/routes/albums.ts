import type { Answer } from "../../shared/answer.js";
import { assertItemIds, assertRoom, findAlbum, findWritableAlbum, placeOf } from "../album-access.js";
import { jsonAnswer } from "../answer.js";
import { AlbumBody, CreateAlbumBody, EnrichmentBody, ItemIdsBody, ListQuery, MaskQuery } from "../arguments.js";
import { badRequest, invalidArgument } from "../failures.js";
import { type Album, isVisible } from "../library.js";
import { type PageArgument, pageSizeOf } from "../list-items.js";
import { presentAlbum } from "../present.js";
import { type Call, defineRoute, type Route } from "../route.js";
import { APPEND_SCOPE, EDIT_SCOPE, READ_SCOPE } from "../scopes.js";

const TITLE_LENGTH = 500;

export const albumRoutes: readonly Route[] = [
  defineRoute({
    name: "albums.create",
    method: "POST",
    path: "/v1/albums",
    scopes: [APPEND_SCOPE],
    isWrite: true,
    body: CreateAlbumBody,
    check: ({ body }) => {
      if (body.album.title === "") throw badRequest("Request must have an album title.");
      assertTitle(body.album.title);
    },
    run: ({ body }, { account, world }) => {
      const { id, title } = account.library.addAlbum(body.album.title, "app", world.clock.nowMs());
      const productUrl = `https://photos.google.com/lr/album/${id}`;
      return jsonAnswer(200, { id, title, productUrl, isWriteable: true });
    },
  }),
  defineRoute({
    name: "albums.list",
    method: "GET",
    path: "/v1/albums",
    scopes: [READ_SCOPE],
    query: ListQuery,
    run: ({ query }, call) => albumPage(call, { ...query, key: "albums.list", maxPageSize: 50, defaultPageSize: 20 }),
  }),
  defineRoute({
    name: "albums.get",
    method: "GET",
    path: "/v1/albums/{id}",
    scopes: [READ_SCOPE],
    run: ({ id }, call) => jsonAnswer(200, presentAlbum(call.world, call.account, findAlbum(call, id))),
  }),
  defineRoute({
    name: "albums.patch",
    method: "PATCH",
    path: "/v1/albums/{id}",
    scopes: [EDIT_SCOPE],
    isWrite: true,
    query: MaskQuery,
    body: AlbumBody,
    check: ({ query, body }) => {
      const mask = maskOf(query.updateMask);
      if (mask.has("title")) assertTitle(body.title);
    },
    run: ({ id, query, body }, call) => {
      const album = findAlbum(call, id);
      const mask = maskOf(query.updateMask);
      if (mask.has("coverPhotoMediaItemId")) album.coverItemId = coverOf(call, album, body.coverPhotoMediaItemId);
      if (mask.has("title")) album.title = body.title;
      return jsonAnswer(200, presentAlbum(call.world, call.account, album));
    },
  }),
  defineRoute({
    name: "albums.batchAddMediaItems",
    method: "POST",
    path: "/v1/albums/{id}:batchAddMediaItems",
    scopes: [APPEND_SCOPE, EDIT_SCOPE],
    isWrite: true,
    body: ItemIdsBody,
    check: ({ body }) => {
      assertItemIds(body.mediaItemIds);
    },
    run: ({ id, body }, call) => {
      const album = findWritableAlbum(call, id);
      const items = body.mediaItemIds.map((itemId) => call.account.library.item(itemId));
      if (items.some((item) => item === undefined || !isVisible(item))) {
        throw invalidArgument("Request contains an invalid media item id.");
      }
      assertRoom(call, album, items.length);
      call.account.library.join(album, body.mediaItemIds);
      return jsonAnswer(200, {});
    },
  }),
  defineRoute({
    name: "albums.batchRemoveMediaItems",
    method: "POST",
    path: "/v1/albums/{id}:batchRemoveMediaItems",
    scopes: [EDIT_SCOPE],
    isWrite: true,
    body: ItemIdsBody,
    check: ({ body }) => {
      assertItemIds(body.mediaItemIds);
    },
    run: ({ id, body }, call) => {
      const album = findAlbum(call, id);
      const inside = new Set(album.entries.map((entry) => entry.id));
      const isAbsent = body.mediaItemIds.some((itemId) => !inside.has(itemId));
      const isUnknown = body.mediaItemIds.some((itemId) => call.account.library.item(itemId) === undefined);
      if (isUnknown || (isAbsent && call.world.settings.absentRemovals === "refuse")) {
        throw invalidArgument("Request contains an invalid media item id.");
      }
      call.account.library.leave(album, body.mediaItemIds);
      return jsonAnswer(200, {});
    },
  }),
  defineRoute({
    name: "albums.addEnrichment",
    method: "POST",
    path: "/v1/albums/{id}:addEnrichment",
    scopes: [APPEND_SCOPE, EDIT_SCOPE],
    isWrite: true,
    body: EnrichmentBody,
    run: ({ id, body }, call) => {
      const album = findWritableAlbum(call, id);
      const enrichmentId = call.account.library.addEnrichment(album, placeOf(album, body.albumPosition));
      return jsonAnswer(200, { enrichmentItem: { id: enrichmentId } });
    },
  }),
];

/** Sharing went away on 31 March 2025: no scope reaches these any more. */
export const sharingRoutes: readonly Route[] = (
  [
    ["albums.share", "POST", "/v1/albums/{id}:share"],
    ["albums.unshare", "POST", "/v1/albums/{id}:unshare"],
    ["sharedAlbums.join", "POST", "/v1/sharedAlbums:join"],
    ["sharedAlbums.leave", "POST", "/v1/sharedAlbums:leave"],
    ["sharedAlbums.list", "GET", "/v1/sharedAlbums"],
    ["sharedAlbums.get", "GET", "/v1/sharedAlbums/{id}"],
  ] as const
).map(([name, method, path]) => ({
  name,
  method,
  path,
  scopes: [],
  isWrite: false,
  isUpload: false,
  prepare: () => Promise.resolve(() => jsonAnswer(200, {})),
}));

function albumPage(call: Call, argument: PageArgument): Answer {
  const { account, fault, world } = call;
  const { key, pageToken } = argument;
  const pageSize = pageSizeOf(call, argument);
  const page = world.pages.page({ key: `${account.accountId} ${key}`, pageToken, pageSize, fault }, () =>
    listedAlbums(call).map(({ id }) => id),
  );
  const albums = page.ids.map((id) => account.library.album(id)).filter((album) => album !== undefined);
  return jsonAnswer(200, {
    ...(albums.length === 0 ? {} : { albums: albums.map((album) => presentAlbum(world, account, album)) }),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  });
}

function listedAlbums({ account, world }: Call): Album[] {
  const shownUntilMs = world.clock.nowMs() - world.settings.albumLagMs;
  const albums = account.library.albums.filter(
    ({ origin, createdMs }) => origin === "app" && createdMs <= shownUntilMs,
  );
  return world.settings.albumOrder === "shuffled" ? world.chance.shuffle(albums) : albums;
}

function assertTitle(title: string): void {
  if (title.length > TITLE_LENGTH) throw badRequest("Album title must not be longer than 500 characters.");
}

type MaskWord = "title" | "coverPhotoMediaItemId";

const MASK_WORDS: ReadonlyMap<string, MaskWord> = new Map([
  ["title", "title"],
  ["coverPhotoMediaItemId", "coverPhotoMediaItemId"],
  ["cover_photo_media_item_id", "coverPhotoMediaItemId"],
]);

function maskOf(updateMask: string): ReadonlySet<MaskWord> {
  const words = updateMask.split(",").map((word) => MASK_WORDS.get(word.trim()));
  const known = words.filter((word) => word !== undefined);
  if (known.length < words.length) throw badRequest(`Invalid update mask: ${updateMask}`);
  return new Set(known);
}

function coverOf({ account }: Call, album: Album, itemId: string): string {
  if (!account.library.itemsOf(album).some(({ id }) => id === itemId)) {
    throw invalidArgument("Request contains an invalid media item id.");
  }
  return itemId;
}
