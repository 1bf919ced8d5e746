import ignore from "ignore";
import type { SyncPath } from "../model/path.js";
import type { PathFilter } from "./types.js";

export interface FilterRules {
  /** Patterns in .gitignore syntax; when there are any, only files that match one are synchronised. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Content of `.trisyncignore` at the local root; undefined when there is none. */
  readonly ignoreFile: string | undefined;
  /** Only photo and video types, by extension. */
  readonly media: "all" | "photos" | "videos" | undefined;
  /** Whether names that differ only by case are one name in this job: then they are so for patterns, too. */
  readonly ignoreCase: boolean;
  /** Places below the root that belong to trisync itself: state, log. */
  readonly own: readonly SyncPath[];
}

/** What operating systems leave behind in folders, and nobody misses. */
const LITTER = [
  ".DS_Store",
  "._*",
  "Thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "Icon\r",
  ".Spotlight-V100",
  ".Trashes",
  ".fseventsd",
];

const PHOTOS =
  "3fr arw avif bmp cr2 cr3 crw dcr dng erf gif heic heif ico iiq jpeg jpg kdc mef mos mrw nef nrw orf pef png raf raw rw2 rwl sr2 srf srw tif tiff webp x3f".split(
    " ",
  );
const VIDEOS = "3g2 3gp asf avi divx m2t m2ts m4v mkv mmv mod mov mp4 mpeg mpg mts tod wmv webm".split(" ");

/** Decides by name alone, so that both sides and the base are filtered alike. `.trisync` never takes part. */
export function createPathFilter(rules: FilterRules): PathFilter {
  const { ignoreCase } = rules;
  const excluded = matcher([...LITTER, ...rules.exclude, rules.ignoreFile ?? ""], ignoreCase);
  const included = rules.include.length === 0 ? undefined : matcher(rules.include, ignoreCase);
  const extensions = rules.media === undefined ? undefined : new Set(extensionsOf(rules.media));
  return {
    includes: (path, isFolder) => {
      if (isOwn(path, rules.own) || excluded(isFolder ? `${path}/` : path)) return false;
      if (isFolder) return true;
      if (included !== undefined && !included(path)) return false;
      return extensions === undefined || extensions.has(extensionOf(path));
    },
  };
}

/** More than lie open on the way down to any path; see `matcher`. */
const MOST_REMEMBERED = 1000;

/**
 * Whether a path matches. The library remembers every path it was ever asked about, and a tree may hold millions of them, so
 * that it is exchanged every now and then for one that remembers nothing; the rules it shares are compiled once.
 */
function matcher(patterns: readonly string[], ignorecase: boolean): (path: string) => boolean {
  const rules = ignore({ ignorecase }).add(patterns.map((pattern) => pattern.normalize("NFC")));
  let current = ignore({ ignorecase }).add(rules);
  let remembered = 0;
  return (path) => {
    if (++remembered > MOST_REMEMBERED) {
      current = ignore({ ignorecase }).add(rules);
      remembered = 1;
    }
    return current.ignores(path);
  };
}

function isOwn(path: SyncPath, own: readonly SyncPath[]): boolean {
  // Ours in a folder below belongs to another job that begins there.
  if (path.split("/").includes(".trisync")) return true;
  return own.some((place) => path === place || path.startsWith(`${place}/`));
}

function extensionsOf(media: "all" | "photos" | "videos"): readonly string[] {
  if (media === "photos") return PHOTOS;
  return media === "videos" ? VIDEOS : [...PHOTOS, ...VIDEOS];
}

/** Empty for a name without one, be it "mov". */
function extensionOf(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot === -1 ? "" : path.slice(dot + 1).toLowerCase();
}
