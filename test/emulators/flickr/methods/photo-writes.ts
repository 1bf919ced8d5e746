import { noteMisuse } from "../../shared/note-misuse.js";
import { ApiFailure } from "../failures.js";
import { parseTime } from "../photo-filter.js";
import { type Photo, type Taken, toSqlTime } from "../photo.js";
import type { Tree } from "../rest-format.js";
import { arg, type Call, me, type Method, ownPhoto, required } from "../route.js";
import { addTags, splitTags, type Tag } from "../tags.js";
import { turnedContent } from "../turned-content.js";

const DATE_ARGS = ["photo_id", "date_posted", "date_taken", "date_taken_granularity"];
const PERM_ARGS = ["photo_id", "is_public", "is_friend", "is_family", "perm_comment", "perm_addmeta"];

export const photoWriteMethods: readonly Method[] = [
  { name: "photos.delete", perms: "delete", isWrite: true, args: ["photo_id"], run: remove },
  write("photos.setMeta", ["photo_id", "title", "description"], setMeta),
  write("photos.setTags", ["photo_id", "tags"], setTags),
  write("photos.addTags", ["photo_id", "tags"], addMoreTags),
  write("photos.removeTag", ["tag_id"], removeTag),
  write("photos.setDates", DATE_ARGS, setDates),
  write("photos.setPerms", PERM_ARGS, setPerms),
  write("photos.setContentType", ["photo_id", "content_type"], setContentType),
  write("photos.setSafetyLevel", ["photo_id", "safety_level", "hidden"], setSafetyLevel),
  write("photos.transform.rotate", ["photo_id", "degrees"], rotate),
  write("photos.licenses.setLicense", ["photo_id", "license_id"], setLicense),
  write("photos.geo.setLocation", ["photo_id", "lat", "lon", "accuracy", "context"], setLocation),
  write("photos.geo.removeLocation", ["photo_id"], removeLocation),
];

function write(name: string, args: readonly string[], run: Method["run"]): Method {
  return { name, perms: "write", isWrite: true, args, run };
}

function change(call: Call, photo: Photo, changes: Partial<Photo>): Tree {
  me(call).library.change(photo, changes);
  return {};
}

/** For good: there is no bin. */
function remove(call: Call): Tree {
  me(call).library.remove(ownPhoto(call));
  return {};
}

function setMeta(call: Call): Tree {
  const photo = ownPhoto(call);
  const { title = photo.title, description = photo.description } = call.fields.arguments();
  if (arg(call, "title") === undefined && arg(call, "description") === undefined) {
    throw new ApiFailure(2, "At least one of title or description must be set", { isMisuse: true });
  }
  return change(call, photo, { title, description });
}

/** All tags in place of those there were. */
function setTags(call: Call): Tree {
  const photo = ownPhoto(call);
  return change(call, photo, { tags: tagsWith(call, photo, []) });
}

function addMoreTags(call: Call): Tree {
  const photo = ownPhoto(call);
  const had = photo.tags;
  change(call, photo, { tags: tagsWith(call, photo, had) });
  const tag = photo.tags
    .filter((one) => !had.includes(one))
    .map(({ id, raw, clean }) => ({ full_tag_id: id, raw, _content: clean }));
  return { tags: { tag } };
}

function tagsWith(call: Call, photo: Photo, existing: readonly Tag[]): readonly Tag[] {
  const { ids, settings } = call.world;
  const given = splitTags(required(call, "tags"));
  if (given.some((tag) => tag.length > settings.tagLength)) noteMisuse(call, "a tag that is too long is cut off");
  const tags = addTags(existing, given, { settings, newId: () => ids.tag(photo.id) });
  // All or nothing.
  if (tags.length > settings.tagsPerPhoto) throw new ApiFailure(2, "Maximum number of tags reached");
  return tags;
}

function removeTag(call: Call): Tree {
  const tagId = required(call, "tag_id");
  const photo = me(call).library.photos.find(({ tags }) => tags.some(({ id }) => id === tagId));
  if (photo === undefined) throw new ApiFailure(1, "Tag not found");
  return change(call, photo, { tags: photo.tags.filter(({ id }) => id !== tagId) });
}

