import type { ContentHash } from "../model/hash.js";
import type { PathKey, SyncPath } from "../model/path.js";
import { DamagedValueError } from "./sql-errors.js";
import type { SqlValue } from "./sqlite.js";

/** Columns as the program's own types. Whatever it did not write itself means that the file is damaged. */

type Stored = SqlValue | undefined;

export function toText(value: Stored): string {
  if (typeof value === "string") return value;
  throw new DamagedValueError("text expected");
}

export function toOptionalText(value: Stored): string | undefined {
  return value === null ? undefined : toText(value);
}

export function toNumber(value: Stored): number {
  if (typeof value === "number") return value;
  throw new DamagedValueError("number expected");
}

export function toOptionalNumber(value: Stored): number | undefined {
  return value === null ? undefined : toNumber(value);
}

export function toKey(value: Stored): PathKey {
  if (isKey(value)) return value;
  throw new DamagedValueError("key expected");
}

function isKey(value: Stored): value is PathKey {
  return typeof value === "string" && value !== "";
}

/** A path that was a `SyncPath` when it was written. */
export function toStoredPath(value: Stored): SyncPath {
  if (isPath(value)) return value;
  throw new DamagedValueError("path expected");
}

function isPath(value: Stored): value is SyncPath {
  return typeof value === "string" && value !== "";
}

export function toHash(value: Stored): ContentHash {
  if (isHash(value)) return value;
  throw new DamagedValueError("hash expected");
}

function isHash(value: Stored): value is ContentHash {
  return typeof value === "string" && value.includes(":");
}

export function toOptionalHash(value: Stored): ContentHash | undefined {
  return value === null ? undefined : toHash(value);
}

const SEPARATOR_IN_KEY = "\u0001";

/** What the path column holds: nothing for most paths, because their key says it all, which halves the file. */
export function pathColumn(key: PathKey, path: SyncPath): string {
  return key === path.replaceAll("/", SEPARATOR_IN_KEY) ? "" : path;
}

export function toPath(key: PathKey, column: Stored): SyncPath {
  return toStoredPath(column === "" ? key.replaceAll(SEPARATOR_IN_KEY, "/") : column);
}

/** A member of a fixed list, kept as its index. */
export function toWord<T extends string>(words: readonly T[], value: Stored): T {
  const word = words[toNumber(value)];
  if (word === undefined) throw new DamagedValueError("unknown word");
  return word;
}

/**
 * What `JSON.stringify` made of a value of ours. `is` looks no closer than needed to tell it from something else. Properties that were
 * undefined are absent afterwards, which reads the same.
 */
export function fromJson<T>(text: string, is: (value: unknown) => value is T): T {
  const value = parseJson(text);
  if (is(value)) return value;
  throw new DamagedValueError("another value expected");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DamagedValueError("JSON expected", { cause: error });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
