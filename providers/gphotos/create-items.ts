import { ProviderError, RefusedContentError } from "../../lib/model/errors.js";
import type { PhotosApi } from "./api.js";
import { attempt } from "../attempts.js";
import { isTrouble, readable } from "./errors.js";
import { createdItems, nothing, type CreatedItem, type ItemStatus, type MediaItem } from "./schemas.js";
import type { Granted, Wish } from "./write-queue.js";

/** One call's worth of wishes for one album. */
export interface AlbumWrite {
  readonly albumId: string;
  readonly title: string;
  readonly wishes: readonly Wish[];
}

/** What became of a wish, before anybody has looked whether the item shows. */
export type Created =
  | Exclude<Granted, { readonly kind: "stored" }>
  | { readonly kind: "created"; readonly item: MediaItem }
  /** The service says that it has it, and not as what. */
  | { readonly kind: "exists"; readonly error: ProviderError };

/**
 * Makes items of uploaded bytes. The service answers for each of them on its own; those it does not answer for are asked for again.
 * Identical bytes are one item however often they are sent, so that a lost answer is made good by asking again.
 */
export async function createItems(api: PhotosApi, write: AlbumWrite, signal: AbortSignal): Promise<readonly Created[]> {
  const newMediaItems = write.wishes.map(({ name, offer }) => ({
    simpleMediaItem: { uploadToken: offer.kind === "token" ? offer.token : "", fileName: name },
  }));
  const call = { ...about(write), route: "mediaItems:batchCreate", answer: createdItems, repeatable: true };
  const json = { albumId: write.albumId, newMediaItems };
  const outcome = await attempt(() => api.ask({ ...call, json }, signal));
  if (!outcome.ok) return await orInParts(write, outcome.error, (part) => createItems(api, part, signal));
  // Answers may come in another order.
  const byToken = new Map(outcome.value.newMediaItemResults.map((result) => [result.uploadToken, result]));
  return write.wishes.map((wish) => {
    const result = wish.offer.kind === "token" ? byToken.get(wish.offer.token) : undefined;
    return result === undefined ? { kind: "later", error: noAnswer(wish) } : toCreated(wish, result);
  });
}

/** Puts items that are there already into the album. All or nothing: one that is gone keeps all others out. */
export async function addItems(api: PhotosApi, write: AlbumWrite, signal: AbortSignal): Promise<readonly Created[]> {
  const items = write.wishes.map(({ offer }) => (offer.kind === "known" ? offer.item : NO_ITEM));
  const route = `albums/${encodeURIComponent(write.albumId)}:batchAddMediaItems`;
  const json = { mediaItemIds: [...new Set(items.map(({ id }) => id))] };
  const call = { ...about(write), route, json, answer: nothing, repeatable: true };
  const outcome = await attempt(() => api.ask(call, signal));
  if (!outcome.ok) return await orInParts(write, outcome.error, (part) => addItems(api, part, signal));
  return items.map((item) => ({ kind: "created", item }));
}

const NO_ITEM: MediaItem = { id: "", filename: "" };

function about({ title, wishes }: AlbumWrite) {
  const subject =
    wishes.length === 1 ? wishes[0]?.path : `${wishes.length} files of the album ${JSON.stringify(title)}`;
  return { operation: "upload", subject, method: "POST" } as const;
}

/** One bad token or id spoils the call for all: halves tell which. */
async function orInParts(
  write: AlbumWrite,
  error: ProviderError,
  again: (part: AlbumWrite) => Promise<readonly Created[]>,
): Promise<readonly Created[]> {
  const { wishes } = write;
  const isKnown = wishes[0]?.offer.kind === "known";
  // An item that the app may not see is answered in three ways.
  const isCulpritInside = isTrouble(error, "bad-token", "bad-item") || (isKnown && isTrouble(error, "not-found"));
  if (!isCulpritInside) throw error;
  if (wishes.length === 1) return [{ kind: "send-again", error }];
  const middle = Math.ceil(wishes.length / 2);
  const first = await again({ ...write, wishes: wishes.slice(0, middle) });
  return [...first, ...(await again({ ...write, wishes: wishes.slice(middle) }))];
}

function toCreated(wish: Wish, { status, mediaItem }: CreatedItem): Created {
  const code = status?.code ?? 0;
  if (code === 0 && mediaItem !== undefined) return { kind: "created", item: mediaItem };
  if (code === 0) return { kind: "later", error: noAnswer(wish) };
  return toRefusal(wish, { code, message: status?.message ?? "" });
}

function noAnswer({ path }: Wish): ProviderError {
  return new ProviderError("unavailable", `upload ${path}: Google Photos gave no answer for it; run again later`);
}

/** By google.rpc.Code. */
const INVALID = 3;
const EXISTS = 6;
const FORBIDDEN = 7;
const EXHAUSTED = 8;

/** Bytes that were looked at, as opposed to a token that lapsed: both are told with the same code. */
const LOOKED_AT = /BAD_IMAGE|NOT_IMAGE|UNSUPPORTED|not an image/i;

function toRefusal(wish: Wish, { code, message }: ItemStatus): Created {
  const detail = `(Google: code ${code}${words(message)})`;
  const say = (sentence: string): string => `upload ${wish.path}: ${sentence} ${detail}`;
  switch (code) {
    case INVALID: {
      const what = "Google Photos finds no photo or video in it that it takes; leave it out with --exclude";
      if (LOOKED_AT.test(message)) return { kind: "failed", error: new RefusedContentError(say(what)) };
      const why = `${what}, unless it is among your photos already by another way`;
      return { kind: "send-again", error: new RefusedContentError(say(why)) };
    }
    case EXISTS:
      return {
        kind: "exists",
        error: new RefusedContentError(say("Google Photos has it already and does not show it")),
      };
    case EXHAUSTED:
      return { kind: "failed", error: new ProviderError("quota", say("the account's storage is full")) };
    case FORBIDDEN:
      return { kind: "failed", error: new ProviderError("rejected", say("Google Photos does not allow it")) };
    default:
      return { kind: "later", error: new ProviderError("unavailable", say("Google Photos failed; run again later")) };
  }
}

function words(message: string): string {
  const text = readable(message);
  return text === undefined ? "" : `, ${text}`;
}
