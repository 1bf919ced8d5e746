import type { SyncPath } from "../../lib/model/path.js";
import { nameOf, parentOf } from "../../lib/model/path.js";
import { fitsFormat, isMediaName, usualEnding } from "./media.js";

/** How folders and albums go together: "flat" knows one level, "nested" takes "a/b" for the album "a / b". */
export type AlbumLayout = "flat" | "nested";

/** The folder for what is in no album. */
export const NO_ALBUM = "Not in an album";

const SEPARATOR = " / ";

/** What disks take, in bytes. */
const MAX_NAME_BYTES = 255;

/** What the service is known to store in one file. */
export const LARGEST_PHOTO_BYTES = 200 * 1024 * 1024;
const LARGEST_VIDEO_BYTES = 1024 * 1024 * 1024;

/**
 * A title as a name that every disk takes and that cannot lead anywhere else. What a title may hold and a name may not becomes "_";
 * a name that comes out of here goes through unchanged.
 */
export function toName(title: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[/\p{Cc}\p{Surrogate}\u2028\u2029]/gu, "_")
    .trim();
  if (plain === "") return "untitled";
  if (/^\.+$/.test(plain)) return "_".repeat(plain.length);
  return cut(plain, MAX_NAME_BYTES).trim();
}

/** The folder of an album. */
export function folderOfAlbum(title: string, layout: AlbumLayout): string {
  if (layout === "flat") return toName(title);
  return title.normalize("NFC").split(SEPARATOR).map(toName).join("/");
}

/** The title of the album that a folder stands for. */
export function albumOfFolder(folder: SyncPath): string {
  return folder.split("/").join(SEPARATOR);
}

/** What a photo is called: by its title, with an ending that says truly what is in it. */
export interface Titled {
  readonly title: string;
  readonly media: "photo" | "video";
  /** "jpg", "png", "gif"; the service does not always tell. */
  readonly format: string | undefined;
  /** True when trisync gave the title, which then is the name of the file. */
  readonly isFileName: boolean;
}

/** The name of the file, before others of the same name are looked at. */
export function fileNameOf({ title, media, format, isFileName }: Titled): string {
  const name = toName(title);
  if (isFileName && isMediaName(name)) return name;
  if (fitsFormat(name, media, format)) return name;
  const ending = `.${usualEnding(media, format)}`;
  return cut(name, MAX_NAME_BYTES - ending.length) + ending;
}

/** "a.jpg" as "a (53000000001).jpg": for the later ones of several with one name. Of a path the last name changes. */
export function withId(path: string, id: string): string {
  const slash = path.lastIndexOf("/") + 1;
  const name = path.slice(slash);
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  const mark = ` (${id})`;
  return path.slice(0, slash) + cut(stem, MAX_NAME_BYTES - Buffer.byteLength(mark + ending)) + mark + ending;
}

/** Cuts between characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = "";
  let length = 0;
  for (const char of text) {
    length += Buffer.byteLength(char);
    if (length > bytes) break;
    kept += char;
  }
  return kept;
}

/**
 * Why Flickr would never take a file of this name and size, as a sentence; undefined when it would. What is asked about without a size
 * may be a folder that is to be renamed.
 */
export function refusalOf(path: SyncPath, sizeBytes: number, layout: AlbumLayout): string | undefined {
  if (sizeBytes === 0 && refusedFolder(path, layout) === undefined) return undefined;
  const folder = parentOf(path);
  if (folder === undefined) {
    return "On Flickr every photo is in an album, which is a folder here. Put it in a folder, or leave it out with --exclude.";
  }
  const placeReason = refusedFolder(folder, layout);
  if (placeReason !== undefined) return placeReason;
  const name = nameOf(path);
  if (!isMediaName(name)) {
    return "Flickr keeps only jpg, png and gif pictures and common kinds of videos as they are. Leave it out with --media or --exclude.";
  }
  if (toName(name) !== name || Buffer.byteLength(name) > MAX_NAME_BYTES) return `${BAD_NAME} ${RENAME}`;
  // What is known to be too large; between a picture and a video only the content decides.
  if (sizeBytes > LARGEST_VIDEO_BYTES)
    return "Flickr takes pictures of at most 200 MiB and videos of at most 1 GiB. Leave it out with --max-size.";
  return undefined;
}

const BAD_NAME = "Flickr keeps no name that begins or ends with a space or holds control characters.";
const RENAME = "Rename it, or leave it out with --exclude.";

function refusedFolder(folder: SyncPath, layout: AlbumLayout): string | undefined {
  if (layout === "flat" && folder.includes("/")) {
    return 'Albums on Flickr hold no other albums. Move it up one folder, or use --albums nested, which takes a/b for the album "a / b".';
  }
  if (folder.startsWith(`${NO_ALBUM}/`))
    return `${NO_ALBUM} stands for what is in no album, and holds no folders. ${RENAME}`;
  const parts = folder.split("/");
  return parts.every((part) => toName(part) === part) ? undefined : `${BAD_NAME} ${RENAME}`;
}
