import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { ContentHash } from "../../lib/model/hash.js";
import { parseJson, type Memory } from "../memory.js";
import type { MediaItem } from "./schemas.js";

/**
 * Which bytes are which item: the service has no way to ask. Kept as one record for each call that made items, because every record
 * is a write to the disk, and read when the first upload of a run wants to know.
 */
export interface Contents {
  /** The item with this content, as far as this job put it there. */
  find(sentHash: ContentHash): MediaItem | undefined;
  /** Whether it may pay to read a content of this size before it is sent. */
  hasSize(sizeBytes: number): boolean;
  hashOf(itemId: string): ContentHash | undefined;
  note(stored: readonly StoredContent[]): void;
  /** The service does not know the item any more. */
  forget(itemId: string): void;
}

export interface StoredContent extends MediaItem {
  readonly sentHash: ContentHash;
  readonly sizeBytes: number;
}

const PREFIX = "contents:";
const GONE = "gone:";

export function createContents(memory: Memory): Contents {
  let table: Table | undefined;
  const load = (): Table => (table ??= readTable(memory));
  return {
    find: (sentHash) => load().items.get(sentHash),
    hasSize: (sizeBytes) => load().sizes.has(sizeBytes),
    hashOf: (itemId) => load().hashes.get(itemId),
    note: (stored) => {
      if (stored.length === 0) return;
      const text = stored.map(toLine).join("\n");
      memory.set(`${PREFIX}${randomUUID()}`, text);
      for (const one of stored) {
        if (memory.get(GONE + one.id) !== undefined) memory.set(GONE + one.id, undefined);
        if (table !== undefined) put(table, one);
      }
    },
    forget: (itemId) => {
      const known = load();
      memory.set(GONE + itemId, "");
      const hash = known.hashes.get(itemId);
      known.hashes.delete(itemId);
      if (hash !== undefined) known.items.delete(hash);
    },
  };
}

interface Table {
  readonly items: Map<ContentHash, MediaItem>;
  readonly hashes: Map<string, ContentHash>;
  readonly sizes: Set<number>;
}

function put({ items, hashes, sizes }: Table, { id, filename, sentHash, sizeBytes }: StoredContent): void {
  items.set(sentHash, { id, filename });
  hashes.set(id, sentHash);
  sizes.add(sizeBytes);
}

function toLine({ id, filename, sentHash, sizeBytes }: StoredContent): string {
  return `${sizeBytes} ${sentHash} ${id} ${JSON.stringify(filename)}`;
}

const LINE = /^(\d+) sha256:([0-9a-f]{64}) (\S+) (".*")$/;
const FILENAME = z.string();

function readTable(memory: Memory): Table {
  const table: Table = { items: new Map(), hashes: new Map(), sizes: new Set() };
  const gone = new Set(memory.entries(GONE).map(([name]) => name.slice(GONE.length)));
  for (const [, text] of memory.entries(PREFIX)) {
    for (const line of text.split("\n")) {
      const [, size = "", hash = "", id = "", name = ""] = LINE.exec(line) ?? [];
      const filename = parseJson(name, FILENAME);
      if (filename === undefined || gone.has(id)) continue;
      put(table, { id, filename, sentHash: `sha256:${hash}`, sizeBytes: Number(size) });
    }
  }
  return table;
}
