import type { RemoteFile } from "../../lib/model/entry.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Book } from "./book.js";
import type { ListedPhoto } from "./schemas.js";
import { readTags } from "./tags.js";

/** A photo or video of the account. */
export interface Photo {
  readonly id: string;
  readonly title: string;
  readonly media: "photo" | "video";
  readonly format: string | undefined;
  /** True when trisync gave the title, which then is the name of the file. */
  readonly isFileName: boolean;
  /** Changes with the content alone. */
  readonly version: string;
  /** Undefined where no tag says it, or none that can be trusted. */
  readonly hash: ContentHash | undefined;
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number | undefined;
  /** Undefined for what this run has sent itself. */
  readonly uploadedMs: number | undefined;
  /** Where the very bytes of a photo are; videos have another address, which has to be asked for. */
  readonly originalUrl: string | undefined;
  readonly isReady: boolean;
}

/** What every list is asked to show of a photo. */
export const EXTRAS = "date_upload,date_taken,original_format,url_o,media,tags,machine_tags";

export function toPhoto(listed: ListedPhoto, book: Book): Photo {
  const { hash, file, isFromFile } = readTags([...listed.tags.split(" "), ...listed.machine_tags.split(" ")]);
  const isTrue = book.isTrue({ id: listed.id, version: listed.secret, hash });
  return {
    id: listed.id,
    title: listed.title,
    media: listed.media === "video" ? "video" : "photo",
    format: listed.originalformat,
    isFileName: isFromFile,
    version: listed.secret,
    hash: isTrue ? hash : undefined,
    sizeBytes: isTrue ? file?.sizeBytes : undefined,
    modifiedMs: (isTrue ? file?.modifiedMs : undefined) ?? timeOf(listed),
    uploadedMs: uploadTimeOf(listed),
    originalUrl: listed.media === "video" ? undefined : listed.url_o,
    isReady: listed.media_status === undefined || listed.media_status === "ready",
  };
}

export function toRemoteFile(photo: Photo, path: SyncPath): RemoteFile {
  const { id, version, sizeBytes, modifiedMs, hash } = photo;
  return { kind: "file", path, id, version, sizeBytes, modifiedMs, hash };
}

/** When it was taken, by the camera's clock, whose zone nobody knows; else when it was uploaded. */
function timeOf({ datetaken, datetakenunknown, dateupload }: ListedPhoto): number | undefined {
  const takenMs = Date.parse(`${datetaken?.replace(" ", "T") ?? ""}Z`);
  if (datetakenunknown !== 1 && !Number.isNaN(takenMs)) return takenMs;
  return uploadTimeOf({ dateupload });
}

function uploadTimeOf({ dateupload }: Pick<ListedPhoto, "dateupload">): number | undefined {
  return dateupload === undefined || dateupload === 0 ? undefined : dateupload * 1000;
}
