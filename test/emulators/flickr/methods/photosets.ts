import { setNotFound } from "../failures.js";
import { pageOf } from "../paging.js";
import { photoFilter } from "../photo-filter.js";
import { type Photo, type Photoset, toUnix } from "../photo.js";
import { baseRow, extrasRow } from "../photo-row.js";
import type { Tree } from "../rest-format.js";
import { accountArg, type Call, canSee, flag, listedView, type Method, required } from "../route.js";
import type { LibraryView } from "../library.js";

const PER_PAGE = 500;

const LIST_ARGS = ["user_id", "page", "per_page", "primary_photo_extras", "photo_ids", "sort_groups"];
const PHOTOS_ARGS = ["photoset_id", "user_id", "extras", "per_page", "page", "privacy_filter", "media"];

export const photosetMethods: readonly Method[] = [
  { name: "photosets.getList", perms: "none", args: LIST_ARGS, run: getList },
  { name: "photosets.getPhotos", perms: "none", args: PHOTOS_ARGS, run: getPhotos },
  { name: "photosets.getInfo", perms: "none", args: ["photoset_id", "user_id"], run: getInfo },
];

/** At most 500 at a time, whether or not a page was asked for; in the user's own order. */
function getList(call: Call): Tree {
  const account = accountArg(call, 1);
  const view = listedView(call, account);
  const { page, pages, perPage, total, entries } = pageOf(call, visibleSets(call, view), PER_PAGE);
  const photoset = entries.map((set) => ({ ...setRow(call, view, set), username: account.username }));
  return { photosets: { cancreate: 1, page, pages, perpage: perPage, total, photoset } };
}

/** In the order of the set. */
function getPhotos(call: Call): Tree {
  required(call, "user_id");
  const account = accountArg(call, 2);
  const view = listedView(call, account);
  const set = findSet(call, view);
  const { id, primaryId, title, nsid } = set;
  const photos = photosOf(call, view, set).filter(photoFilter(call));
  const { page, pages, perPage, total, entries } = pageOf(call, photos, PER_PAGE);
  const photo = entries.map((one) => ({
    ...baseRow(one),
    isprimary: String(flag(one.id === primaryId)),
    ...extrasRow(call, one),
  }));
  const shown = call.fault?.kind === "blank-titles" ? "" : title;
  return {
    photoset: {
      ...{ id, primary: primaryId, owner: nsid, ownername: account.username },
      ...{ page, per_page: perPage, perpage: perPage, pages, title: shown, total, photo },
    },
  };
}

function getInfo(call: Call): Tree {
  const account = accountArg(call, 2);
  const { library } = account;
  return { photoset: { ...setRow(call, library, findSet(call, library)), username: account.username } };
}

function setRow(call: Call, view: LibraryView, set: Photoset): Tree {
  const photos = photosOf(call, view, set);
  const videos = photos.filter(({ media }) => media.kind === "video").length;
  const primary = photos.find(({ id }) => id === set.primaryId);
  return {
    ...{ id: set.id, owner: set.nsid, primary: set.primaryId },
    ...{ secret: primary?.secret ?? "", server: "65535", farm: 66 },
    ...{ count_views: "0", count_comments: "0", count_photos: photos.length - videos, count_videos: videos },
    ...{ photos: photos.length - videos, videos },
    title: { _content: call.fault?.kind === "blank-titles" ? "" : set.title },
    description: { _content: set.description },
    ...{ can_comment: 1, date_create: toUnix(set.createdMs), date_update: toUnix(set.updatedMs) },
    ...{ visibility_can_see_set: 1, needs_interstitial: 0 },
  };
}

/** Sets of which the caller may see something. */
function visibleSets(call: Call, view: LibraryView): readonly Photoset[] {
  return view.sets.filter((set) => photosOf(call, view, set).length > 0);
}

function findSet(call: Call, view: LibraryView): Photoset {
  const id = required(call, "photoset_id");
  const set = visibleSets(call, view).find((one) => one.id === id);
  if (set === undefined) throw setNotFound();
  return set;
}

function photosOf(call: Call, view: LibraryView, set: Photoset): readonly Photo[] {
  const photos = set.photoIds.map((id) => view.photo(id)).filter((photo) => photo !== undefined);
  return photos.filter((photo) => canSee(call, photo));
}
