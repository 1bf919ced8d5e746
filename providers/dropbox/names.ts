import type { SyncPath } from "../../lib/model/path.js";

/** Two to the 41st minus two to the 22nd: what one file may hold. */
export const MAX_FILE_BYTES = 2_199_019_061_248;

/** Counted in UTF-16 units: the service counts an emoji as two, and tells only after the bytes were sent. */
const MAX_NAME_LENGTH = 255;

/** Names that the service never stores, in any case. */
const NEVER_STORED: ReadonlySet<string> = new Set([
  "desktop.ini",
  "thumbs.db",
  ".ds_store",
  "icon\r",
  ".dropbox",
  ".dropbox.attr",
  ".dropbox.cache",
]);

/** Why Dropbox would never take a file of this name and size, as a sentence; undefined when it would. */
export function refusalOf(path: SyncPath, sizeBytes: number): string | undefined {
  if (sizeBytes > MAX_FILE_BYTES)
    return `Dropbox takes files of at most ${MAX_FILE_BYTES} bytes. Split it, or leave it out with --exclude.`;
  for (const name of path.split("/")) {
    const reason = refusedName(name);
    if (reason !== undefined) return `${reason} Rename it, or leave it out with --exclude.`;
  }
  return undefined;
}

function refusedName(name: string): string | undefined {
  if (NEVER_STORED.has(name.toLowerCase())) return `Dropbox never stores the name ${JSON.stringify(name)}.`;
  if (name.length > MAX_NAME_LENGTH) return `Dropbox takes names of at most ${MAX_NAME_LENGTH} characters.`;
  if (name.endsWith(" ")) return "Dropbox takes no name that ends in a space.";
  if (name.endsWith(".")) return "Dropbox takes no name that ends in a dot.";
  if (name.includes("\\")) return "Dropbox takes no backslash in a name.";
  if (/[\0\x7f]/.test(name)) return "Dropbox takes no NUL or DEL character in a name.";
  if (/\p{Surrogate}/u.test(name)) return "Dropbox takes only names that are valid Unicode.";
  return undefined;
}
