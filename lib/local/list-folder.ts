import { join } from "node:path";
import type { Problem } from "../model/entry.js";
import { compareKeys, toSyncPath } from "../model/path.js";
import { explain, hasCode, isSystemError } from "./errors.js";
import type { FileSystem, FolderEntry } from "./file-system.js";
import { isOwn } from "./own-folder.js";
import { badName, clash, rootProblem, unreadable } from "./scan-problems.js";
import type { PathFilter } from "./types.js";

export interface FolderToList {
  readonly root: string;
  readonly absolute: string;
  /** Relative to the root, spelled as on the disk; empty for the root itself. */
  readonly name: string;
  readonly filter: PathFilter;
}

export interface Listing {
  readonly entries: readonly FolderEntry[];
  readonly problems: readonly Problem[];
}

/** What of a folder takes part in the scan: without filtered names, bad names, and all but one spelling of each name. */
export async function listFolder(files: FileSystem, folder: FolderToList): Promise<Listing> {
  const read = await readFolder(files, folder);
  if (!Array.isArray(read)) return { entries: [], problems: read === undefined ? [] : [read] };
  const problems: Problem[] = [];
  const named = read.filter((entry) => {
    const name = folder.name === "" ? entry.name : `${folder.name}/${entry.name}`;
    if (isOwn(name)) return false;
    if (isBadName(entry.name, () => files.lstatSync(join(folder.root, name)) === undefined)) {
      problems.push(badName(name));
      return false;
    }
    return folder.filter.includes(toSyncPath(name), entry.isDirectory());
  });
  const entries = dropTwins(folder.name, named, problems);
  return { entries, problems };
}

/**
 * Undefined when the folder is gone, or is none any more: what is in its place now is an entry of its own. An error is
 * looked into once more, since one entry that vanishes at the wrong moment can fail the whole call.
 */
async function readFolder(files: FileSystem, folder: FolderToList): Promise<FolderEntry[] | Problem | undefined> {
  let failure: Error | undefined;
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const entries = await readWithTypes(files, folder.absolute);
      // A link that took the folder's place meanwhile may have led anywhere.
      if (folder.name === "" || files.lstatSync(folder.absolute)?.isDirectory()) return entries;
      return files.lstatSync(folder.absolute) === undefined
        ? undefined
        : toProblem(folder, "it was replaced meanwhile");
    } catch (error) {
      if (!isSystemError(error)) throw error;
      failure = error;
    }
    if (folder.name !== "" && isGone(files, folder.absolute)) return undefined;
  }
  return toProblem(folder, isSystemError(failure) ? explain(failure.code).words : "unknown error");
}

function toProblem(folder: FolderToList, words: string): Problem {
  return folder.name === "" ? rootProblem(folder.root, words) : unreadable(toSyncPath(folder.name), words);
}

function isGone(files: FileSystem, absolute: string): boolean {
  try {
    return files.lstatSync(absolute) === undefined;
  } catch (error) {
    return hasCode(error, "ENOTDIR");
  }
}

function readWithTypes(files: FileSystem, absolute: string): Promise<FolderEntry[]> {
  return new Promise((resolve, reject) => {
    files.readdirWithTypes(absolute, (error, entries) => {
      if (error === null) resolve(entries);
      else reject(error);
    });
  });
}

const REPLACEMENT = "\uFFFD";
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Bytes that are no UTF-8 arrive as U+FFFD, and then nothing is found under that name. It may also be a real letter. */
function isBadName(name: string, isMissing: () => boolean): boolean {
  if (LONE_SURROGATE.test(name)) return true;
  if (!name.includes(REPLACEMENT)) return false;
  try {
    return isMissing();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}

/** Of names that are one path, the NFC one wins, else the first in the order of code points. */
function dropTwins(folder: string, entries: readonly FolderEntry[], problems: Problem[]): readonly FolderEntry[] {
  const odd = entries.filter(({ name }) => name.includes(REPLACEMENT) || name.normalize("NFC") !== name);
  if (odd.length === 0) return entries;
  const oddEntries = new Set(odd);
  const taken = new Set(entries.filter((entry) => !oddEntries.has(entry)).map(({ name }) => name));
  const losers = new Set<FolderEntry>();
  for (const entry of odd.sort((a, b) => rank(a.name) - rank(b.name) || compareKeys(a.name, b.name))) {
    const composed = entry.name.normalize("NFC");
    if (taken.has(composed)) {
      losers.add(entry);
      problems.push(toTwinProblem(folder, entry));
    }
    taken.add(composed);
  }
  return entries.filter((entry) => !losers.has(entry));
}

function rank(name: string): number {
  return name.normalize("NFC") === name ? 0 : 1;
}

/** Two equal names are one real name and another whose bytes only read like it. */
function toTwinProblem(folder: string, entry: FolderEntry): Problem {
  const { name } = entry;
  const path = folder === "" ? name : `${folder}/${name}`;
  return name.includes(REPLACEMENT) && name.normalize("NFC") === name
    ? badName(path)
    : clash(toSyncPath(path), name, entry.isDirectory());
}
