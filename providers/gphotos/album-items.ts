import type { Sleep } from "../../lib/http/sleep.js";
import type { PhotosApi } from "./api.js";
import { ServiceError } from "./errors.js";
import { itemPage, type MediaItem } from "./schemas.js";

/** The most that the service gives in one page. */
const PAGE = 100;
const SMALLER = 4;
const AGAIN_MS = 1_000;

/** The items of an album that this program may see, in the order of the album, each once. */
export async function fetchItems(
  { api, sleep }: { readonly api: PhotosApi; readonly sleep: Sleep },
  about: { readonly albumId: string; readonly title: string },
  signal: AbortSignal,
): Promise<readonly MediaItem[]> {
  const items = new Map<string, MediaItem>();
  let pageToken: string | undefined;
  let pageSize = PAGE;
  for (;;) {
    try {
      const page = await fetchPage(api, { ...about, pageSize, pageToken }, signal);
      // One may come again at the edge of a page, and a page may be empty: only a missing token is the end.
      for (const item of page.mediaItems) if (!items.has(item.id)) items.set(item.id, item);
      pageToken = page.nextPageToken === "" ? undefined : page.nextPageToken;
      if (pageToken === undefined) return [...items.values()];
      pageSize = PAGE;
    } catch (error) {
      // A single item that is broken there spoils every page that holds it; a passing failure passes in the meantime.
      if (!(error instanceof ServiceError) || error.status < 500 || pageSize === 1) throw error;
      pageSize = Math.floor(pageSize / SMALLER) || 1;
      await sleep(AGAIN_MS, signal);
    }
  }
}

interface Page {
  readonly albumId: string;
  readonly title: string;
  readonly pageSize: number;
  readonly pageToken: string | undefined;
}

async function fetchPage(api: PhotosApi, { albumId, title, pageSize, pageToken }: Page, signal: AbortSignal) {
  const about = { operation: "list album", subject: title, method: "POST", route: "mediaItems:search" } as const;
  const json = { albumId, pageSize, ...(pageToken === undefined ? {} : { pageToken }) };
  return await api.ask({ ...about, json, answer: itemPage, repeatable: true, isFragile: true }, signal);
}

/** True for a page that stays broken however small it is. */
export function isBrokenPage(error: unknown): boolean {
  return error instanceof ServiceError && error.status >= 500 && error.code === "unavailable";
}
