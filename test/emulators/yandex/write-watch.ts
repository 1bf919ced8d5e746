import { locked } from "./failures.js";
import type { Parts } from "./paths.js";
import type { Settings } from "./settings.js";

/** Writes at work, by the folder they change. */
export class WriteWatch {
  /** How many writes were answered with 423. */
  refused = 0;
  readonly #busy = new Set<string>();

  constructor(private readonly settings: Settings) {}

  /** Takes the folders of the places that a write changes; throws 423 when one is taken. */
  begin(uid: string, places: readonly Parts[]): () => void {
    if (this.settings.parallelWrites === "allow") return () => undefined;
    const folders = new Set(places.map((parts) => [uid, ...parts.slice(0, -1)].join("/")));
    if ([...folders].some((folder) => this.#busy.has(folder))) throw this.refuse();
    for (const folder of folders) this.#busy.add(folder);
    return () => {
      for (const folder of folders) this.#busy.delete(folder);
    };
  }

  refuse(): Error {
    this.refused += 1;
    return locked();
  }
}
