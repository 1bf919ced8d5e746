import { findAlbum } from "./album-access.js";
import type { Filters, GoogleDate, SearchBody } from "./arguments.js";
import { badRequest } from "./failures.js";
import { isVisible, type Item } from "./library.js";
import type { Call } from "./route.js";

/** What the service refuses in a search, whatever the library holds. */
export function assertSearch({ albumId, filters, orderBy }: SearchBody): void {
  if (albumId !== "" && filters !== undefined) throw badRequest("Filters cannot be set when an album id is set.");
  if (orderBy === "") return;
  const { dateFilter, contentFilter, mediaTypeFilter, featureFilter, includeArchivedMedia } = filters ?? {};
  const others = [contentFilter, mediaTypeFilter, featureFilter].some((filter) => filter !== undefined);
  if (dateFilter === undefined || others || includeArchivedMedia === true) {
    throw badRequest("Order by is only valid with a date filter and no other one.");
  }
}

/** In album order, or newest capture first. Undefined lists everything, as mediaItems.list does. */
export function searchItems(call: Call, search: SearchBody | undefined): readonly Item[] {
  const shownUntilMs = takeShownUntil(call);
  const { library } = call.account;
  if (search !== undefined && search.albumId !== "") {
    const album = findAlbum(call, search.albumId);
    return library.itemsOf(album).filter((item) => isVisible(item) && item.uploadedMs <= shownUntilMs);
  }
  const filters = search?.filters;
  const found = library.items.filter(
    (item) => isVisible(item) && item.uploadedMs <= shownUntilMs && matches(item, filters),
  );
  const direction = search?.orderBy === "MediaMetadata.creation_time" ? 1 : -1;
  return found.sort((a, b) => direction * (a.createdMs - b.createdMs));
}

/** Items that came up later than this are not yet in the index. */
function takeShownUntil({ world }: Call): number {
  const lagged = world.clock.nowMs() - world.settings.listLagMs;
  const frozen = world.frozenListings;
  if (frozen === undefined || frozen.requestsLeft === 0) return lagged;
  frozen.requestsLeft -= 1;
  return Math.min(frozen.atMs, lagged);
}

function matches(item: Item, filters: Filters | undefined): boolean {
  if (item.isArchived && filters !== undefined && !filters.includeArchivedMedia) return false;
  if (filters === undefined) return true;
  const [type = "ALL_MEDIA"] = filters.mediaTypeFilter?.mediaTypes ?? [];
  if (type !== "ALL_MEDIA" && item.media.kind !== type.toLowerCase()) return false;
  if (filters.featureFilter?.includedFeatures.includes("FAVORITES") === true && !item.isFavorite) return false;
  // Nothing here looks into pictures: every category is empty.
  if ((filters.contentFilter?.includedContentCategories ?? []).length > 0) return false;
  return matchesDate(item, filters.dateFilter);
}

function matchesDate({ createdMs }: Item, filter: Filters["dateFilter"]): boolean {
  if (filter === undefined) return true;
  const day = new Date(createdMs).toISOString().slice(0, 10);
  const inDates = filter.dates.some((date) => isOn(day, date));
  return inDates || filter.ranges.some(({ startDate, endDate }) => day >= textOf(startDate) && day <= textOf(endDate));
}

/** A part that is 0 stands for any. */
function isOn(day: string, { year, month, day: dayOfMonth }: GoogleDate): boolean {
  const [y, m, d] = day.split("-").map(Number);
  return (year === 0 || y === year) && (month === 0 || m === month) && (dayOfMonth === 0 || d === dayOfMonth);
}

function textOf({ year, month, day }: GoogleDate): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
