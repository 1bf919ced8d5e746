import { createHash } from "node:crypto";
import * as z from "zod";
import type { ContentHash } from "../../lib/model/hash.js";
import { nameOf, type SyncPath } from "../../lib/model/path.js";
import { parseJson, recall, remember, type Memory } from "../memory.js";
import type { Photo } from "./photos.js";

/**
 * Uploads under way, written down before they begin. Sending a photo and putting it into its album are two calls: what is left behind
 * in between, by a run that is killed or by a call that fails, is found again by its checksum, and not sent a second time.
 */
export interface Journal {
  /**
   * What is written down of an upload that has not ended: of this content to this path, or, from earlier runs, under this name in any
   * folder, which may have been renamed since. Undefined where there is none.
   */
  find(path: SyncPath, hash: ContentHash): Begun | undefined;
  /** `others`: ids of photos of the same content that are there already, and cannot be what is about to be sent. */
  begin(path: SyncPath, hash: ContentHash, others: readonly string[]): void;
  /** The service has taken the content, and works on it. */
  noteTicket(path: SyncPath, ticket: string): void;
  /** The photo is in its album. */
  end(path: SyncPath, id: string): void;
  /** The service has refused the content: there is nothing to be found. */
  drop(path: SyncPath): void;
  /** Whether the photo, which is in no album, was left behind on its way to one. */
  isWaiting(photo: Photo): boolean;
  /** A photo that was left behind on its way to this path; each is given out once. */
  take(path: SyncPath, hash: ContentHash): Photo | undefined;
  /** Called for every photo that is in no album. */
  saw(photo: Photo): void;
  /** Called when everything was listed. */
  listed(): void;
}

/** An upload that has not ended. */
export interface Begun {
  readonly begunMs: number;
  readonly ticket?: string | undefined;
}

/** After so long what was left behind is shown like any other photo: the local file must be gone. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

/** The clocks of the service and of this machine may differ by as much as signatures allow. */
export const CLOCK_MARGIN_MS = 10 * 60_000;

const PREFIX = "sending:";
const entry = z.object({
  name: z.string(),
  hash: z.string(),
  begunMs: z.number(),
  others: z.array(z.string()).default([]),
  ticket: z.string().optional(),
});
type Entry = z.infer<typeof entry>;

export function createJournal(memory: Memory, now: () => number): Journal {
  const open = readOpen(memory, now());
  const earlier = new Set(open.keys());
  const strays = createStrays(memory, now);
  const seen = new Map<string, Photo>();

  function write(key: string, value: Entry): void {
    open.set(key, value);
    remember(memory, key, value);
  }

  function forget(key: string): void {
    open.delete(key);
    memory.set(key, undefined);
  }

  const isWaiting = (photo: Photo): boolean => [...open.values()].some((one) => mayHaveCome(photo, one));

  return {
    find: (path, hash) => {
      const isMeant = (key: string): boolean => key === keyOf(path) || earlier.has(key);
      return [...open].find(([key, one]) => isMeant(key) && one.hash === hash && one.name === nameOf(path))?.[1];
    },
    begin: (path, hash, others) => {
      const key = keyOf(path);
      earlier.delete(key);
      // A second try may still find what the first one left.
      if (open.get(key)?.hash === hash) return;
      write(key, { name: nameOf(path), hash, begunMs: now(), others: [...others] });
    },
    noteTicket: (path, ticket) => {
      const begun = open.get(keyOf(path));
      if (begun !== undefined) write(keyOf(path), { ...begun, ticket });
    },
    end: (path, id) => {
      const ended = open.get(keyOf(path));
      forget(keyOf(path));
      for (const [key, one] of ended === undefined ? [] : open) {
        if (one.hash === ended?.hash && one.name === ended.name) write(key, { ...one, others: [...one.others, id] });
      }
    },
    drop: (path) => {
      forget(keyOf(path));
    },
    isWaiting,
    saw: (photo) => {
      if (strays.has(photo) || isWaiting(photo)) seen.set(photo.id, photo);
    },
    take: (path, hash) => {
      for (const photo of seen.values()) {
        if (photo.hash !== hash || photo.title !== nameOf(path)) continue;
        seen.delete(photo.id);
        strays.forget(photo.id);
        return photo;
      }
      return undefined;
    },
    listed: () => {
      strays.keep(seen.values());
    },
  };
}

/** Whether the photo may be what came of the upload. */
function mayHaveCome({ id, title, hash, uploadedMs }: Photo, { name, hash: sent, begunMs, others }: Entry): boolean {
  const isLater = uploadedMs === undefined || uploadedMs >= begunMs - CLOCK_MARGIN_MS;
  return hash === sent && title === name && isLater && !others.includes(id);
}

function readOpen(memory: Memory, nowMs: number): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [name, text] of memory.entries(PREFIX)) {
    const one = parseJson(text, entry);
    if (one === undefined || nowMs - one.begunMs > LIFETIME_MS) memory.set(name, undefined);
    else found.set(name, one);
  }
  return found;
}

function keyOf(path: SyncPath): string {
  return PREFIX + createHash("sha256").update(path).digest("hex").slice(0, 32);
}

/** Where nothing was written down, or it was lost, our own photos in no album count as left behind too: so long. */
const STRAYS_MS = 2 * 24 * 3_600_000;

const STRAYS = "strays";
/** Set once everything was listed. */
const LISTED = "listed";
const rememberedStrays = z.object({ ids: z.array(z.string()), untilMs: z.number() });

interface Strays {
  has(photo: Photo): boolean;
  forget(id: string): void;
  /** After the first listing: a run that ends right after it must not make the next one forget what was in no album. */
  keep(photos: Iterable<Photo>): void;
}

function createStrays(memory: Memory, now: () => number): Strays {
  let isFirst = memory.get(LISTED) === undefined;
  const isFirstRun = isFirst;
  const kept = recall(memory, STRAYS, rememberedStrays);
  const untilMs = kept?.untilMs ?? now() + STRAYS_MS;
  const isOver = untilMs < now();
  if (kept !== undefined && isOver) memory.set(STRAYS, undefined);
  const ids = new Set(isOver ? [] : kept?.ids);

  return {
    has: ({ id, isFileName }) => isFileName && (isFirstRun || ids.has(id)),
    forget: (id) => {
      if (ids.delete(id)) remember(memory, STRAYS, { ids: [...ids], untilMs });
    },
    keep: (photos) => {
      if (!isFirst) return;
      isFirst = false;
      for (const { id } of photos) ids.add(id);
      if (ids.size > 0) remember(memory, STRAYS, { ids: [...ids], untilMs });
      memory.set(LISTED, "yes");
    },
  };
}
