import type { Bytes } from "../shared/bytes.js";
import type { Chance } from "../shared/chance.js";
import type { Media } from "./sniff-media.js";

/** Whether the app made it or the user, with a phone or on the web. */
export type Origin = "app" | "user";

export interface Item {
  readonly id: string;
  readonly origin: Origin;
  readonly bytes: Bytes;
  readonly sha256: string;
  readonly media: Media;
  readonly filename: string;
  /** The capture time; the upload's when there is none. */
  readonly createdMs: number;
  readonly uploadedMs: number;
  description: string;
  /** Made by the user, but shown to the app since the app sent the same bytes. */
  isAdopted: boolean;
  isTrashed: boolean;
  isArchived: boolean;
  isFavorite: boolean;
  /** Every page that would hold it is answered with 500. */
  isBroken: boolean;
  /** A video the service could not make playable. */
  isFailed: boolean;
}

export interface Album {
  readonly id: string;
  readonly origin: Origin;
  readonly createdMs: number;
  title: string;
  coverItemId: string | undefined;
  entries: readonly AlbumEntry[];
}

export interface AlbumEntry {
  readonly kind: "item" | "enrichment";
  readonly id: string;
}

/** Where new entries of an album go. */
export type Place =
  { readonly kind: "first" } | { readonly kind: "last" } | { readonly kind: "after"; readonly entry: AlbumEntry };

export type NewItem = Omit<
  Item,
  "id" | "isAdopted" | "isTrashed" | "isArchived" | "isFavorite" | "isBroken" | "isFailed"
>;

/** One user's photos and albums. */
export class Library {
  readonly #items = new Map<string, Item>();
  readonly #albums = new Map<string, Album>();
  readonly #bySha = new Map<string, string>();

  constructor(private readonly chance: Chance) {}

  get items(): readonly Item[] {
    return [...this.#items.values()];
  }

  get albums(): readonly Album[] {
    return [...this.#albums.values()];
  }

  get usedBytes(): number {
    return this.items.reduce((sum, { bytes }) => sum + bytes.sizeBytes, 0);
  }

  item(id: string): Item | undefined {
    return this.#items.get(id);
  }

  album(id: string): Album | undefined {
    return this.#albums.get(id);
  }

  bySha256(sha256: string): Item | undefined {
    const id = this.#bySha.get(sha256);
    return id === undefined ? undefined : this.#items.get(id);
  }

  /** Identical bytes are one item: the one that is there is given back as it is. */
  addItem(item: NewItem): Item {
    const known = this.bySha256(item.sha256);
    if (known !== undefined) return known;
    const state = { isAdopted: false, isTrashed: false, isArchived: false, isFavorite: false };
    const made: Item = { ...item, ...state, isBroken: false, isFailed: false, id: `A${this.chance.letters(75)}` };
    this.#items.set(made.id, made);
    this.#bySha.set(made.sha256, made.id);
    return made;
  }

  /** Without the bin: the same bytes become a new item afterwards. */
  forgetItem(item: Item): void {
    this.#items.delete(item.id);
    this.#bySha.delete(item.sha256);
    for (const album of this.albums) this.leave(album, [item.id]);
  }

  addAlbum(title: string, origin: Origin, createdMs: number): Album {
    const id = `A${this.chance.letters(75)}`;
    const album: Album = { id, origin, title, createdMs, coverItemId: undefined, entries: [] };
    this.#albums.set(album.id, album);
    return album;
  }

  removeAlbum(id: string): void {
    this.#albums.delete(id);
  }

  /** Puts items into an album, in this order; those that are in it stay where they are. */
  join(album: Album, itemIds: readonly string[], place: Place = { kind: "last" }): void {
    const known = new Set(album.entries.map(({ id }) => id));
    const added = [...new Set(itemIds)].filter((id) => !known.has(id)).map((id) => ({ kind: "item" as const, id }));
    insert(album, added, place);
  }

  addEnrichment(album: Album, place: Place): string {
    const id = `E${this.chance.letters(40)}`;
    insert(album, [{ kind: "enrichment", id }], place);
    return id;
  }

  leave(album: Album, itemIds: readonly string[]): void {
    const leaving = new Set(itemIds);
    album.entries = album.entries.filter(({ id }) => !leaving.has(id));
    if (album.coverItemId !== undefined && leaving.has(album.coverItemId)) album.coverItemId = undefined;
  }

  /** In album order, without what lies in the bin. */
  itemsOf(album: Album): readonly Item[] {
    return album.entries
      .map(({ id }) => this.#items.get(id))
      .filter((item) => item !== undefined)
      .filter((item) => !item.isTrashed);
  }
}

/** Since March 2025 an app sees what it made itself, and nothing else. */
export function isVisible(item: Item): boolean {
  return (item.origin === "app" || item.isAdopted) && !item.isTrashed;
}

function insert(album: Album, added: readonly AlbumEntry[], place: Place): void {
  const { entries } = album;
  const at = placeIndex(entries, place);
  album.entries = [...entries.slice(0, at), ...added, ...entries.slice(at)];
}

function placeIndex(entries: readonly AlbumEntry[], place: Place): number {
  if (place.kind === "first") return 0;
  if (place.kind === "last") return entries.length;
  const { kind, id } = place.entry;
  return entries.findIndex((entry) => entry.kind === kind && entry.id === id) + 1;
}
