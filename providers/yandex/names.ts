import type { SyncPath } from "../../lib/model/path.js";
import { isTemporary } from "./temporary-names.js";

const MAX_NAME = 255;
const MAX_PATH = 32_760;

/** What a paid account may store at most, as far as it is published. */
const LARGEST_FILE_BYTES = 50 * 1024 ** 3;

export interface NameLimits {
  /** What this account may store in one file; undefined when it is not known. */
  readonly maxFileBytes: number | undefined;
  readonly root: string;
}

/** Why Yandex Disk would never take a file of this name and size, as a sentence; undefined when it would. */
export function refusalOf(path: SyncPath, sizeBytes: number, limits: NameLimits): string | undefined {
  const most = limits.maxFileBytes ?? LARGEST_FILE_BYTES;
  if (sizeBytes > most) {
    return `Yandex Disk takes files of at most ${most} bytes from this account. Leave it out with --exclude or --max-size.`;
  }
  if (lengthOf(limits.root) + 1 + lengthOf(path) > MAX_PATH) {
    return `Yandex Disk takes paths of at most ${MAX_PATH} characters. Shorten it, or leave it out with --exclude.`;
  }
  for (const name of path.split("/")) {
    const reason = refusedName(name);
    if (reason !== undefined) return `${reason} Rename it, or leave it out with --exclude.`;
  }
  return undefined;
}

function refusedName(name: string): string | undefined {
  if (lengthOf(name) > MAX_NAME) return `Yandex Disk takes names of at most ${MAX_NAME} characters.`;
  if (/\p{Cc}/u.test(name)) return "Yandex Disk takes no control characters in a name.";
  // It is said to cut them off without a word: the file would come back under another name.
  if (name.endsWith(" ")) return "Yandex Disk keeps no space at the end of a name.";
  if (isTemporary(name)) return "Names like this are what trisync gives to files on their way.";
  return undefined;
}

/** Counted in characters, not in the units of a JavaScript string. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
