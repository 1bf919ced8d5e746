import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";

/** `.trisync/root.json` in the remote root: a random id that stays when the disk gets another device number. */
export interface Marker {
  readonly id: string;
}

const marker = z.object({ id: z.string().min(8).max(100) });

export function formatMarker({ id }: Marker): string {
  const note = "trisync knows this folder by the id. Keep this file: without it, a disk may be taken for another one.";
  return `${JSON.stringify({ id, note }, undefined, 2)}\n`;
}

/** Rejects text that is no marker: it must not be taken for a missing one, which would make this folder a new one. */
export function parseMarker(text: string, file: string): Marker {
  const result = marker.safeParse(parseJson(text));
  if (result.success) return result.data;
  const words = "is damaged. Remove it, then run again: the folder then counts as one that was never synchronised";
  throw new ProviderError("malformed", `${JSON.stringify(file)} ${words}`, { cause: result.error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
