import type { Media } from "../gphotos/sniff-media.js";
import type { Content } from "./content.js";
import type { Tag } from "./tags.js";

/** A photo or video. Its values are replaced, never changed in themselves, so that a copy of the record is a snapshot. */
export interface Photo {
  readonly id: string;
  readonly nsid: string;
  /** These two change when the file is replaced or rotated. */
  secret: string;
  originalSecret: string;
  title: string;
  description: string;
  tags: readonly Tag[];
  privacy: Privacy;
  content: Content;
  media: PhotoMedia;
  postedMs: number;
  taken: Taken;
  lastUpdateMs: number;
  /** From when on there are sizes and an original. */
  readyMs: number;
  isFailed: boolean;
  rotation: number;
  license: string;
  safetyLevel: string;
  contentType: string;
  location: Location | undefined;
  permComment: string;
  permAddMeta: string;
}

export interface Privacy {
  readonly isPublic: boolean;
  readonly isFriend: boolean;
  readonly isFamily: boolean;
}

export interface PhotoMedia {
  readonly kind: "photo" | "video";
  /** jpg, png or gif for photos; what stands in `originalformat`. */
  readonly format: string;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
  readonly exif: Media["exif"];
}

/** By the camera's clock, which knows no zone. */
export interface Taken {
  /** `YYYY-MM-DD hh:mm:ss` */
  readonly text: string;
  readonly granularity: string;
  readonly isUnknown: boolean;
}

export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy: number;
}

export interface Photoset {
  readonly id: string;
  readonly nsid: string;
  title: string;
  description: string;
  photoIds: readonly string[];
  primaryId: string;
  readonly createdMs: number;
  updatedMs: number;
}

/** Stills that are stored as they are. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ["image/jpeg", "jpg"],
  ["image/png", "png"],
  ["image/gif", "gif"],
  ["video/mp4", "mp4"],
  ["video/quicktime", "mov"],
  ["video/3gpp", "3gp"],
  ["video/avi", "avi"],
  ["video/mpeg", "mpg"],
  ["video/x-ms-wmv", "wmv"],
]);

/** What the service makes of a file by its bytes; undefined for those it does not recognise. */
export function toPhotoMedia(media: Media | undefined): PhotoMedia | undefined {
  const format = media === undefined ? undefined : FORMATS.get(media.mimeType);
  if (media === undefined || format === undefined) return undefined;
  const { kind, mimeType, width = 1280, height = 960, exif } = media;
  return { kind, format, mimeType, width, height, exif };
}

export function takenOf(media: PhotoMedia, uploadedMs: number): Taken {
  const takenMs = media.exif?.takenMs;
  return { text: toSqlTime(takenMs ?? uploadedMs), granularity: "0", isUnknown: takenMs === undefined };
}

/** `YYYY-MM-DD hh:mm:ss` */
export function toSqlTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** The service's own times: whole seconds. */
export function toUnix(ms: number): string {
  return String(Math.floor(ms / 1000));
}

export function isPrivate({ privacy }: Pick<Photo, "privacy">): boolean {
  return !privacy.isPublic;
}
