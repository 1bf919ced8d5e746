import { compareKeys } from "../model/path.js";
import type { BaseEntry, LocalEntry } from "../model/entry.js";
import type { PathKey } from "../model/path.js";
import type { MirrorEntry, Row } from "../state/types.js";

/** Everything known under one key. More than one entry on a side is a clash of names. */
export interface KeyGroup {
  readonly key: PathKey;
  readonly base: BaseEntry | undefined;
  readonly locals: readonly LocalEntry[];
  readonly remotes: readonly MirrorEntry[];
}

/** Merges the three sides, each in key order, into one group per key, in key order. Holds one group at a time. */
export function* joinByKey(sides: {
  readonly base: Iterable<Row<BaseEntry>>;
  readonly local: Iterable<Row<LocalEntry>>;
  readonly remote: Iterable<Row<MirrorEntry>>;
}): Generator<KeyGroup> {
  const base = createReader(sides.base);
  const local = createReader(sides.local);
  const remote = createReader(sides.remote);
  for (;;) {
    const key = smallestKey(base.key(), local.key(), remote.key());
    if (key === undefined) return;
    yield { key, base: base.take(key)[0], locals: local.take(key), remotes: remote.take(key) };
  }
}

interface Reader<T> {
  /** The key of the next row; undefined at the end. */
  key(): PathKey | undefined;
  /** All rows of that key; none when the next row has another. */
  take(key: PathKey): readonly T[];
}

const NONE: readonly never[] = [];

function createReader<T>(rows: Iterable<Row<T>>): Reader<T> {
  const iterator = rows[Symbol.iterator]();
  let next = iterator.next();
  return {
    key: () => (next.done === true ? undefined : next.value.key),
    take: (key) => {
      if (next.done === true || next.value.key !== key) return NONE;
      const taken: T[] = [];
      while (next.done !== true && next.value.key === key) {
        taken.push(next.value.entry);
        next = iterator.next();
      }
      return taken;
    },
  };
}

function smallestKey(...keys: readonly (PathKey | undefined)[]): PathKey | undefined {
  let best: PathKey | undefined;
  for (const key of keys) {
    if (key !== undefined && (best === undefined || compareKeys(key, best) < 0)) best = key;
  }
  return best;
}
