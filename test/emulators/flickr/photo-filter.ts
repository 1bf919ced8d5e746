import { noteMisuse } from "../shared/note-misuse.js";
import { type Photo, toSqlTime } from "./photo.js";
import { arg, type Call } from "./route.js";

/** The arguments that most lists share. */
export const FILTER_ARGS: readonly string[] = [
  "min_upload_date",
  "max_upload_date",
  "min_taken_date",
  "max_taken_date",
  "privacy_filter",
  "media",
  "safe_search",
  "content_type",
  "content_types",
];

export const PAGE_ARGS: readonly string[] = ["extras", "per_page", "page"];

/** Whether a photo passes dates, privacy and kind. */
export function photoFilter(call: Call): (photo: Photo) => boolean {
  const minPosted = timeArg(call, "min_upload_date") ?? Number.NEGATIVE_INFINITY;
  const maxPosted = timeArg(call, "max_upload_date") ?? Number.POSITIVE_INFINITY;
  const minTaken = takenArg(call, "min_taken_date") ?? "";
  const maxTaken = takenArg(call, "max_taken_date") ?? "9999";
  const isRightKind = kindFilter(call);
  const isRightPrivacy = privacyFilter(call);
  return (photo) => {
    const postedMs = Math.floor(photo.postedMs / 1000) * 1000;
    const isPosted = postedMs >= minPosted && postedMs <= maxPosted;
    const isTaken = photo.taken.text >= minTaken && photo.taken.text <= maxTaken;
    return isPosted && isTaken && isRightKind(photo) && isRightPrivacy(photo);
  };
}

/** A time as unix seconds or as SQL writes it; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(text)) return undefined;
  const ms = Date.parse(`${text.replace(" ", "T")}${text.includes(" ") ? "" : "T00:00:00"}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Newest upload first. */
export function byPosted(a: Photo, b: Photo): number {
  const seconds = Math.floor(b.postedMs / 1000) - Math.floor(a.postedMs / 1000);
  return seconds === 0 ? b.id.localeCompare(a.id) : seconds;
}

function timeArg(call: Call, name: string): number | undefined {
  const text = arg(call, name);
  if (text === undefined || text === "") return undefined;
  const ms = parseTime(text);
  if (ms === undefined) noteMisuse(call, `${name}=${text} is no time`);
  return ms;
}

function takenArg(call: Call, name: string): string | undefined {
  const ms = timeArg(call, name);
  return ms === undefined ? undefined : toSqlTime(ms);
}

function kindFilter(call: Call): (photo: Photo) => boolean {
  const wanted = arg(call, "media") ?? "all";
  const kind = wanted.replace(/s$/, "");
  if (!["all", "photos", "videos"].includes(wanted)) noteMisuse(call, `media=${wanted} is unknown`);
  return ({ media }) => wanted === "all" || media.kind === kind;
}

type PrivacyTest = (privacy: Photo["privacy"]) => boolean;

const PRIVACY_FILTERS: ReadonlyMap<string, PrivacyTest> = new Map<string, PrivacyTest>([
  ["1", ({ isPublic }) => isPublic],
  ["2", ({ isPublic, isFriend, isFamily }) => !isPublic && isFriend && !isFamily],
  ["3", ({ isPublic, isFriend, isFamily }) => !isPublic && !isFriend && isFamily],
  ["4", ({ isPublic, isFriend, isFamily }) => !isPublic && isFriend && isFamily],
  ["5", ({ isPublic, isFriend, isFamily }) => !isPublic && !isFriend && !isFamily],
]);

function privacyFilter(call: Call): (photo: Photo) => boolean {
  const passes = PRIVACY_FILTERS.get(arg(call, "privacy_filter") ?? "");
  return ({ privacy }) => passes === undefined || passes(privacy);
}
