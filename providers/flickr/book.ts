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
  /**
   * Content came that is not what the tag says. Where the same came in an earlier run, the tag is false from now on: it was written for
   * a version that nobody here has seen. Returns whether it is.
   */
  contradict(claimed: Claimed, came: string): boolean;
  /** Remembers what was noted. */
  save(): void;
}

/** Photos are spread over so many entries, so that writing one down does not mean writing down all. */
const SHELVES = 100;

const DOUBT = "doubt:";
const NO_VERSION = "";

const shelf = z.record(z.string(), z.tuple([z.string(), z.string()]));
type Shelf = z.infer<typeof shelf>;

export function createBook(memory: Memory): Book {
  const shelves = new Map<string, Shelf>();
  const changed = new Set<string>();
  /** Ids of this run: what broke on the way once may well break the same way again right after. */
  const doubted = new Set<string>();

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
      // Another version under the old tag: whoever changed the content did not write down its checksum. Another tag on the same
      // version: whoever changed the tag did not change the content.
      if (known !== undefined && (known[0] !== claimed.version) === (known[1] === claimed.hash)) return false;
      note(claimed);
      return true;
    },
    note,
    contradict: ({ id, version, hash }, came) => {
      const name = DOUBT + id;
      const text = JSON.stringify([version, hash, came]);
      const isSecond = !doubted.has(id) && memory.get(name) === text;
      doubted.add(id);
      memory.set(name, isSecond ? undefined : text);
      if (isSecond) note({ id, version: NO_VERSION, hash });
      return isSecond;
    },
    save: () => {
      for (const name of changed) remember(memory, name, shelves.get(name));
      changed.clear();
    },
  };
}
