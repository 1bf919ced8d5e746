import { createHash } from "node:crypto";
import * as z from "zod";
import type { ContentHash } from "../../lib/model/hash.js";
import { nameOf, type SyncPath } from "../../lib/model/path.js";
import { parseJson, remember, type Memory } from "../memory.js";
import type { Photo } from "./photos.js";

/**
 * Uploads under way, written down before they begin. Sending a photo and putting it into its album are two calls: what a run leaves
 * behind that is killed in between is found again by its checksum, and not sent a second time.
 */
export interface Journal {
  begin(path: SyncPath, hash: ContentHash): void;
  /** Whether an earlier run began to send this content under this name, and nothing tells how that ended. */
  wasBegun(path: SyncPath, hash: ContentHash): boolean;
  /** The photo is in its album. */
  end(path: SyncPath): void;
  /** Whether the photo, which is in no album, is what an earlier run left behind on its way to one. */
  isWaiting(photo: Photo): boolean;
  /** A photo that was left behind on its way to this path; each is given out once. */
  take(path: SyncPath, hash: ContentHash): Photo | undefined;
  /** Called for every photo that is in no album. */
  saw(photo: Photo): void;
}

/** After so long what was left behind is shown like any other photo: the local file must be gone. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

const PREFIX = "sending:";
const entry = z.object({ name: z.string(), hash: z.string(), begunMs: z.number() });

/** `isFirstRun`: nothing was written down yet, or it was lost; then our own photos in no album count as left behind too. */
export function createJournal(
  memory: Memory,
  { now, isFirstRun }: { now: () => number; isFirstRun: boolean },
): Journal {
  const earlier = readEarlier(memory, now());
  const stray = new Map<string, Photo>();

  return {
    begin: (path, hash) => {
      remember(memory, keyOf(path), { name: nameOf(path), hash, begunMs: now() });
    },
    wasBegun: (path, hash) => earlier.has(`${hash} ${nameOf(path)}`),
    end: (path) => {
      memory.set(keyOf(path), undefined);
    },
    isWaiting: ({ title, hash }) => hash !== undefined && earlier.has(`${hash} ${title}`),
    saw: (photo) => {
      const isCandidate = photo.isFileName && (isFirstRun || earlier.has(`${String(photo.hash)} ${photo.title}`));
      if (isCandidate) stray.set(photo.id, photo);
    },
    take: (path, hash) => {
      for (const photo of stray.values()) {
        if (photo.hash !== hash || photo.title !== nameOf(path)) continue;
        stray.delete(photo.id);
        return photo;
      }
      return undefined;
    },
  };
}

function readEarlier(memory: Memory, nowMs: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, text] of memory.entries(PREFIX)) {
    const one = parseJson(text, entry);
    if (one === undefined || nowMs - one.begunMs > LIFETIME_MS) memory.set(name, undefined);
    else found.add(`${one.hash} ${one.name}`);
  }
  return found;
}

function keyOf(path: SyncPath): string {
  return PREFIX + createHash("sha256").update(path).digest("hex").slice(0, 32);
}
