import { createHash } from "node:crypto";
import type { ProviderMemory } from "../state/types.js";

/**
 * Files that the service never takes, and of which an earlier run told. Where photos are kept, texts and side-cars lie between them: they
 * are an error once, and not in every run.
 */
export interface ToldRefusals {
  /** Whether an earlier run told of it in the same words. Either way the next one will not. */
  isTold(path: string, reason: string): boolean;
  /** Keeps what this run met, and forgets all else. */
  save(): void;
}

const NAME = "told-refusals";
const DIGEST = 16;

export function createToldRefusals(memory: Pick<ProviderMemory, "get" | "set">): ToldRefusals {
  const before = memory.get(NAME) ?? "";
  const told = new Set<string>();
  for (let at = 0; at < before.length; at += DIGEST) told.add(before.slice(at, at + DIGEST));
  const met = new Set<string>();
  return {
    isTold: (path, reason) => {
      const digest = createHash("sha256")
        .update(JSON.stringify([path, reason]))
        .digest("base64")
        .slice(0, DIGEST);
      met.add(digest);
      return told.has(digest);
    },
    save: () => {
      const after = [...met].sort().join("");
      if (after !== before) memory.set(NAME, after === "" ? undefined : after);
    },
  };
}
