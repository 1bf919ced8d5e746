import { createHash } from "node:crypto";
import type { ProviderContext } from "../context.js";
import type { UpdateCounts } from "./calls.js";

/**
 * Where the calls of a key are counted: where all jobs of this state directory see them, since the service counts by key. Without such a
 * place, and where it cannot be written, each job counts its own.
 */
export function countsOf({ shared, memory }: Pick<ProviderContext, "shared" | "memory">, key: string): UpdateCounts {
  const own: UpdateCounts = (change) => {
    const note = change(memory.get("calls"));
    memory.set("calls", note);
    return note;
  };
  if (shared === undefined) return own;
  const name = `flickr calls ${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  let isOut = false;
  return (change) => {
    if (isOut) return own(change);
    try {
      return shared.update(name, change);
    } catch {
      // A disk that is full or read-only says so where it matters; here it only makes the count less exact.
      isOut = true;
      return own(change);
    }
  };
}
