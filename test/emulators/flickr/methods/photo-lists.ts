import { ApiFailure } from "../failures.js";
import { pageOf } from "../paging.js";
import { byPosted, FILTER_ARGS, PAGE_ARGS, parseTime, photoFilter } from "../photo-filter.js";
import { photosAnswer } from "../photo-row.js";
import { toUnix } from "../photo.js";
import type { Tree } from "../rest-format.js";
import { accountArg, arg, type Call, canSee, listArg, listedView, me, type Method } from "../route.js";

const PER_PAGE = 100;

export const photoListMethods: readonly Method[] = [
  { name: "people.getPhotos", perms: "none", args: ["user_id", ...FILTER_ARGS, ...PAGE_ARGS], run: getPhotos },
  { name: "photos.getNotInSet", perms: "read", args: [...FILTER_ARGS, ...PAGE_ARGS], run: getNotInSet },
  { name: "photos.getUntagged", perms: "read", args: [...FILTER_ARGS, ...PAGE_ARGS], run: getUntagged },
  { name: "photos.recentlyUpdated", perms: "read", args: ["min_date", ...PAGE_ARGS], run: recentlyUpdated },
  { name: "photos.getCounts", perms: "read", args: ["dates", "taken_dates"], run: getCounts },
];

/** The whole library as it is, newest upload first: no index stands between. */
function getPhotos(call: Call): Tree {
  if (arg(call, "user_id") === undefined) throw new ApiFailure(1, "Required arguments missing", { isMisuse: true });
  const { photos } = listedView(call, accountArg(call, 2));
  const passes = photoFilter(call);
  const listed = photos.filter((photo) => canSee(call, photo) && passes(photo));
  return photosAnswer(call, pageOf(call, listed.sort(byPosted), PER_PAGE));
}

function getNotInSet(call: Call): Tree {
  const { photos, sets } = listedView(call, me(call));
  const inSets = new Set(sets.flatMap(({ photoIds }) => photoIds));
  const passes = photoFilter(call);
  const listed = photos.filter((photo) => !inSets.has(photo.id) && passes(photo));
  return photosAnswer(call, pageOf(call, listed.sort(byPosted), PER_PAGE));
}

function getUntagged(call: Call): Tree {
  const { photos } = listedView(call, me(call));
  const passes = photoFilter(call);
  const listed = photos.filter((photo) => photo.tags.length === 0 && passes(photo));
  return photosAnswer(call, pageOf(call, listed.sort(byPosted), PER_PAGE));
}

/** What was added or changed, the latest change first. What has gone never comes up. */
function recentlyUpdated(call: Call): Tree {
  const text = arg(call, "min_date");
  if (text === undefined) throw new ApiFailure(1, "Required argument missing.", { isMisuse: true });
  const minMs = parseTime(text);
  if (minMs === undefined) throw new ApiFailure(2, "Not a valid date", { isMisuse: true });
  const { photos } = listedView(call, me(call));
  const listed = photos.filter(({ lastUpdateMs }) => Math.floor(lastUpdateMs / 1000) * 1000 >= minMs);
  const sorted = listed.sort((a, b) => b.lastUpdateMs - a.lastUpdateMs || byPosted(a, b));
  return photosAnswer(call, pageOf(call, sorted, PER_PAGE), ({ lastUpdateMs }) => ({
    lastupdate: toUnix(lastUpdateMs),
  }));
}

/** How many there are between each time and the next one. */
function getCounts(call: Call): Tree {
  const posted = listArg(call, "dates");
  const taken = listArg(call, "taken_dates");
  if (posted.length + taken.length === 0) throw new ApiFailure(1, "No dates specified", { isMisuse: true });
  const { photos } = listedView(call, me(call));
  const isTaken = posted.length === 0;
  const borders = (isTaken ? taken : posted).map((text) => parseTime(text) ?? 0);
  const times = photos.map((photo) => (isTaken ? (parseTime(photo.taken.text) ?? 0) : photo.postedMs));
  const photocount = borders.slice(1).map((toMs, index) => {
    const fromMs = borders[index] ?? 0;
    const count = times.filter((ms) => ms >= fromMs && ms < toMs).length;
    return { count, fromdate: toUnix(fromMs), todate: toUnix(toMs) };
  });
  return { photocounts: { photocount } };
}
