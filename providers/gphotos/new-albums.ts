import * as z from "zod";
import { parseJson } from "../memory.js";
import type { Notes } from "./notes.js";

/**
 * Albums that jobs on this machine made lately, or began to make. The service's list shows a new album late, so that without this the
 * next job, or the next run after one that was killed, would make a second one of the same title.
 */
export interface NewAlbums {
  /** "unknown": it was begun a moment ago, and nobody knows how that ended. Undefined for none. */
  find(title: string): { readonly id: string } | "unknown" | undefined;
  begin(title: string): void;
  /** Undefined when nothing was made after all. */
  end(title: string, id: string | undefined): void;
}

const entries = z.array(z.object({ title: z.string(), id: z.string().optional(), sinceMs: z.number() }));
type Entry = z.infer<typeof entries>[number];

/** By then the list shows it without a doubt. */
const LATE_MS = 24 * 3_600_000;
/** A making whose end is not known is worth looking for so long. */
const UNKNOWN_MS = 3_600_000;

export function createNewAlbums(notes: Notes, now: () => number): NewAlbums {
  const isLate = ({ sinceMs, id }: Entry): boolean => {
    const ageMs = now() - sinceMs;
    return ageMs < 0 || ageMs >= (id === undefined ? UNKNOWN_MS : LATE_MS);
  };
  const change = (make: (known: readonly Entry[]) => readonly Entry[]): readonly Entry[] => {
    let after: readonly Entry[] = [];
    notes.update("new-albums", (note) => {
      const known = note === undefined ? [] : (parseJson(note, entries) ?? []);
      after = make(known.filter((entry) => !isLate(entry)));
      return JSON.stringify(after);
    });
    return after;
  };
  const put = (title: string, news: readonly Entry[]): void => {
    change((known) => [...known.filter((one) => one.title !== title), ...news]);
  };
  return {
    find: (title) => {
      const found = change((known) => known).find((one) => one.title === title);
      return found === undefined ? undefined : found.id === undefined ? "unknown" : { id: found.id };
    },
    begin: (title) => put(title, [{ title, sinceMs: now() }]),
    end: (title, id) => put(title, id === undefined ? [] : [{ title, id, sinceMs: now() }]),
  };
}
