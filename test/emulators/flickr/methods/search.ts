import { noteMisuse } from "../../shared/note-misuse.js";
import { type Account } from "../accounts.js";
import { ApiFailure, userNotFound } from "../failures.js";
import { machineTagFilter } from "../machine-tag-filter.js";
import { pageOf } from "../paging.js";
import { byPosted, FILTER_ARGS, PAGE_ARGS, parseTime, photoFilter } from "../photo-filter.js";
import { photosAnswer } from "../photo-row.js";
import type { Photo } from "../photo.js";
import type { Tree } from "../rest-format.js";
import { accountArg, arg, type Call, canSee, listArg, type Method } from "../route.js";
import { cleanTag } from "../tags.js";

const SEARCH_ARGS = ["user_id", "tags", "tag_mode", "text", "machine_tags", "machine_tag_mode", "sort", "license"];
/** Known to the service, of no effect here. */
const IDLE_ARGS = ["bbox", "has_geo", "is_commons", "in_gallery", "is_getty", "contacts", "video_content_types"];

export const searchMethods: readonly Method[] = [
  {
    name: "photos.search",
    perms: "none",
    args: [...SEARCH_ARGS, ...IDLE_ARGS, ...FILTER_ARGS, ...PAGE_ARGS],
    run: search,
  },
];

const PER_PAGE = 100;
const MAX_TAGS = 20;

/** Served by an index that lags behind, and that shows its first results only. */
function search(call: Call): Tree {
  checkArguments(call);
  const passes = [photoFilter(call), tagFilter(call), textFilter(call), machineTagFilter(call)];
  const found = indexed(call)
    .filter((photo) => canSee(call, photo) && passes.every((pass) => pass(photo)))
    .sort(orderOf(call));
  const { page, pages, perPage, total, entries } = pageOf(call, found, PER_PAGE);
  const { searchDepth, searchResults } = call.world.settings;
  if (page * perPage <= searchResults || found.length <= searchResults) {
    return photosAnswer(call, { page, pages, perPage, total, entries });
  }
  noteMisuse(call, `results behind the first ${String(searchResults)} cannot be had`);
  if (searchDepth === "refuse") throw new ApiFailure(20, "Excessive photo offset in search");
  const shown = found.slice(Math.max(0, searchResults - perPage), searchResults);
  return photosAnswer(call, { page, pages, perPage, total, entries: shown });
}

function checkArguments(call: Call): void {
  const given = [...SEARCH_ARGS, ...FILTER_ARGS].filter((name) => arg(call, name) !== undefined);
  if (given.every((name) => ["sort", "media", "safe_search", "tag_mode", "machine_tag_mode"].includes(name))) {
    throw new ApiFailure(3, "Parameterless searches have been disabled. Please use flickr.photos.getRecent instead.", {
      isMisuse: true,
    });
  }
  for (const kind of ["upload", "taken"]) {
    const min = parseTime(arg(call, `min_${kind}_date`) ?? "0") ?? 0;
    const max = parseTime(arg(call, `max_${kind}_date`) ?? "9999-01-01") ?? Number.POSITIVE_INFINITY;
    if (min > max) throw new ApiFailure(18, "Illogical arguments", { isMisuse: true });
  }
}

function indexed(call: Call): readonly Photo[] {
  if (arg(call, "user_id") !== undefined) return searchedAccount(call).library.index.photos();
  return call.world.accounts.all().flatMap(({ library }) => library.index.photos());
}

function searchedAccount(call: Call): Account {
  if (arg(call, "user_id") === "me" && call.caller.account === undefined) {
    noteMisuse(call, "user_id=me without a signature");
    throw userNotFound(2);
  }
  return accountArg(call, 2);
}

function tagFilter(call: Call): (photo: Photo) => boolean {
  const wanted = listArg(call, "tags").map((tag) => cleanTag(tag, call.world.settings));
  if (wanted.length === 0) return () => true;
  const isAll = arg(call, "tag_mode") === "all";
  if (isAll && wanted.length > MAX_TAGS) throw new ApiFailure(1, "Too many tags in ALL query", { isMisuse: true });
  return ({ tags }) => {
    const has = (clean: string): boolean => tags.some((tag) => tag.clean === clean);
    return isAll ? wanted.every(has) : wanted.some(has);
  };
}

function textFilter(call: Call): (photo: Photo) => boolean {
  const words = (arg(call, "text") ?? "").toLowerCase().split(/\s+/);
  return ({ title, description, tags }) => {
    const text = [title, description, ...tags.map(({ raw }) => raw)].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

function orderOf(call: Call): (a: Photo, b: Photo) => number {
  const byTaken = (a: Photo, b: Photo): number => b.taken.text.localeCompare(a.taken.text) || byPosted(a, b);
  const sort = arg(call, "sort") ?? "date-posted-desc";
  switch (sort) {
    case "date-posted-asc":
      return (a, b) => byPosted(b, a);
    case "date-taken-asc":
      return (a, b) => byTaken(b, a);
    case "date-taken-desc":
      return byTaken;
    default:
      if (!KNOWN_ORDERS.has(sort)) noteMisuse(call, `sort=${sort} is unknown`);
      return byPosted;
  }
}

const KNOWN_ORDERS: ReadonlySet<string> = new Set([
  "date-posted-desc",
  "interestingness-asc",
  "interestingness-desc",
  "relevance",
]);
