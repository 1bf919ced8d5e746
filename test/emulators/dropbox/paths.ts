import { lookup, write, type LookupFailure, type WriteFailure } from "./failures.js";
import type { Settings } from "./settings.js";

/** A path below the account's root: the components as written (NFC), and the key that identifies it. */
export interface StorePath {
  readonly parts: readonly string[];
  /** "" for the root, else "/" + the components in lower case. */
  readonly key: string;
}

const IGNORED_NAMES = new Set([
  "desktop.ini",
  "thumbs.db",
  ".ds_store",
  "icon\r",
  ".dropbox",
  ".dropbox.attr",
  ".dropbox.cache",
]);

export function toStorePath(parts: readonly string[]): StorePath {
  const composed = parts.map((part) => part.normalize("NFC"));
  return { parts: composed, key: composed.map((part) => `/${lowerCase(part)}`).join("") };
}

export function nameOf(path: StorePath): string {
  return path.parts.at(-1) ?? "";
}

export function parentOf(path: StorePath): StorePath {
  return toStorePath(path.parts.slice(0, -1));
}

export function siblingOf(path: StorePath, name: string): StorePath {
  return toStorePath([...path.parts.slice(0, -1), name]);
}

export function parentKey(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

export function isInside(key: string, folderKey: string): boolean {
  return key.length > folderKey.length && key.startsWith(`${folderKey}/`);
}

/** Splits "/a/b" into its components; undefined when one is empty, "." or "..". */
export function splitPath(path: string): readonly string[] | undefined {
  if (path === "") return [];
  const parts = path.slice(1).split("/");
  return parts.some((part) => part === "" || part === "." || part === "..") ? undefined : parts;
}

/** What is wrong with writing this name, or undefined. */
export function nameFault(name: string, settings: Settings): WriteFailure | undefined {
  if (IGNORED_NAMES.has(name.toLowerCase())) return write("disallowed_name");
  if (name.length > settings.nameLength || isUnstorable(name)) return write("malformed_path");
  if (name.endsWith(" ")) return write("malformed_path");
  if (name.endsWith(".") && settings.trailingDot === "refuse") return write("malformed_path");
  return undefined;
}

export function lookupFault(parts: readonly string[]): LookupFailure | undefined {
  return parts.some(isUnstorable) ? lookup("malformed_path") : undefined;
}

/**
 * Lower-cases one code point at a time with the tables of an old Unicode version: a final sigma is like any other, and
 * letters that came later stay as they are.
 */
export function lowerCase(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  let lower = "";
  for (const letter of text.normalize("NFC")) {
    const [simple = letter] = letter.toLowerCase();
    lower += isTooNew(letter.codePointAt(0) ?? 0) ? letter : simple;
  }
  return lower;
}

function isUnstorable(name: string): boolean {
  // A lone surrogate has no UTF-8 form; the round trip replaces it.
  const isEncodable = Buffer.from(name, "utf8").toString("utf8") === name;
  return ["\\", "\0", "\x7f"].some((refused) => name.includes(refused)) || !isEncodable;
}

function isTooNew(codePoint: number): boolean {
  return LATER_LETTERS.some(([first, last]) => codePoint >= first && codePoint <= last);
}

/** Letters with a lower case that Unicode 5.0 did not have. */
const LATER_LETTERS: readonly (readonly [number, number])[] = [
  [0x0370, 0x0373],
  [0x0376, 0x0377],
  [0x0514, 0x052f],
  [0x13a0, 0x13f5],
  [0x1c89, 0x1cbf],
  [0x1e9e, 0x1e9e],
  [0x2c62, 0x2c64],
  [0x2c6d, 0x2c73],
  [0x2c7e, 0x2c7f],
  [0xa640, 0xa7ff],
  [0x104b0, 0x104d3],
  [0x10c80, 0x10cb2],
  [0x118a0, 0x118bf],
  [0x16e40, 0x16e5f],
  [0x1e900, 0x1e921],
];
