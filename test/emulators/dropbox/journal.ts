import type { AnyEntry } from "./entries.js";

interface Version {
  readonly sequence: number;
  entry: AnyEntry;
}

/** Every state every path ever had, numbered by one growing sequence. Cursors are positions in it. */
export class Journal {
  #sequence = 0;
  readonly #versions = new Map<string, Version[]>();
  readonly #changes: { readonly sequence: number; readonly key: string }[] = [];

  get sequence(): number {
    return this.#sequence;
  }

  record(entry: AnyEntry): void {
    this.#sequence += 1;
    this.#changes.push({ sequence: this.#sequence, key: entry.key });
    const versions = this.#versions.get(entry.key);
    if (versions === undefined) this.#versions.set(entry.key, [{ sequence: this.#sequence, entry }]);
    else versions.push({ sequence: this.#sequence, entry });
  }

  /** Replaces the newest state without a new number: a change that deltas do not report. */
  amend(entry: AnyEntry): void {
    const newest = this.#versions.get(entry.key)?.at(-1);
    if (newest !== undefined) newest.entry = entry;
  }

  /** The state of a path after change number `sequence`; undefined when there had never been anything. */
  stateAt(key: string, sequence: number): AnyEntry | undefined {
    return this.#versionAt(key, sequence)?.entry;
  }

  /** Every path that ever existed up to `sequence`, in the order of first appearance. */
  *statesAt(sequence: number): Generator<AnyEntry> {
    for (const key of this.#versions.keys()) {
      const entry = this.stateAt(key, sequence);
      if (entry !== undefined) yield entry;
    }
  }

  /** The states that differ between two positions, each path once and in its last state, oldest change first. */
  *changesBetween(after: number, upTo: number): Generator<{ readonly sequence: number; readonly entry: AnyEntry }> {
    for (let index = after; index < upTo; index += 1) {
      const change = this.#changes[index];
      if (change === undefined) return;
      const version = this.#versionAt(change.key, upTo);
      if (version?.sequence === change.sequence) yield { sequence: change.sequence, entry: version.entry };
    }
  }

  /** Whether `key` was deleted between two positions and still is. */
  isDeletedSince(key: string, after: number, upTo: number): boolean {
    const version = this.#versionAt(key, upTo);
    return version?.entry.kind === "deleted" && version.sequence > after;
  }

  #versionAt(key: string, sequence: number): Version | undefined {
    const versions = this.#versions.get(key);
    if (versions === undefined) return undefined;
    for (let index = versions.length - 1; index >= 0; index -= 1) {
      const version = versions[index];
      if (version !== undefined && version.sequence <= sequence) return version;
    }
    return undefined;
  }
}
