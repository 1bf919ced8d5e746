import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { type Entry, sizeOf } from "./entries.js";
import { hexDigits } from "./hex.js";
import type { Parts } from "./paths.js";

export interface TrashItem {
  readonly entry: Entry;
  /** `name_<40 hex>`, its name at the top of the trash. */
  readonly key: string;
  readonly originParts: Parts;
  readonly deletedMs: number;
}

/** What was deleted and can still be restored. It goes on using space. */
export class Trash {
  readonly #items = new Map<string, TrashItem>();

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  get usedBytes(): number {
    return this.all().reduce((sum, { entry }) => sum + sizeOf(entry), 0);
  }

  all(): readonly TrashItem[] {
    return [...this.#items.values()];
  }

  add(entry: Entry, originParts: Parts): void {
    const key = `${entry.name}_${hexDigits(this.chance, 40)}`;
    this.#items.set(key, { entry, key, originParts, deletedMs: this.clock.nowMs() });
  }

  /** The item at the top of this path, and what lies at the path within it. */
  find([key = "", ...rest]: Parts): { readonly item: TrashItem; readonly entry: Entry } | undefined {
    const item = this.#items.get(key);
    let entry = item?.entry;
    for (const part of rest) entry = entry?.kind === "dir" ? entry.children.get(part) : undefined;
    return item === undefined || entry === undefined ? undefined : { item, entry };
  }

  /** Takes an entry out, be it an item or something within one. */
  take(entry: Entry): void {
    entry.parent?.children.delete(entry.name);
    for (const item of this.all()) if (item.entry === entry) this.#items.delete(item.key);
  }

  empty(): readonly TrashItem[] {
    const items = this.all();
    this.#items.clear();
    return items;
  }
}
