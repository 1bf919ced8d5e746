import type { PhotosApi } from "./api.js";
import { attempt } from "../attempts.js";
import { ServiceError } from "./errors.js";
import { gotItems } from "./schemas.js";

/**
 * Which of the items, at most 50, the service shows: a success that shows nowhere is none. One that spoils every answer it is in is
 * there without a doubt.
 */
export async function findVisible(
  api: PhotosApi,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const asked = [...new Set(ids)];
  if (asked.length === 0) return new Set();
  const query = { mediaItemIds: asked };
  const about = { operation: "verify", subject: undefined, method: "GET", route: "mediaItems:batchGet" } as const;
  const call = { ...about, query, answer: gotItems, repeatable: true, isFragile: true };
  const outcome = await attempt(() => api.ask(call, signal));
  if (outcome.ok) {
    const items = outcome.value.mediaItemResults.map(({ mediaItem }) => mediaItem);
    return new Set(items.flatMap((item) => (item === undefined ? [] : [item.id])));
  }
  if (!(outcome.error instanceof ServiceError) || outcome.error.status < 500) throw outcome.error;
  if (asked.length === 1) return new Set(asked);
  const middle = Math.ceil(asked.length / 2);
  const first = await findVisible(api, asked.slice(0, middle), signal);
  return new Set([...first, ...(await findVisible(api, asked.slice(middle), signal))]);
}
