import * as z from "zod";
import { RefusedContentError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { parseJson, recall, remember, type Memory } from "../memory.js";

/** Contents that the service has looked at and will not have: they are not sent again in every run. */
export interface RefusedContents {
  /** Throws `RefusedContentError` for one of them. */
  assertTaken(sentHash: ContentHash, path: string): void;
  note(sentHash: ContentHash, reason: string): void;
  hasSome(): boolean;
}

const refused = z.object({ reason: z.string(), savedMs: z.number() });

/** Then they are tried once more: services learn. */
const LIFETIME_MS = 7 * 24 * 3_600_000;

const PREFIX = "refused:";

export function createRefusedContents(memory: Memory, now: () => number): RefusedContents {
  const isCurrent = (savedMs: number): boolean => now() >= savedMs && now() - savedMs < LIFETIME_MS;
  return {
    assertTaken: (sentHash, path) => {
      const known = recall(memory, PREFIX + sentHash, refused);
      if (known === undefined || !isCurrent(known.savedMs)) return;
      throw new RefusedContentError(`upload ${path}: ${known.reason}`);
    },
    note: (sentHash, reason) => remember(memory, PREFIX + sentHash, { reason, savedMs: now() }),
    hasSome: () => {
      const all = memory.entries(PREFIX);
      return all.some(([, text]) => isCurrent(parseJson(text, refused)?.savedMs ?? Number.NaN));
    },
  };
}
