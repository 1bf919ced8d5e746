import type { FlickrApi } from "./api.js";
import { GONE, type Meanings } from "./errors.js";
import { gather, PER_PAGE, type Gathered } from "./pages.js";
import { EXTRAS } from "./photos.js";
import { albumPage, albumsPage, photosPage, type ListedAlbum, type ListedPhoto } from "./schemas.js";

/** The lists of the service, each with all its pages. */
export interface Lists {
  albums(signal: AbortSignal): Promise<Gathered<ListedAlbum>>;
  /** Rejects with "not-found" when the album is gone. */
  inAlbum(id: string, subject: string, signal: AbortSignal): Promise<Gathered<ListedPhoto>>;
  inNoAlbum(signal: AbortSignal): Promise<Gathered<ListedPhoto>>;
  /** What was uploaded since, without the delay that the search has. */
  uploadedSince(ms: number, signal: AbortSignal): Promise<Gathered<ListedPhoto>>;
  /** What the search knows under a machine tag: it lags behind, so what it does not find may still be there. */
  tagged(tag: string, signal: AbortSignal): Promise<readonly ListedPhoto[]>;
}

const NO_ALBUM_THERE: Meanings = { 1: GONE };

/** The service ends an album with its last photo. */
const AN_ALBUM = { isNeverEmpty: true };

export function createLists(api: FlickrApi, owner: (signal: AbortSignal) => Promise<string>): Lists {
  async function photos(
    name: string,
    args: Readonly<Record<string, string | number>>,
    page: number,
    signal: AbortSignal,
  ) {
    const about = { operation: "list photos", subject: undefined };
    const call = { ...about, name, args: { ...args, extras: EXTRAS, per_page: PER_PAGE, page } };
    const { photo, pages, total } = (await api.read(call, photosPage, signal)).photos;
    return { rows: photo, pages, total };
  }

  return {
    albums: (signal) =>
      gather(async (page) => {
        const about = { operation: "list albums", subject: undefined };
        const call = { ...about, name: "flickr.photosets.getList", args: { per_page: PER_PAGE, page } };
        const { photoset, pages, total } = (await api.read(call, albumsPage, signal)).photosets;
        return { rows: photoset, pages, total };
      }),
    inAlbum: async (id, subject, signal) => {
      const userId = await owner(signal);
      return await gather(async (page) => {
        const args = { photoset_id: id, user_id: userId, extras: EXTRAS, per_page: PER_PAGE, page };
        const about = { operation: "list", subject, meanings: NO_ALBUM_THERE };
        const { photo, pages, total } = (
          await api.read({ ...about, name: "flickr.photosets.getPhotos", args }, albumPage, signal)
        ).photoset;
        return { rows: photo, pages, total };
      }, AN_ALBUM);
    },
    inNoAlbum: (signal) => gather((page) => photos("flickr.photos.getNotInSet", {}, page, signal)),
    uploadedSince: (ms, signal) => {
      const args = { user_id: "me", min_upload_date: Math.floor(ms / 1000) };
      return gather((page) => photos("flickr.people.getPhotos", args, page, signal));
    },
    tagged: async (tag, signal) => {
      return (await photos("flickr.photos.search", { user_id: "me", machine_tags: tag }, 1, signal)).rows;
    },
  };
}
