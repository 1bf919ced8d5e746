import type { Clock } from "../shared/clock.js";
import type { Photo, Photoset } from "./photo.js";
import { SearchIndex } from "./search-index.js";
import type { Settings } from "./settings.js";

/** What a listing shows, now or at the time of a snapshot. */
export interface LibraryView {
  readonly photos: readonly Photo[];
  /** In the order that the user gave them. */
  readonly sets: readonly Photoset[];
  photo(id: string): Photo | undefined;
}

/** The photos and sets of one account. */
export class Library implements LibraryView {
  readonly index: SearchIndex;
  readonly #photos = new Map<string, Photo>();
  #sets: readonly Photoset[] = [];

  constructor(
    settings: Settings,
    private readonly clock: Clock,
  ) {
    this.index = new SearchIndex(settings, clock);
  }

  get photos(): readonly Photo[] {
    return [...this.#photos.values()];
  }

  get sets(): readonly Photoset[] {
    return this.#sets;
  }

  photo(id: string): Photo | undefined {
    return this.#photos.get(id);
  }

  set(id: string): Photoset | undefined {
    return this.#sets.find((set) => set.id === id);
  }

  /** The library as it is, however it changes later. */
  snapshot(): LibraryView {
    const photos = new Map(this.photos.map((photo) => [photo.id, { ...photo }]));
    const sets = this.#sets.map((set) => ({ ...set }));
    return { photos: [...photos.values()], sets, photo: (id) => photos.get(id) };
  }

  add(photo: Photo): void {
    this.#photos.set(photo.id, photo);
    this.index.note(photo.id, photo);
  }

  /** A change of a photo, of whatever kind, is seen by its `lastupdate`. */
  change(photo: Photo, changes: Partial<Photo>): void {
    Object.assign(photo, changes, { lastUpdateMs: this.clock.nowMs() });
    this.index.note(photo.id, photo);
  }

  remove(photo: Photo): void {
    for (const set of this.#sets) {
      if (set.photoIds.includes(photo.id)) this.takeOut(set, [photo.id]);
    }
    this.#photos.delete(photo.id);
    this.index.note(photo.id, undefined);
  }

  /** A new set comes first. */
  addSet(set: Photoset): void {
    this.#sets = [set, ...this.#sets];
  }

  changeSet(set: Photoset, changes: Partial<Photoset>): void {
    Object.assign(set, changes, { updatedMs: this.clock.nowMs() });
  }

  removeSet({ id }: Photoset): void {
    this.#sets = this.#sets.filter((set) => set.id !== id);
  }

  /** The sets named first, in that order; the others behind them, by id. */
  orderSets(ids: readonly string[]): void {
    const named = ids.map((id) => this.set(id)).filter((set) => set !== undefined);
    const others = this.#sets.filter((set) => !named.includes(set)).sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#sets = [...named, ...others];
  }

  putIn(set: Photoset, photoIds: readonly string[]): void {
    this.changeSet(set, { photoIds: [...set.photoIds, ...photoIds.filter((id) => !set.photoIds.includes(id))] });
  }

  /** A set is never empty: it goes with its last photo. When the primary photo goes, the first one left takes its place. */
  takeOut(set: Photoset, photoIds: readonly string[]): void {
    const left = set.photoIds.filter((id) => !photoIds.includes(id));
    const [first] = left;
    if (first === undefined) {
      this.removeSet(set);
      return;
    }
    this.changeSet(set, { photoIds: left, primaryId: left.includes(set.primaryId) ? set.primaryId : first });
  }
}
