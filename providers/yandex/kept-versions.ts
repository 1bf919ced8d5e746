import * as z from "zod";
import { parseJson, remember, type Memory } from "../memory.js";
import type { RemotePath } from "./paths.js";

/** Replaced versions that are in the trash: an upload that is tried again and again puts its own there once. */
export interface KeptVersions {
  note(path: RemotePath, version: string): void;
  isKept(path: RemotePath, version: string): boolean;
  /** Called when the version was replaced. */
  end(path: RemotePath): void;
  /** Forgets what may not be there any more. */
  tidy(): void;
}

const kept = z.object({ version: z.string(), sinceMs: z.number() });
type Kept = z.infer<typeof kept>;

const PREFIX = "kept:";

/** People empty the trash now and then. */
const KEPT_MS = 24 * 3_600_000;

export function createKeptVersions(memory: Memory, now: () => number): KeptVersions {
  function recent(text: string | undefined): Kept | undefined {
    const one = text === undefined ? undefined : parseJson(text, kept);
    const ageMs = one === undefined ? -1 : now() - one.sinceMs;
    return ageMs >= 0 && ageMs < KEPT_MS ? one : undefined;
  }

  return {
    note: (path, version) => {
      remember(memory, PREFIX + path, { version, sinceMs: now() } satisfies Kept);
    },
    isKept: (path, version) => recent(memory.get(PREFIX + path))?.version === version,
    end: (path) => {
      memory.set(PREFIX + path, undefined);
    },
    tidy: () => {
      for (const [name, text] of memory.entries(PREFIX)) {
        if (recent(text) === undefined) memory.set(name, undefined);
      }
    },
  };
}
