import type { Chance } from "../shared/chance.js";
import type { Entry } from "./entries.js";
import { ApiError, badField } from "./failures.js";
import type { Fault } from "./faults.js";
import { readCount } from "./query.js";
import type { Settings } from "./settings.js";

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
  /** "" for the service's own order. */
  readonly sort: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

const KEYS = ["name", "path", "created", "modified", "size"] as const;

/** Reads limit, offset and sort. Throws 400 for what is no number or no key, 504 for limits that take too long. */
export function readPage(
  query: ReadonlyMap<string, string>,
  settings: Settings,
  onMisuse: (what: string) => void,
  keys: readonly string[] = KEYS,
): PageRequest {
  const limit = readCount(query, "limit", settings.pageSize);
  const offset = readCount(query, "offset", 0);
  const sort = query.get("sort") ?? "";
  if (sort !== "" && !keys.includes(sort.replace(/^-/, ""))) throw badField("sort");
  if (limit > settings.largestLimit) {
    onMisuse(`a limit of ${String(limit)} takes too long`);
    throw new ApiError(504, "GatewayTimeoutError", "Gateway Timeout");
  }
  if (offset > 0 && sort === "") onMisuse("a further page without sort: the order is not promised");
  return { limit, offset, sort };
}

/** The children of a folder in the order that was asked for, or in none. */
export function sortEntries(entries: Iterable<Entry>, sort: string, settings: Settings, chance: Chance): Entry[] {
  const all = [...entries];
  const key = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  if (key !== "") return all.sort((a, b) => sign * (compareBy(key, a, b) || compare(a.name, b.name)));
  if (settings.listingOrder === "shuffled") return chance.shuffle(all);
  return all.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

/** Cuts a page out, and spoils it where a fault says so. */
export function cutPage<Item extends { readonly name: string }>(
  all: readonly Item[],
  { limit, offset }: PageRequest,
  settings: Settings,
  fault: Fault | undefined,
): Page<Item> {
  const length = Math.min(limit, settings.pageCap, fault?.kind === "short-page" ? fault.entries : limit);
  const items = all.slice(offset, offset + length);
  return { items: spoil(items, fault), total: all.length };
}

function spoil<Item extends { readonly name: string }>(
  items: readonly Item[],
  fault: Fault | undefined,
): readonly Item[] {
  if (fault?.kind === "empty-page") return [];
  if (fault?.kind === "repeated-entry") return [...items.slice(-1), ...items];
  if (fault?.kind !== "missing-entries") return items;
  const { names, count = names === undefined ? 1 : 0 } = fault;
  return items.slice(count).filter(({ name }) => names?.includes(name) !== true);
}

function compareBy(key: string, a: Entry, b: Entry): number {
  if (key === "created") return a.createdMs - b.createdMs;
  if (key === "modified") return a.modifiedMs - b.modifiedMs;
  if (key === "size") return bytesOf(a) - bytesOf(b);
  return 0;
}

function bytesOf(entry: Entry): number {
  return entry.kind === "file" ? entry.content.sizeBytes : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
