import type { Answer } from "../shared/answer.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { jsonAnswer } from "./answer.js";
import { ApiError, badRequest } from "./failures.js";
import type { Item } from "./library.js";
import { isVisible } from "./library.js";
import { presentItem } from "./present.js";
import type { Call } from "./route.js";

export interface PageArgument {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly key: string;
  readonly maxPageSize: number;
  readonly defaultPageSize: number;
}

/** One page of items; `{}` when there is nothing. */
export function itemPage(call: Call, argument: PageArgument, list: () => readonly Item[]): Answer {
  const { account, fault, world } = call;
  const { key, pageToken } = argument;
  const pageSize = pageSizeOf(call, argument);
  const page = world.pages.page({ key: `${account.accountId} ${key}`, pageToken, pageSize, fault }, () =>
    list().map(({ id }) => id),
  );
  const items = page.ids.map((id) => account.library.item(id)).filter((item) => item !== undefined);
  const shown = items.filter(isVisible);
  if (shown.some(({ isBroken }) => isBroken)) throw new ApiError(500, "INTERNAL", "Internal error encountered.");
  return jsonAnswer(200, {
    ...(shown.length === 0 ? {} : { mediaItems: shown.map((item) => presentItem(world, account, item)) }),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  });
}

export function pageSizeOf(call: Call, { pageSize, maxPageSize, defaultPageSize }: PageArgument): number {
  if (pageSize < 0) throw badRequest("Page size must not be negative.");
  if (pageSize === 0) return defaultPageSize;
  if (pageSize <= maxPageSize) return pageSize;
  if (call.world.settings.largePages === "refuse") throw badRequest("Page size is larger than the maximum.");
  noteMisuse(call, `a page of ${String(pageSize)}, where ${String(maxPageSize)} is the most`);
  return maxPageSize;
}
