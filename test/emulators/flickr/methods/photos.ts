import { ApiFailure } from "../failures.js";
import { type Photo, toUnix } from "../photo.js";
import type { Tree } from "../rest-format.js";
import { type Call, flag, isOwner, me, type Method, ownPhoto, seenPhoto } from "../route.js";
import {
  dimensionsOf,
  hasOriginal,
  hasStream,
  isReady,
  originalFormat,
  originalUrl,
  sizesOf,
  sizeUrl,
  STREAMS,
  streamUrl,
} from "../sizes.js";

export const photoMethods: readonly Method[] = [
  { name: "photos.getInfo", perms: "none", args: ["photo_id", "secret"], run: getInfo },
  { name: "photos.getSizes", perms: "none", args: ["photo_id"], run: getSizes },
  { name: "photos.getExif", perms: "none", args: ["photo_id", "secret"], run: getExif },
  { name: "photos.getPerms", perms: "read", args: ["photo_id"], run: getPerms },
  { name: "photos.getAllContexts", perms: "none", args: ["photo_id"], run: getAllContexts },
  { name: "photos.geo.getLocation", perms: "none", args: ["photo_id", "extras"], run: getLocation },
];

function getInfo(call: Call): Tree {
  const photo = seenPhoto(call);
  const { id, media, nsid, taken } = photo;
  const { freeOriginalFormat, plan } = call.world.settings;
  const tellsOriginal = isOwner(call, photo) && (plan === "pro" || freeOriginalFormat === "present");
  return {
    photo: {
      ...{ id, secret: photo.secret, server: "65535", farm: 66, dateuploaded: toUnix(photo.postedMs) },
      ...{ isfavorite: 0, license: photo.license, safety_level: photo.safetyLevel, rotation: photo.rotation },
      ...(tellsOriginal ? { originalsecret: photo.originalSecret, originalformat: originalFormat(photo) } : {}),
      owner: { nsid, username: call.world.accounts.get(nsid)?.username ?? "" },
      title: { _content: photo.title },
      description: { _content: photo.description },
      visibility: visibilityRow(photo),
      dates: {
        posted: toUnix(photo.postedMs),
        taken: taken.text,
        takengranularity: Number(taken.granularity),
        takenunknown: taken.isUnknown ? "1" : "0",
        lastupdate: toUnix(photo.lastUpdateMs),
      },
      tags: { tag: photo.tags.map((tag) => ({ ...tagRow(tag), author: nsid })) },
      urls: { url: [{ type: "photopage", _content: `https://www.flickr.com/photos/${nsid}/${id}/` }] },
      media: media.kind,
      ...(media.kind === "video" ? { video: videoRow(call, photo) } : {}),
    },
  };
}

function visibilityRow({ privacy }: Photo): Tree {
  return { ispublic: flag(privacy.isPublic), isfriend: flag(privacy.isFriend), isfamily: flag(privacy.isFamily) };
}

function tagRow({ id, raw, clean, isMachine }: Photo["tags"][number]): Tree {
  return { id, raw, _content: clean, machine_tag: flag(isMachine) };
}

function videoRow({ world }: Call, photo: Photo): Tree {
  const ready = isReady(world, photo);
  const pending = !ready && !photo.isFailed;
  const { width, height } = photo.media;
  return {
    ...{ ready: flag(ready), failed: flag(photo.isFailed), pending: flag(pending) },
    ...{ duration: "10", width: String(width), height: String(height) },
  };
}

function getSizes(call: Call): Tree {
  const photo = seenPhoto(call);
  const { world } = call;
  const page = `https://www.flickr.com/photos/${photo.nsid}/${photo.id}/sizes`;
  const size: Tree[] = sizesOf(world, photo).map((one) => {
    const { width, height } = dimensionsOf(photo, one);
    return {
      ...{ label: one.label, width, height, source: sizeUrl(world, photo, one) },
      ...{ url: `${page}/${one.word}/`, media: "photo" },
    };
  });
  if (isOwner(call, photo) && hasOriginal(world, photo)) {
    const { width, height } = photo.media;
    const shown = { width: String(width), height: String(height) };
    const source = originalUrl(world, photo);
    size.push({ label: "Original", ...shown, source, url: `${page}/o/`, media: "photo" });
  }
  const candownload = flag(isOwner(call, photo));
  return { sizes: { canblog: 0, canprint: 0, candownload, size: [...size, ...streamRows(call, photo, page)] } };
}

/** What there is of a video: the player, what it plays, and, at best, the file as it was uploaded. */
function streamRows(call: Call, photo: Photo, url: string): readonly Tree[] {
  const words = [...STREAMS].filter(([word]) => hasStream(call.world, photo, word));
  const shown = words.filter(([word]) => word !== "orig" || isOwner(call, photo));
  const rows = shown.map(([word, { label, height }]) => ({
    label,
    width: "",
    height: height === 0 ? String(photo.media.height) : String(height),
    source: streamUrl(call.world, photo, word),
    ...{ url: `${url}/`, media: "video" },
  }));
  return rows.length === 0
    ? []
    : [{ label: "Video Player", width: "640", height: "360", source: `${url}/player`, url, media: "video" }, ...rows];
}

function getExif(call: Call): Tree {
  const photo = seenPhoto(call);
  if (!isOwner(call, photo)) throw new ApiFailure(2, "Permission denied");
  const { exif } = photo.media;
  const taken = exif?.takenMs === undefined ? undefined : new Date(exif.takenMs).toISOString();
  const values: readonly (readonly [tagspace: string, tag: string, value: string | undefined])[] = [
    ["IFD0", "Make", exif?.make],
    ["IFD0", "Model", exif?.model],
    ["ExifIFD", "DateTimeOriginal", taken?.slice(0, 19).replace("T", " ").replaceAll("-", ":")],
  ];
  const rows = values
    .filter(([, , value]) => value !== undefined)
    .map(([tagspace, tag, value]) => ({ tagspace, tag, label: tag, raw: { _content: value } }));
  return {
    photo: { id: photo.id, secret: photo.secret, server: "65535", farm: 66, camera: exif?.model ?? "", exif: rows },
  };
}

function getPerms(call: Call): Tree {
  const photo = ownPhoto(call);
  const { id, permAddMeta, permComment } = photo;
  return { perms: { id, ...visibilityRow(photo), permcomment: permComment, permaddmeta: permAddMeta } };
}

/** The sets a photo is in; the member is left out where there are none. */
function getAllContexts(call: Call): Tree {
  const photo = seenPhoto(call);
  const account = call.world.accounts.get(photo.nsid) ?? me(call);
  const sets = account.library.sets.filter(({ photoIds }) => photoIds.includes(photo.id));
  if (sets.length === 0) return {};
  return { set: sets.map(({ id, title, primaryId }) => ({ id, title, primary: primaryId })) };
}

function getLocation(call: Call): Tree {
  const { id, location } = seenPhoto(call);
  if (location === undefined) throw new ApiFailure(2, "Photo has no location information.");
  const { latitude, longitude, accuracy } = location;
  const shown = { latitude: String(latitude), longitude: String(longitude), accuracy: String(accuracy) };
  return { photo: { id, location: { ...shown, context: "0" } } };
}
