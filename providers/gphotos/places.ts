import { createHash } from "node:crypto";
import { nameOf, parentOf, parseSyncPath, type SyncPath } from "../../lib/model/path.js";
import { MAX_TITLE } from "./config.js";
import { mediaTypeOf } from "./media-types.js";

/** Where a file belongs: an album by its title, and the name in it. */
export interface Place {
  readonly title: string;
  readonly name: string;
}

/** How the paths of a job and the albums of the library correspond. */
export interface Places {
  /** The one album of the job; undefined where every folder is an album. */
  readonly onlyTitle: string | undefined;
  /** Undefined for a path that has no place in an album. */
  of(path: SyncPath): Place | undefined;
  /** The title of the album that the folder is; undefined for a folder that is none. */
  titleOf(folder: SyncPath): string | undefined;
  /** The folder that an album of this title is, made safe; "" where the one album is the root itself. */
  folderOf(title: string): SyncPath | "";
  /** Why Google Photos would never take the file, as a sentence; undefined when it would. */
  refusal(path: SyncPath, sizeBytes: number): string | undefined;
}

/** `target` as `parseTarget` returns it. `nested`: folders in folders are albums, too, with "a / b" for a title. */
export function createPlaces(target: string, nested = false): Places {
  const onlyTitle = target === "" ? undefined : target;
  const titleOf = (folder: SyncPath): string | undefined => {
    if (onlyTitle !== undefined) return undefined;
    const parts = folder.split("/");
    return parts.length === 1 || nested ? parts.join(SEPARATOR) : undefined;
  };
  const of = (path: SyncPath): Place | undefined => {
    const folder = parentOf(path);
    const title = folder === undefined ? onlyTitle : titleOf(folder);
    return title === undefined ? undefined : { title, name: nameOf(path) };
  };
  return {
    onlyTitle,
    of,
    titleOf,
    folderOf: (title) => (onlyTitle === undefined ? folderFor(title, nested) : ""),
    refusal: (path, sizeBytes) => {
      const place = of(path);
      return place === undefined ? noPlace(path, { onlyTitle, nested }) : refusalOf(place, sizeBytes);
    },
  };
}

const SEPARATOR = " / ";

function noPlace(path: SyncPath, { onlyTitle, nested }: { onlyTitle: string | undefined; nested: boolean }): string {
  if (onlyTitle !== undefined) {
    return "An album holds no folders: only the files at the top of the folder go into it. Move it up, or leave it out with --exclude.";
  }
  if (!path.includes("/")) {
    return "With gphotos: every folder is an album, and this file is in none. Move it into a folder, or leave it out with --exclude.";
  }
  const hint = nested ? "" : ", use --albums nested";
  return `Albums hold no folders: only the folders of the first level are albums. Move it up${hint}, or leave it out with --exclude.`;
}

const MIB = 1024 * 1024;
const MAX_NAME = 255;
const LIMITS = { photo: 200 * MIB, video: 20 * 1024 * MIB };
const LIMIT_WORDS = { photo: "photos of at most 200 MB", video: "videos of at most 20 GB" };

function refusalOf({ title, name }: Place, sizeBytes: number): string | undefined {
  const type = mediaTypeOf(name);
  if (type === undefined) {
    return "Google Photos takes photos and videos only, and this is none by its name. Leave such files out with --media or --exclude.";
  }
  if (sizeBytes === 0) return "Google Photos takes no empty files. Leave it out with --exclude.";
  if (sizeBytes > LIMITS[type.kind]) {
    return `Google Photos takes ${LIMIT_WORDS[type.kind]}. Leave it out with --exclude or --max-size.`;
  }
  if (name.length > MAX_NAME) return `Google Photos takes names of at most ${MAX_NAME} characters. Rename it.`;
  if (title.length <= MAX_TITLE) return undefined;
  return `Google Photos takes titles of albums of at most ${MAX_TITLE} characters. Rename its folder.`;
}

function folderFor(title: string, nested: boolean): SyncPath {
  const parts = nested ? title.split(SEPARATOR).map(safeName) : [safeName(title)];
  return parseSyncPath(parts.join("/")) ?? fallback(title);
}

/** Names from a service may hold anything; what is no name of a file becomes one. */
export function safeName(raw: string): string {
  const name = raw.normalize("NFC").replace(/[/\\\p{Cc}\p{Surrogate}]/gu, "_");
  return /^\.{0,2}$/.test(name.trim()) || name === ".trisync" ? `_${name}` : name;
}

function fallback(title: string): SyncPath {
  const path = parseSyncPath(`album ${shortHash(title)}`);
  if (path === undefined) throw new Error("a name made here is always a path");
  return path;
}

/** Tells equal names apart, and is always the same for one id. */
function shortHash(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 8);
}

/** "name (1a2b3c4d).ext" */
export function nameWith(name: string, id: string): string {
  const dot = name.lastIndexOf(".");
  const at = dot <= 0 ? name.length : dot;
  return `${name.slice(0, at)} (${shortHash(id)})${name.slice(at)}`;
}
