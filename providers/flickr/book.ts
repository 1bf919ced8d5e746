import * as z from "zod";
import type { ContentHash } from "../../lib/model/hash.js";
import { recall, remember, type Memory } from "../memory.js";

/** A photo with what its tags say of its content. */
export interface Claimed {
  readonly id: string;
  readonly version: string;
  readonly hash: ContentHash | undefined;
}

/**
 * Which content a checksum tag was written for. When somebody replaces or turns a photo on the site its tags stay, and say something
 * wrong from then on: a tag counts only together with the version that it was first seen with.
 */
export interface Book {
  /** Whether the hash is that of this version; notes it where the photo is new, or its tag was written anew. */
  isTrue(claimed: Claimed): boolean;
  /** Content and tags that were just written together. */
  note(claimed: Claimed): void;
  /** Remembers what was noted. */
  save(): void;
}

/** Photos are spread over so many entries, so that writing one down does not mean writing down all. */
const SHELVES = 100;

const shelf = z.record(z.string(), z.tuple([z.string(), z.string()]));
type Shelf = z.infer<typeof shelf>;

export function createBook(memory: Memory): Book {
  const shelves = new Map<string, Shelf>();
  const changed = new Set<string>();

  function shelfOf(id: string): { readonly name: string; readonly rows: Shelf } {
    const name = `content:${(Number(id.slice(-4)) || 0) % SHELVES}`;
    const rows = shelves.get(name) ?? recall(memory, name, shelf) ?? {};
    shelves.set(name, rows);
    return { name, rows };
  }

  function note({ id, version, hash }: Claimed): void {
    const { name, rows } = shelfOf(id);
    rows[id] = [version, hash ?? ""];
    changed.add(name);
  }

  return {
    isTrue: (claimed) => {
      if (claimed.hash === undefined) return false;
      const known = shelfOf(claimed.id).rows[claimed.id];
      const isAsKnown = known?.[0] === claimed.version && known[1] === claimed.hash;
      if (isAsKnown) return true;
      // Another version under the old tag: whoever changed the content did not write down its checksum.
      if (known !== undefined && known[0] !== claimed.version && known[1] === claimed.hash) return false;
      note(claimed);
      return true;
    },
    note,
    save: () => {
      for (const name of changed) remember(memory, name, shelves.get(name));
      changed.clear();
    },
  };
}
