import type { IfLocked } from "./options.js";
import { parseDuration } from "./parse-duration.js";

/** What `parseIfLocked` takes, for messages. */
export const IF_LOCKED_FORM = 'must be "fail", "skip" or "wait=TIME", for example "wait=10m"';

export function parseIfLocked(text: string): IfLocked | undefined {
  const trimmed = text.trim();
  if (trimmed === "fail" || trimmed === "skip") return trimmed;
  if (!trimmed.startsWith("wait=")) return undefined;
  const waitMs = parseDuration(trimmed.slice("wait=".length));
  return waitMs === undefined ? undefined : { waitMs };
}
