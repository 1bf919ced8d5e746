import { type File, partsOf } from "./entries.js";
import type { Parts } from "./paths.js";
import type { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";

/** A file as the index knows it: with the path and the content of the time it was seen. */
export interface IndexedFile {
  readonly file: File;
  readonly parts: Parts;
}

/** The index behind the flat list of files, which lags behind the tree. */
export class FlatIndex {
  readonly #files = new Map<File, IndexedFile>();

  constructor(
    private readonly settings: Settings,
    private readonly schedule: Schedule,
  ) {}

  put(file: File): void {
    const seen = { file: { ...file }, parts: partsOf(file) };
    this.#later(() => this.#files.set(file, seen));
  }

  remove(file: File): void {
    this.#later(() => this.#files.delete(file));
  }

  all(): readonly IndexedFile[] {
    return [...this.#files.values()];
  }

  #later(change: () => void): void {
    if (this.settings.flatListLagMs === 0) change();
    else this.schedule.after(this.settings.flatListLagMs, change);
  }
}
