import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import type { Page } from "./paging.js";
import { type Photo, toUnix } from "./photo.js";
import type { Tree } from "./rest-format.js";
import { type Call, flag, isOwner, listArg } from "./route.js";
import { dimensionsOf, hasOriginal, isReady, originalFormat, originalUrl, SIZES, sizesOf, sizeUrl } from "./sizes.js";

/** `{"photos": {…}}`, the answer of most lists; `more` gives members that a list has without being asked. */
export function photosAnswer(call: Call, found: Page<Photo>, more: (photo: Photo) => Tree = () => ({})): Tree {
  const { page, pages, perPage, total, entries } = found;
  const photo = entries.map((one) => ({ ...baseRow(one), owner: one.nsid, ...more(one), ...extrasRow(call, one) }));
  // Its numbers come as text as often as not.
  return { photos: { page, pages, perpage: perPage, total: String(total), photo } };
}

/** The members that every list has of a photo. */
export function baseRow({ id, secret, title, privacy }: Photo): Tree {
  return {
    id,
    secret,
    server: "65535",
    farm: 66,
    title,
    ispublic: flag(privacy.isPublic),
    isfriend: flag(privacy.isFriend),
    isfamily: flag(privacy.isFamily),
  };
}

/** The members that the words in `extras` add. */
export function extrasRow(call: Call, photo: Photo): Tree {
  const words = listArg(call, "extras");
  return words.reduce<Tree>((row, word) => ({ ...row, ...extraOf(call, photo, word) }), {});
}

type Extra = (call: Call, photo: Photo) => Tree;

const EXTRAS: ReadonlyMap<string, Extra> = new Map<string, Extra>([
  ["date_upload", (_call, { postedMs }) => ({ dateupload: toUnix(postedMs) })],
  ["last_update", (_call, { lastUpdateMs }) => ({ lastupdate: toUnix(lastUpdateMs) })],
  ["date_taken", (_call, { taken }) => takenRow(taken)],
  ["original_format", originalRow],
  ["o_dims", dimensionsRow],
  ["media", mediaRow],
  ["tags", (_call, { tags }) => ({ tags: tags.map(({ clean }) => clean).join(" ") })],
  ["machine_tags", (_call, photo) => ({ machine_tags: machineTags(photo) })],
  ["description", (_call, { description }) => ({ description: { _content: description } })],
  ["views", () => ({ views: "0" })],
  ["license", (_call, { license }) => ({ license })],
  ["geo", (_call, photo) => geoRow(photo)],
  ["path_alias", (call, photo) => ({ pathalias: ownerOf(call, photo)?.pathAlias ?? null })],
  ["owner_name", (call, photo) => ({ ownername: ownerOf(call, photo)?.username ?? "" })],
  ["icon_server", () => ({ iconserver: "0", iconfarm: 0 })],
  ["url_o", originalUrlRow],
]);

function extraOf(call: Call, photo: Photo, word: string): Tree {
  const extra = EXTRAS.get(word);
  if (extra !== undefined) return extra(call, photo);
  const wanted = SIZES.find((size) => `url_${size.word}` === word);
  if (wanted === undefined) {
    noteMisuse(call, `there is no extra ${JSON.stringify(word)}`);
    return {};
  }
  if (!sizesOf(call.world, photo).includes(wanted)) return {};
  const { width, height } = dimensionsOf(photo, wanted);
  return urlRow(wanted.word, { url: sizeUrl(call.world, photo, wanted), width, height });
}

function takenRow({ text, granularity, isUnknown }: Photo["taken"]): Tree {
  return { datetaken: text, datetakengranularity: granularity, datetakenunknown: isUnknown ? "1" : "0" };
}

function originalRow(call: Call, photo: Photo): Tree {
  const { freeOriginalFormat, plan } = call.world.settings;
  if (!isOwner(call, photo) || (plan === "free" && freeOriginalFormat === "absent")) return {};
  return { originalsecret: photo.originalSecret, originalformat: originalFormat(photo) };
}

function dimensionsRow({ world }: Call, photo: Photo): Tree {
  if (!isReady(world, photo)) return {};
  return { o_width: String(photo.media.width), o_height: String(photo.media.height) };
}

function mediaRow({ world }: Call, photo: Photo): Tree {
  const status = photo.isFailed ? "failed" : isReady(world, photo) ? "ready" : "processing";
  return { media: photo.media.kind, media_status: status };
}

/** In their clean form. */
function machineTags({ tags }: Photo): string {
  return tags
    .filter(({ isMachine }) => isMachine)
    .map(({ clean }) => clean)
    .join(" ");
}

function geoRow({ location }: Photo): Tree {
  if (location === undefined) return { latitude: 0, longitude: 0, accuracy: 0, context: 0 };
  const { latitude, longitude, accuracy } = location;
  return { latitude: String(latitude), longitude: String(longitude), accuracy: String(accuracy), context: 0 };
}

function originalUrlRow(call: Call, photo: Photo): Tree {
  if (!isOwner(call, photo) || !hasOriginal(call.world, photo)) return {};
  const { width, height } = photo.media;
  return urlRow("o", { url: originalUrl(call.world, photo), width, height });
}

function urlRow(
  word: string,
  { url, width, height }: { readonly url: string; readonly width: number; readonly height: number },
): Tree {
  return { [`url_${word}`]: url, [`height_${word}`]: height, [`width_${word}`]: width };
}

function ownerOf({ world }: Call, { nsid }: Photo): Account | undefined {
  return world.accounts.get(nsid);
}
