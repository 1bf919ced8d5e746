import type { Clock } from "../shared/clock.js";
import type { Photo } from "./photo.js";
import type { Settings } from "./settings.js";

/** What search knows: the library as it was some time ago. */
export class SearchIndex {
  readonly #known = new Map<string, Photo>();
  #pending: { readonly id: string; readonly photo: Photo | undefined; readonly atMs: number }[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Remembers a photo as it is now; undefined when it has gone. */
  note(id: string, photo: Photo | undefined): void {
    this.#pending.push({ id, photo: photo === undefined ? undefined : { ...photo }, atMs: this.clock.nowMs() });
  }

  photos(): readonly Photo[] {
    const untilMs = this.clock.nowMs() - this.settings.searchLagMs;
    const due = this.#pending.filter(({ atMs }) => atMs <= untilMs);
    this.#pending = this.#pending.filter(({ atMs }) => atMs > untilMs);
    for (const { id, photo } of due) {
      if (photo === undefined) this.#known.delete(id);
      else this.#known.set(id, photo);
    }
    return [...this.#known.values()];
  }
}
