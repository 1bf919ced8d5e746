import * as z from "zod";

/** The shapes of Google's answers, as far as they are read here. Unknown members are dropped; empty ones are left out there. */
const pageToken = z.string().optional();

/** Integers of 64 bits travel as text, and 0 not at all. */
const count = z
  .union([z.string().regex(/^\d+$/), z.number().int().nonnegative()])
  .default(0)
  .transform(Number);

export const album = z.object({
  id: z.string().min(1),
  title: z.string().default(""),
  mediaItemsCount: count,
});
export type Album = z.output<typeof album>;

export const albumPage = z.object({ albums: z.array(album).default([]), nextPageToken: pageToken });

export const mediaItem = z.object({ id: z.string().min(1), filename: z.string().default("") });
export type MediaItem = z.output<typeof mediaItem>;

export const itemPage = z.object({ mediaItems: z.array(mediaItem).default([]), nextPageToken: pageToken });

/** 0, or no code at all, is success. */
const status = z.object({ code: z.number().int().default(0), message: z.string().default("") });
export type ItemStatus = z.output<typeof status>;

export const createdItems = z.object({
  newMediaItemResults: z
    .array(
      z.object({ uploadToken: z.string().default(""), status: status.optional(), mediaItem: mediaItem.optional() }),
    )
    .default([]),
});
export type CreatedItem = z.output<typeof createdItems>["newMediaItemResults"][number];

export const gotItems = z.object({
  mediaItemResults: z.array(z.object({ mediaItem: mediaItem.optional() })).default([]),
});

/** The answer of calls that return nothing. */
export const nothing = z.object({});

/** An error of the service: google.rpc.Status, inside `error` or, from the upload endpoint, flat. */
const rpcStatus = z.object({
  code: z.number().optional(),
  message: z.string().default(""),
  status: z.string().default(""),
  details: z.array(z.object({ reason: z.string().optional() })).default([]),
});
export const errorAnswer = z.union([z.object({ error: rpcStatus }).transform(({ error }) => error), rpcStatus]);
export type RpcStatus = z.output<typeof rpcStatus>;
