import type { Content } from "./content.js";
import type { Parts } from "./paths.js";

export type Properties = Readonly<Record<string, unknown>>;

interface Traits {
  name: string;
  parent: Folder | undefined;
  /** The service's resource_id. */
  id: string;
  createdMs: number;
  modifiedMs: number;
  /** Microseconds; grows with every change. */
  revision: number;
  /** Null once all keys are gone again; undefined when there never were any. */
  properties: Properties | null | undefined;
  publicKey: string | undefined;
}

export interface File extends Traits {
  readonly kind: "file";
  content: Content;
  /** When the last upload was done, for what goes wrong soon after it. */
  uploadedMs: number;
}

export interface Folder extends Traits {
  readonly kind: "dir";
  readonly children: Map<string, Entry>;
}

export type Entry = File | Folder;

export function partsOf(entry: Entry): Parts {
  const parts: string[] = [];
  for (let at: Entry = entry; at.parent !== undefined; at = at.parent) parts.unshift(at.name);
  return parts;
}

/** The entry and everything below it, folders before what they hold. */
export function* walk(entry: Entry): Generator<Entry> {
  yield entry;
  if (entry.kind === "dir") for (const child of entry.children.values()) yield* walk(child);
}

export function sizeOf(entry: Entry): number {
  let bytes = 0;
  for (const one of walk(entry)) if (one.kind === "file") bytes += one.content.sizeBytes;
  return bytes;
}
