import { noteMisuse } from "../../shared/note-misuse.js";
import { ApiFailure, photoNotFound } from "../failures.js";
import type { Tree } from "../rest-format.js";
import { arg, type Call, listArg, me, type Method, ownPhoto, ownSet, required } from "../route.js";

export const photosetWriteMethods: readonly Method[] = [
  write("create", ["title", "description", "primary_photo_id"], create),
  write("addPhoto", ["photoset_id", "photo_id"], addPhoto),
  write("removePhoto", ["photoset_id", "photo_id"], removePhoto),
  write("removePhotos", ["photoset_id", "photo_ids"], removePhotos),
  write("editPhotos", ["photoset_id", "primary_photo_id", "photo_ids"], editPhotos),
  write("reorderPhotos", ["photoset_id", "photo_ids"], reorderPhotos),
  write("setPrimaryPhoto", ["photoset_id", "photo_id"], setPrimaryPhoto),
  write("editMeta", ["photoset_id", "title", "description"], editMeta),
  write("orderSets", ["photoset_ids"], orderSets),
  write("delete", ["photoset_id"], remove),
];

function write(name: string, args: readonly string[], run: Method["run"]): Method {
  return { name: `photosets.${name}`, perms: "write", isWrite: true, args, run };
}

/** A new set holds its primary photo and comes first. Titles may repeat. */
function create(call: Call): Tree {
  const { clock, ids, settings } = call.world;
  const { library, nsid } = me(call);
  const { title = "", description = "" } = call.fields.arguments();
  if (title === "") throw new ApiFailure(1, "No title specified", { isMisuse: true });
  const { id: primaryId } = ownPhoto(call, { name: "primary_photo_id", code: 2 });
  if (library.sets.length >= settings.setsPerAccount) throw new ApiFailure(3, "Can't create any more sets");
  const nowMs = clock.nowMs();
  const id = ids.set();
  library.addSet({
    ...{ id, nsid, title, description, primaryId },
    ...{ photoIds: [primaryId], createdMs: nowMs, updatedMs: nowMs },
  });
  return { photoset: { id, url: `https://www.flickr.com/photos/${nsid}/sets/${id}/` } };
}

function addPhoto(call: Call): Tree {
  const set = ownSet(call);
  const { id } = ownPhoto(call, { code: 2 });
  if (set.photoIds.includes(id)) throw new ApiFailure(3, "Photo already in set");
  if (set.photoIds.length >= call.world.settings.photosPerSet) {
    throw new ApiFailure(10, "Maximum number of photos in set");
  }
  me(call).library.putIn(set, [id]);
  return {};
}

function removePhoto(call: Call): Tree {
  const set = ownSet(call);
  const { id } = ownPhoto(call, { code: 2 });
  if (!set.photoIds.includes(id)) throw new ApiFailure(3, "Photo not in set");
  me(call).library.takeOut(set, [id]);
  return {};
}

function removePhotos(call: Call): Tree {
  const set = ownSet(call);
  me(call).library.takeOut(set, ownPhotoIds(call));
  return {};
}

/** The whole new content in its order: what is not named leaves the set. */
function editPhotos(call: Call): Tree {
  const set = ownSet(call);
  const { library } = me(call);
  const primaryId = required(call, "primary_photo_id");
  if (listArg(call, "photo_ids").length === 0) throw new ApiFailure(5, "Empty photos list", { isMisuse: true });
  const photoIds = ownPhotoIds(call);
  if (library.photo(primaryId) === undefined) throw new ApiFailure(3, "Primary photo not found");
  if (!photoIds.includes(primaryId)) throw new ApiFailure(4, "Primary photo not in list", { isMisuse: true });
  if (photoIds.length > call.world.settings.photosPerSet) {
    throw new ApiFailure(10, "Maximum number of photos in set");
  }
  library.changeSet(set, { photoIds, primaryId });
  return {};
}

/** Those named come first, those left out keep their old order. */
function reorderPhotos(call: Call): Tree {
  const set = ownSet(call);
  const named = ownPhotoIds(call).filter((id) => set.photoIds.includes(id));
  const others = set.photoIds.filter((id) => !named.includes(id));
  me(call).library.changeSet(set, { photoIds: [...named, ...others] });
  return {};
}

function setPrimaryPhoto(call: Call): Tree {
  const set = ownSet(call);
  const { id } = ownPhoto(call, { code: 2 });
  if (!set.photoIds.includes(id)) throw photoNotFound(2);
  me(call).library.changeSet(set, { primaryId: id });
  return {};
}

function editMeta(call: Call): Tree {
  const set = ownSet(call);
  const title = arg(call, "title") ?? "";
  if (title === "") throw new ApiFailure(2, "No title specified", { isMisuse: true });
  me(call).library.changeSet(set, { title, description: arg(call, "description") ?? set.description });
  return {};
}

function orderSets(call: Call): Tree {
  required(call, "photoset_ids");
  const { library } = me(call);
  const ids = listArg(call, "photoset_ids");
  if (ids.some((id) => library.set(id) === undefined)) throw new ApiFailure(1, "Set not found");
  library.orderSets(ids);
  return {};
}

/** The photos stay. */
function remove(call: Call): Tree {
  me(call).library.removeSet(ownSet(call));
  return {};
}

function ownPhotoIds(call: Call): readonly string[] {
  required(call, "photo_ids");
  const ids = listArg(call, "photo_ids");
  const { library } = me(call);
  if (ids.some((id) => library.photo(id) === undefined)) throw photoNotFound(2);
  const different = [...new Set(ids)];
  if (different.length < ids.length) noteMisuse(call, "a photo is named twice");
  return different;
}
