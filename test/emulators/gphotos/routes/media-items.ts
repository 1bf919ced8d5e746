import type * as z from "zod";
import { noteMisuse } from "../../shared/note-misuse.js";
import { assertItemIds, assertRoom, findItem, findWritableAlbum, placeOf } from "../album-access.js";
import { jsonAnswer } from "../answer.js";
import { BatchGetQuery, CreateItemsBody, ItemBody, ListQuery, MaskQuery, SearchBody } from "../arguments.js";
import { createItems, type CreateOutcome, presentOutcome } from "../create-items.js";
import { ApiError, badRequest } from "../failures.js";
import { isVisible, type Item } from "../library.js";
import { itemPage } from "../list-items.js";
import { presentItem } from "../present.js";
import { type Call, defineRoute, type Route } from "../route.js";
import { APPEND_SCOPE, EDIT_SCOPE, READ_SCOPE } from "../scopes.js";
import { assertSearch, searchItems } from "../search-items.js";
import { isWellFormedToken } from "../uploads.js";

export const mediaItemRoutes: readonly Route[] = [
  defineRoute({
    name: "mediaItems.batchCreate",
    method: "POST",
    path: "/v1/mediaItems:batchCreate",
    scopes: [APPEND_SCOPE],
    isWrite: true,
    body: CreateItemsBody,
    check: ({ body }, exchange) => {
      for (const fault of nameFaults(body)) noteMisuse(exchange, fault);
      assertCreateItems(body);
    },
    run: ({ body }, call) => batchCreate(body, call),
  }),
  defineRoute({
    name: "mediaItems.list",
    method: "GET",
    path: "/v1/mediaItems",
    scopes: [READ_SCOPE],
    query: ListQuery,
    run: ({ query }, call) =>
      itemPage(call, { ...query, key: "mediaItems.list", maxPageSize: 100, defaultPageSize: 25 }, () =>
        searchItems(call, undefined),
      ),
  }),
  defineRoute({
    name: "mediaItems.search",
    method: "POST",
    path: "/v1/mediaItems:search",
    scopes: [READ_SCOPE],
    body: SearchBody,
    check: ({ body }) => {
      assertSearch(body);
    },
    run: ({ body }, call) => {
      const { pageSize, pageToken, ...rest } = body;
      const key = `search ${JSON.stringify(rest)}`;
      const page = { pageSize, pageToken, key, maxPageSize: 100, defaultPageSize: 25 };
      return itemPage(call, page, () => searchItems(call, body));
    },
  }),
  defineRoute({
    name: "mediaItems.batchGet",
    method: "GET",
    path: "/v1/mediaItems:batchGet",
    scopes: [READ_SCOPE],
    query: BatchGetQuery,
    check: ({ query }) => {
      assertItemIds(query.mediaItemIds);
    },
    run: ({ query }, call) => jsonAnswer(200, { mediaItemResults: query.mediaItemIds.map((id) => getOne(call, id)) }),
  }),
  defineRoute({
    name: "mediaItems.get",
    method: "GET",
    path: "/v1/mediaItems/{id}",
    scopes: [READ_SCOPE],
    run: ({ id }, call) => jsonAnswer(200, presentItem(call.world, call.account, unbroken(findItem(call, id)))),
  }),
  defineRoute({
    name: "mediaItems.patch",
    method: "PATCH",
    path: "/v1/mediaItems/{id}",
    scopes: [EDIT_SCOPE],
    isWrite: true,
    query: MaskQuery,
    body: ItemBody,
    check: ({ query, body }) => {
      if (query.updateMask !== "description") throw badRequest(`Invalid update mask: ${query.updateMask}`);
      if (body.description.length > 1000) throw badRequest("Description must not be longer than 1000 characters.");
    },
    run: ({ id, body }, call) => {
      const item = findItem(call, id);
      item.description = body.description;
      return jsonAnswer(200, presentItem(call.world, call.account, item));
    },
  }),
];

type CreateItems = z.output<typeof CreateItemsBody>;

function assertCreateItems({ albumId, albumPosition, newMediaItems }: CreateItems): void {
  if (newMediaItems.length === 0) throw badRequest("Request must contain at least one new media item.");
  if (newMediaItems.length > 50) throw badRequest("Request must have less than 50 new media items.");
  if (albumPosition !== undefined && albumId === "") {
    throw badRequest("Album position is only valid if the album id is also specified.");
  }
  const first = newMediaItems[0]?.simpleMediaItem.uploadToken ?? "";
  if (!isWellFormedToken(first)) throw badRequest("Request must contain a valid upload token.");
  if (newMediaItems.some(({ description }) => description.length > 1000)) {
    throw badRequest("Description must not be longer than 1000 characters.");
  }
  if (newMediaItems.some(({ simpleMediaItem }) => simpleMediaItem.fileName.length > 255)) {
    throw badRequest("File name must not be longer than 255 characters.");
  }
}

/** What is answered all the same, and shows in the product afterwards. */
function nameFaults({ newMediaItems }: CreateItems): readonly string[] {
  const names = newMediaItems.map(({ simpleMediaItem }) => simpleMediaItem.fileName);
  const tokens = newMediaItems.map(({ simpleMediaItem }) => simpleMediaItem.uploadToken);
  return [
    ...(names.includes("") ? ["an item without fileName shows a date as its name"] : []),
    ...(names.some((name) => /[/\\]/.test(name)) ? ["a path as fileName"] : []),
    ...(new Set(tokens).size < tokens.length ? ["one upload token twice in a batch"] : []),
  ];
}

async function batchCreate({ albumId, albumPosition, newMediaItems }: CreateItems, call: Call) {
  const album = albumId === "" ? undefined : findWritableAlbum(call, albumId);
  if (album !== undefined) assertRoom(call, album, newMediaItems.length);
  const place = album === undefined ? undefined : placeOf(album, albumPosition);
  const outcomes = await createItems(call, newMediaItems);
  const { library } = call.account;
  const stored = outcomes
    .map(({ item }) => item)
    .filter((item) => item !== undefined && library.item(item.id) === item);
  if (album !== undefined) {
    const ids = stored.map((item) => item?.id).filter((id) => id !== undefined);
    library.join(album, ids, place);
  }
  return jsonAnswer(200, {
    newMediaItemResults: shownOutcomes(call, outcomes).map((one) => presentOutcome(call, one)),
  });
}

function shownOutcomes({ fault, world }: Call, outcomes: readonly CreateOutcome[]): readonly CreateOutcome[] {
  if (fault?.kind === "drop-results") return outcomes.slice(0, Math.max(0, outcomes.length - fault.count));
  return fault?.kind === "shuffle-results" ? world.chance.shuffle([...outcomes]) : outcomes;
}

function getOne(call: Call, id: string): Readonly<Record<string, unknown>> {
  const item = call.account.library.item(id);
  if (item === undefined || !isVisible(item)) {
    return { status: { code: 5, message: "Requested entity was not found." } };
  }
  return { mediaItem: presentItem(call.world, call.account, unbroken(item)) };
}

/** One broken item spoils the whole answer. */
function unbroken(item: Item): Item {
  if (item.isBroken) throw new ApiError(500, "INTERNAL", "Internal error encountered.");
  return item;
}