function setDates(call: Call): Tree {
  const photo = ownPhoto(call);
  const posted = arg(call, "date_posted");
  const taken = arg(call, "date_taken");
  const granularity = arg(call, "date_taken_granularity");
  if (posted === undefined && taken === undefined && granularity === undefined) {
    throw new ApiFailure(2, "Not enough arguments", { isMisuse: true });
  }
  return change(call, photo, {
    postedMs: posted === undefined ? photo.postedMs : parsePosted(call, posted),
    taken: parseTaken(photo.taken, taken, granularity),
  });
}

function parsePosted(call: Call, text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Number.NaN;
  if (ms >= me(call).joinedMs && ms <= call.world.clock.nowMs()) return ms;
  throw new ApiFailure(4, "Invalid date_posted", { isMisuse: true });
}

function parseTaken(old: Taken, text: string | undefined, given: string | undefined): Taken {
  const granularity = given ?? (text === undefined ? old.granularity : "0");
  if (!["0", "4", "6", "8"].includes(granularity)) throw new ApiFailure(3, "Invalid granularity", { isMisuse: true });
  if (text === undefined) return { ...old, granularity };
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) {
    throw new ApiFailure(5, "Invalid Date Taken Format", { isMisuse: true });
  }
  const ms = parseTime(text);
  if (ms === undefined || toSqlTime(ms) !== text) throw new ApiFailure(6, "Invalid Date Taken", { isMisuse: true });
  return { text, granularity, isUnknown: false };
}

function setPerms(call: Call): Tree {
  const photo = ownPhoto(call);
  const [isPublic, isFriend, isFamily] = ["is_public", "is_friend", "is_family"].map((name) => arg(call, name));
  if (isPublic === undefined || isFriend === undefined || isFamily === undefined) {
    throw new ApiFailure(2, "Required arguments missing", { isMisuse: true });
  }
  change(call, photo, {
    privacy: { isPublic: isPublic === "1", isFriend: isFriend === "1", isFamily: isFamily === "1" },
    permComment: arg(call, "perm_comment") ?? photo.permComment,
    permAddMeta: arg(call, "perm_addmeta") ?? photo.permAddMeta,
  });
  return secretsRow(photo);
}

function setContentType(call: Call): Tree {
  const photo = ownPhoto(call);
  const contentType = arg(call, "content_type");
  if (contentType === undefined) throw new ApiFailure(2, "Required arguments missing", { isMisuse: true });
  return change(call, photo, { contentType });
}

function setSafetyLevel(call: Call): Tree {
  const photo = ownPhoto(call);
  const { safety_level: safetyLevel = photo.safetyLevel } = call.fields.arguments();
  if (!["0", "1", "2", "3"].includes(safetyLevel)) {
    throw new ApiFailure(2, "Invalid or missing arguments", { isMisuse: true });
  }
  return change(call, photo, { safetyLevel });
}

/** The original is written anew: its bytes are others, and both secrets change. */
function rotate(call: Call): Tree {
  const photo = ownPhoto(call);
  const degrees = Number(required(call, "degrees"));
  if (![90, 180, 270].includes(degrees)) throw new ApiFailure(2, "Invalid rotation", { isMisuse: true });
  change(call, photo, turnedContent(call.world, photo, degrees));
  return secretsRow(photo);
}

function secretsRow({ id, secret, originalSecret }: Photo): Tree {
  return { photoid: { _content: id, secret, originalsecret: originalSecret } };
}

function setLicense(call: Call): Tree {
  const photo = ownPhoto(call);
  const license = required(call, "license_id");
  if (!/^(\d|1[0-6])$/.test(license)) throw new ApiFailure(2, "License not found", { isMisuse: true });
  return change(call, photo, { license });
}

function setLocation(call: Call): Tree {
  const photo = ownPhoto(call);
  const latitude = Number(required(call, "lat"));
  const longitude = Number(required(call, "lon"));
  if (!(Math.abs(latitude) <= 90)) throw new ApiFailure(3, "Not a valid latitude.", { isMisuse: true });
  if (!(Math.abs(longitude) <= 180)) throw new ApiFailure(4, "Not a valid longitude.", { isMisuse: true });
  const accuracy = Number(arg(call, "accuracy") ?? "16");
  if (!(accuracy >= 1 && accuracy <= 16)) throw new ApiFailure(5, "Not a valid accuracy.", { isMisuse: true });
  return change(call, photo, { location: { latitude, longitude, accuracy } });
}

function removeLocation(call: Call): Tree {
  const photo = ownPhoto(call);
  if (photo.location === undefined) throw new ApiFailure(2, "Photo has no location information");
  return change(call, photo, { location: undefined });
}
