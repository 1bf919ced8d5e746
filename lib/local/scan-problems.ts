import type { Problem } from "../model/entry.js";
import type { SyncPath } from "../model/path.js";

export function rootProblem(root: string, words: string): Problem {
  const message = `the folder ${JSON.stringify(root)} could not be read whole: ${words}`;
  return { side: "local", path: ".", code: "unreadable", message, covers: "everything" };
}

/** Whatever it is, and whatever is below it, stays unknown. */
export function unreadable(path: SyncPath, words: string): Problem {
  const message = `${JSON.stringify(path)} could not be read: ${words}`;
  return { side: "local", path, code: "unreadable", message, covers: { path, subtree: true } };
}

/**
 * Covers nothing: such a name never was a path, so that nothing known can be hiding behind it, and covering the folder
 * it lies in would hold up everything else there for good.
 */
export function badName(path: string): Problem {
  const message = `${JSON.stringify(path)} has a name that is not valid Unicode text; rename it to have it synchronised`;
  return { side: "local", path, code: "bad-name", message, covers: undefined };
}

/**
 * Covers nothing where the entry that holds the path is synchronised. Of two folders, though, only one is read, and what lies in
 * the other is not absent.
 */
export function clash(path: SyncPath, onDisk: string, isFolder: boolean): Problem {
  const end = isFolder
    ? `is another folder: nothing in the two is synchronised until one of them is renamed`
    : `is left out: rename one of them`;
  const message = `two entries are named ${JSON.stringify(path)}, written in different ways; the one written ${spell(onDisk)} ${end}`;
  return { side: "local", path, code: "clash", message, covers: isFolder ? { path, subtree: true } : undefined };
}

/** Both look the same on a screen, so the letters that differ are shown as codes. */
function spell(name: string): string {
  const letters = Array.from(name, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code < 0x80 ? char : `\\u{${code.toString(16)}}`;
  });
  return `"${letters.join("")}"`;
}
