import * as z from "zod";
import { recall, remember, type Memory } from "../memory.js";
import { withId } from "./names.js";

/** Something that wants a name of its own in a folder. */
export interface Wanting {
  readonly id: string;
  readonly name: string;
  /** It had this name when it was last seen: another one that takes its title does not take its name. */
  readonly isKept?: boolean;
  /** Names that trisync gave itself come next: what it uploaded keeps its path. */
  readonly isFirst: boolean;
}

/** Gives names that are unique in their folder. */
export interface Suffixes {
  /**
   * By id. Of several with one name the one that had it before has it plain, else the oldest, and the others have their id behind it, also when the oldest is gone later:
   * else its end would rename another. `place`: where these names are next to each other. `taken`: names that are in use by others there.
   */
  assign(place: string, wanting: readonly Wanting[], taken: ReadonlySet<string>): ReadonlyMap<string, string>;
  /** It gets another name there, which it shall have plain. */
  release(place: string, id: string): void;
  save(): void;
}

const NAME = "suffixed";
const remembered = z.array(z.string());

export function createSuffixes(memory: Memory): Suffixes {
  const marked = new Set(recall(memory, NAME, remembered) ?? []);
  let hasChanged = false;

  return {
    assign: (place, wanting, taken) => {
      const names = new Map<string, string>();
      const used = new Set(taken);
      const rank = ({ id, isKept, isFirst }: Wanting): number => {
        if (marked.has(`${place}:${id}`)) return 3;
        return isKept === true ? 0 : isFirst ? 1 : 2;
      };
      for (const { id, name: plain } of [...wanting].sort((a, b) => rank(a) - rank(b) || compareIds(a.id, b.id))) {
        const mark = `${place}:${id}`;
        let name = marked.has(mark) ? withId(plain, id) : plain;
        while (used.has(name)) {
          name = withId(name, id);
          hasChanged ||= !marked.has(mark);
          marked.add(mark);
        }
        used.add(name);
        names.set(id, name);
      }
      return names;
    },
    release: (place, id) => {
      hasChanged = marked.delete(`${place}:${id}`) || hasChanged;
    },
    save: () => {
      if (hasChanged) remember(memory, NAME, [...marked]);
      hasChanged = false;
    },
  };
}

/** Ids are numbers that are too long for numbers: the longer one is the later one. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
