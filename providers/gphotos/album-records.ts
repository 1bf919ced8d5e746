import { randomUUID } from "node:crypto";
import * as z from "zod";
import { parseJson, recall, remember, type Memory } from "../memory.js";

/** What is known of an album that was listed, or that this job put something into. */
export interface AlbumRecord {
  /** Items as the service counts them, at the last listing and since. */
  readonly count: number;
  /** The listing that showed its items; undefined while the next one has to look into it again. */
  readonly listing: string | undefined;
  /** The folder it is; "" for the root. */
  readonly folder: string;
}

/** What this job knows of the albums it has listed or filled: so that the next listing need not look into them. */
export interface AlbumRecords {
  /** The listing that this run works with: albums that are made from now on are as it would show them. */
  begin(listing: string): void;
  record(albumId: string): AlbumRecord | undefined;
  note(albumId: string, record: AlbumRecord | undefined): void;
  /** Ids of all albums with a record. */
  recorded(): readonly string[];
  /** This job has put items into the album: the next listing shows them without asking the service. */
  noteAdded(added: Added): void;
  /** What was put there since the last listing, by album, under names to forget it by. */
  added(): readonly (readonly [name: string, added: Added])[];
  forgetAdded(names: readonly string[]): void;
}

/** Items that one call put into an album. */
export interface Added {
  readonly albumId: string;
  /** "" for the root. */
  readonly folder: string;
  readonly items: readonly { readonly name: string; readonly id: string }[];
}

const record = z.object({ count: z.number(), listing: z.string().optional(), folder: z.string() });

const added = z.object({
  albumId: z.string(),
  folder: z.string(),
  items: z.array(z.object({ name: z.string(), id: z.string() })),
});

const ADDED = "added:";
const RECORDS = "album:";

export function createAlbumRecords(memory: Memory): AlbumRecords {
  let listing: string | undefined;
  return {
    record: (id) => {
      const found = recall(memory, RECORDS + id, record);
      return found === undefined ? undefined : { ...found, listing: found.listing };
    },
    note: (id, value) => {
      if (value === undefined) memory.set(RECORDS + id, undefined);
      else remember(memory, RECORDS + id, value);
    },
    recorded: () =>
      memory
        .entries(RECORDS)
        .flatMap(([name, text]) => (parseJson(text, record) === undefined ? [] : [name.slice(RECORDS.length)])),
    noteAdded: (news) => {
      remember(memory, `${ADDED}${randomUUID()}`, news);
      const known = recall(memory, RECORDS + news.albumId, record);
      const count = (known?.count ?? 0) + new Set(news.items.map(({ id }) => id)).size;
      const rest = known ?? { folder: news.folder, listing };
      remember(memory, RECORDS + news.albumId, { ...rest, count });
    },
    added: () =>
      memory.entries(ADDED).flatMap(([name, text]) => {
        const news = parseJson(text, added);
        return news === undefined ? [] : [[name, news] as const];
      }),
    forgetAdded: (names) => {
      for (const name of names) memory.set(name, undefined);
    },
    begin: (id) => {
      listing = id;
    },
  };
}
