import * as z from "zod";
import { recall, remember, type Memory } from "../memory.js";
import { nameWith, safeName } from "./places.js";
import type { MediaItem } from "./schemas.js";

/**
 * Names that a listing could not know: Google keeps the name under which bytes came first, shows equal names side by side, and
 * has one item for two files with the same bytes. Only those few are remembered.
 */
export interface ItemNames {
  /** The names of the items of one album, in the order of the album; each name once. */
  of(albumId: string, items: readonly MediaItem[]): readonly NamedItem[];
  /** This job stored a file under this name, and the service has it as `item`. */
  note(stored: { readonly albumId: string; readonly item: MediaItem; readonly name: string; isVersion: boolean }): void;
}

export interface NamedItem {
  readonly id: string;
  readonly name: string;
}

const names = z.array(z.string());

export function createItemNames(memory: Memory): ItemNames {
  return {
    of: (albumId, items) => {
      const known = new Map<string, readonly string[]>();
      const prefix = prefixOf(albumId);
      for (const [key] of memory.entries(prefix)) {
        known.set(key.slice(prefix.length), recall(memory, key, names) ?? []);
      }
      return nameItems(items, known);
    },
    note: ({ albumId, item, name, isVersion }) => {
      const plain = safeName(item.filename);
      const key = prefixOf(albumId) + item.id;
      const known = recall(memory, key, names);
      if (known?.includes(name) === true) return;
      if (known === undefined && plain === name && !isVersion) return;
      if (isVersion) forgetName(memory, albumId, name);
      // Another file may be this item under the name that Google has for it.
      remember(memory, key, [...new Set([...(known ?? [plain]), name])]);
    },
  };
}

function prefixOf(albumId: string): string {
  return `name:${albumId}/`;
}

/** Another version bears the name from now on. */
function forgetName(memory: Memory, albumId: string, name: string): void {
  for (const [key] of memory.entries(prefixOf(albumId))) {
    const held = recall(memory, key, names) ?? [];
    if (held.includes(name))
      remember(
        memory,
        key,
        held.filter((one) => one !== name),
      );
  }
}

function nameItems(items: readonly MediaItem[], known: ReadonlyMap<string, readonly string[]>): readonly NamedItem[] {
  const owners = new Map<string, string>();
  for (const { id } of items) for (const name of known.get(id) ?? []) owners.set(name, id);
  // Albums grow at their end: of several items with one name the last one is the newest version.
  for (const { id, filename } of items.toReversed()) {
    if ((known.get(id) ?? []).length > 0) continue;
    const plain = filename === "" ? id : safeName(filename);
    owners.set(owners.has(plain) ? freeName(plain, id, owners) : plain, id);
  }
  return [...owners].map(([name, id]) => ({ id, name }));
}

function freeName(plain: string, id: string, owners: ReadonlyMap<string, string>): string {
  for (let name = nameWith(plain, id); ; name = nameWith(name, `${id}${name}`)) if (!owners.has(name)) return name;
}
