import type { Subject } from "../refusals.js";
import type { FlickrApi } from "./api.js";
import { GONE, type Meanings } from "./errors.js";
import { photoContexts, photoInfo, type PhotoInfo } from "./schemas.js";

const NOT_FOUND: Meanings = { 1: GONE };

/** The photo as it is right now. Rejects with "not-found" when it is gone. */
export async function fetchInfo(api: FlickrApi, id: string, about: Subject, signal: AbortSignal): Promise<PhotoInfo> {
  const { operation, subject } = about;
  const call = { operation, subject, name: "flickr.photos.getInfo", args: { photo_id: id }, meanings: NOT_FOUND };
  return (await api.read(call, photoInfo, signal)).photo;
}

/** Ids of the albums that hold the photo right now. Rejects with "not-found" when it is gone. */
export async function fetchAlbumsOf(
  api: FlickrApi,
  id: string,
  about: Subject,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { operation, subject } = about;
  const call = {
    operation,
    subject,
    name: "flickr.photos.getAllContexts",
    args: { photo_id: id },
    meanings: NOT_FOUND,
  };
  return (await api.read(call, photoContexts, signal)).set.map((set) => set.id);
}
