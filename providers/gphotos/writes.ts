import type { Sleep } from "../../lib/http/sleep.js";
import type { AlbumBook } from "./album-book.js";
import { fetchItems } from "./album-items.js";
import type { PhotosApi } from "./api.js";
import { addItems, createItems, type AlbumWrite, type Created } from "./create-items.js";
import { isTrouble } from "./errors.js";
import type { MediaItem } from "./schemas.js";
import { findVisible } from "./visible-items.js";
import type { Granted, Wish, Write } from "./write-queue.js";

export interface WriteTools {
  readonly api: PhotosApi;
  readonly albums: AlbumBook;
  readonly sleep: Sleep;
  /** Told what is in the album from now on. */
  readonly onAdded: (added: AddedItems) => void;
}

/** Wishes of one call that came true. */
export interface AddedItems {
  readonly albumId: string;
  readonly title: string;
  readonly stored: readonly { readonly wish: Wish; readonly item: MediaItem; readonly isVisible: boolean }[];
}

/** Carries out wishes of one album: finds or makes the album, makes the items, and looks whether they show. */
export function createWrite(tools: WriteTools): Write {
  return async (wishes, signal) => {
    const { write, created } = await writeIntoAlbum(tools, wishes, signal);
    return { granted: check(tools, write, created, signal) };
  };
}

interface Outcome {
  readonly write: AlbumWrite;
  readonly created: readonly Created[];
}

async function writeIntoAlbum(
  { api, albums }: WriteTools,
  wishes: readonly Wish[],
  signal: AbortSignal,
): Promise<Outcome> {
  const title = wishes[0]?.title ?? "";
  const make = wishes[0]?.offer.kind === "known" ? addItems : createItems;
  const writeOnce = async (): Promise<Outcome> => {
    const write = { albumId: await albums.ensure(title, signal), title, wishes };
    return { write, created: await make(api, write, signal) };
  };
  try {
    return await writeOnce();
  } catch (error) {
    // The remembered album was deleted, or belongs to somebody else by now.
    if (!isTrouble(error, "bad-album", "not-found")) throw error;
    albums.forget(title);
    return await writeOnce();
  }
}

async function check(
  tools: WriteTools,
  write: AlbumWrite,
  created: readonly Created[],
  signal: AbortSignal,
): Promise<readonly Granted[]> {
  const { api, onAdded } = tools;
  const { albumId, title, wishes } = write;
  const made = created.flatMap((one) => (one.kind === "created" ? [one.item.id] : []));
  // What was put into an album by its id has been looked at by the service itself.
  const isKnown = wishes[0]?.offer.kind === "known";
  const visible = isKnown ? new Set(made) : await findVisible(api, made, signal);
  const granted: Granted[] = [];
  const stored: AddedItems["stored"][number][] = [];
  for (const [at, one] of created.entries()) {
    const wish = wishes[at];
    const item = one.kind === "created" ? one.item : await findExisting(tools, write, { wish, one }, signal);
    if (wish === undefined || item === undefined) {
      if (one.kind !== "created") granted.push(one.kind === "exists" ? { ...one, kind: "send-again" } : one);
      continue;
    }
    const isVisible = one.kind !== "created" || visible.has(item.id);
    stored.push({ wish, item, isVisible });
    granted.push({ kind: "stored", albumId, item, isVisible });
  }
  if (stored.length > 0) onAdded({ albumId, title, stored });
  return granted;
}

/** The service has it already, and does not say as what: then it is looked for by its name. */
async function findExisting(
  tools: WriteTools,
  { albumId, title }: AlbumWrite,
  { wish, one }: { readonly wish: Wish | undefined; readonly one: Created },
  signal: AbortSignal,
): Promise<MediaItem | undefined> {
  if (one.kind !== "exists" || wish === undefined) return undefined;
  const items = await fetchItems(tools, { albumId, title }, signal);
  return items.findLast(({ filename }) => filename === wish.name);
}
