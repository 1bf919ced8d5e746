import { UsageError } from "./errors.js";

/** Where an entry lives below the root: relative, "/"-separated, NFC, never empty, without "." or ".." parts. */
export type SyncPath = string & { readonly __brand: "SyncPath" };

/**
 * What identifies a path in one job: the path, case-folded where either side ignores case, written so that the
 * plain code-point order of keys is tree order: a folder is followed at once by everything below it.
 */
export type PathKey = string & { readonly __brand: "PathKey" };

/** Converts a relative path. Throws `UsageError` for anything that does not stay strictly below the root. */
export function toSyncPath(raw: string): SyncPath {
  const path = raw.normalize("NFC");
  // Half a surrogate pair is no character: no disk and no database gives it back as it was.
  const bad =
    path.includes("\0") ||
    /\p{Surrogate}/u.test(path) ||
    path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (bad) throw new UsageError(`not a path below the root: ${JSON.stringify(raw)}`);
  return path as SyncPath;
}

/** As `toSyncPath`, for names that come from a service: undefined for a hostile one instead of an error. */
export function parseSyncPath(raw: string): SyncPath | undefined {
  try {
    return toSyncPath(raw);
  } catch {
    return undefined;
  }
}

/** The folder that holds the path; undefined at the top level. */
export function parentOf(path: SyncPath): SyncPath | undefined {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? undefined : (path.slice(0, slash) as SyncPath);
}

/** The last component. */
export function nameOf(path: SyncPath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `name` inside `folder`; `folder` undefined is the root. */
export function joinPath(folder: SyncPath | undefined, name: string): SyncPath {
  return toSyncPath(folder === undefined ? name : `${folder}/${name}`);
}

/** True for every path below `folder`, not for `folder` itself. */
export function isBelow(path: SyncPath, folder: SyncPath): boolean {
  return path.startsWith(`${folder}/`);
}

/** The separator in keys. It sorts before every other character, which is what makes key order tree order. */
const SEPARATOR = "\u0001";

/** Names may hold U+0001 themselves: there it is written as U+0002 U+0002, and U+0002 as U+0002 U+0003. */
function escapeControls(path: string): string {
  return path.replace(/[\u0001\u0002]/g, (char) => (char === "\u0001" ? "\u0002\u0002" : "\u0002\u0003"));
}

/** `foldCase`: whether names that differ only by case are one name in this job. */
export function toPathKey(path: SyncPath, foldCase: boolean): PathKey {
  const folded = foldCase ? path.toLowerCase().normalize("NFC") : path;
  return escapeControls(folded).replaceAll("/", SEPARATOR) as PathKey;
}

/** True for every key below `folder`, not for `folder` itself. */
export function isKeyBelow(key: PathKey, folder: PathKey): boolean {
  return key.startsWith(folder + SEPARATOR);
}

/** The smallest string that sorts after `folder` and after everything below it. */
export function keyAfterSubtree(folder: PathKey): string {
  return `${folder}\u0002`;
}

/** The key of the folder that holds `key`; undefined at the top level. */
export function parentKeyOf(key: PathKey): PathKey | undefined {
  const at = key.lastIndexOf(SEPARATOR);
  return at === -1 ? undefined : (key.slice(0, at) as PathKey);
}

/** `key`, which is `from` or below it, as it reads once `from` has become `to`. */
export function rebaseKey(key: PathKey, from: PathKey, to: PathKey): PathKey {
  return (to + key.slice(from.length)) as PathKey;
}

/** `path`, which is `from` or below it, as it reads once `from` has become `to`. */
export function rebasePath(path: SyncPath, from: SyncPath, to: SyncPath): SyncPath {
  return (to + path.slice(from.length)) as SyncPath;
}

/**
 * Orders keys by code point, the order in which SQLite sorts text. JavaScript's own `<` compares UTF-16 units and
 * places characters above U+FFFF before U+E000, so the surrogates are lifted above the rest here.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return liftSurrogate(x) - liftSurrogate(y);
  }
  return a.length - b.length;
}

function liftSurrogate(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
