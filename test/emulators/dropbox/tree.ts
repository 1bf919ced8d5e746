import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Content } from "./content.js";
import type { AnyEntry, FileEntry, FileTraits, FolderEntry, FolderTraits, LiveEntry } from "./entries.js";
import { conflict } from "./failures.js";
import { Journal } from "./journal.js";
import { isInside, nameOf, parentKey, parentOf, type StorePath, toStorePath } from "./paths.js";

export interface NewFile {
  readonly content: Content;
  readonly clientModifiedMs?: number | undefined;
  readonly traits?: FileTraits | undefined;
  /** Keeps an identity: overwriting, moving, restoring. */
  readonly id?: string | undefined;
}

/** The files and folders of one account. Nothing is ever forgotten: every revision stays readable. */
export class Tree {
  readonly journal = new Journal();
  readonly #live = new Map<string, LiveEntry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #keyById = new Map<string, string>();
  readonly #revisions = new Map<string, FileEntry>();
  #revisionCount = 0;
  #usedBytes = 0;

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get(key: string): LiveEntry | undefined {
    return this.#live.get(key);
  }

  byId(id: string): LiveEntry | undefined {
    const key = this.#keyById.get(id);
    const entry = key === undefined ? undefined : this.#live.get(key);
    return entry?.id === id ? entry : undefined;
  }

  byRev(rev: string): FileEntry | undefined {
    return this.#revisions.get(rev);
  }

  /** Every revision there ever was, oldest first. */
  revisions(): IterableIterator<FileEntry> {
    return this.#revisions.values();
  }

  /** The newest state of a path, also when it is a deletion. */
  lastKnown(key: string): AnyEntry | undefined {
    return this.journal.stateAt(key, this.journal.sequence);
  }

  childrenOf(key: string): LiveEntry[] {
    return [...(this.#children.get(key) ?? [])].flatMap((child) => this.#live.get(child) ?? []);
  }

  /** Everything below a folder, parents first, without the folder itself. */
  *below(key: string): Generator<LiveEntry> {
    for (const child of this.childrenOf(key)) {
      yield child;
      if (child.kind === "folder") yield* this.below(child.key);
    }
  }

  /** The path spelt with the true names of all ancestors. */
  trueParts(key: string): readonly string[] {
    const parts: string[] = [];
    for (let at = key; at !== ""; at = parentKey(at)) parts.unshift(this.#live.get(at)?.name ?? "");
    return parts;
  }

  /** Throws the conflict that a write to `path` would meet at its ancestors. */
  assertNoFileAbove(path: StorePath): void {
    for (let key = parentKey(path.key); key !== ""; key = parentKey(key)) {
      if (this.#live.get(key)?.kind === "file") throw conflict("file_ancestor");
    }
  }

  putFile(path: StorePath, file: NewFile): FileEntry {
    this.#makeParents(path);
    const before = this.#live.get(path.key);
    const nowMs = this.clock.nowMs();
    const entry: FileEntry = {
      kind: "file",
      // Overwriting keeps the case of the name that is there.
      name: before?.name ?? nameOf(path),
      key: path.key,
      display: path.parts,
      id: file.id ?? (before?.kind === "file" ? before.id : this.#newId()),
      rev: this.#newRev(),
      content: file.content,
      clientModifiedMs: wholeSeconds(file.clientModifiedMs ?? nowMs),
      serverModifiedMs: wholeSeconds(nowMs),
      traits: file.traits ?? {},
    };
    if (before !== undefined) this.#unlink(before);
    this.#link(entry);
    this.#revisions.set(entry.rev, entry);
    return entry;
  }

  makeFolder(path: StorePath, traits: FolderTraits = {}, id = this.#newId()): FolderEntry {
    this.#makeParents(path);
    const entry: FolderEntry = {
      kind: "folder",
      name: nameOf(path),
      key: path.key,
      display: path.parts,
      id,
      traits,
    };
    this.#link(entry);
    return entry;
  }

  /** Removes an entry and all below it. Children are recorded first, so that the folder's own deletion is the last. */
  remove(entry: LiveEntry): void {
    const all = [entry, ...this.below(entry.key)].reverse();
    for (const gone of all) {
      this.#unlink(gone);
      this.journal.record({
        kind: "deleted",
        name: gone.name,
        key: gone.key,
        display: gone.display,
        deletedMs: this.clock.nowMs(),
      });
    }
  }

  /** Copies an entry with all below it; ids are new, client_modified stays. */
  copy(entry: LiveEntry, to: StorePath): LiveEntry {
    return this.#transplant(entry, [...this.below(entry.key)], to, false);
  }

  /** Moves an entry with all below it; ids stay, revisions are new. */
  move(entry: LiveEntry, to: StorePath): LiveEntry {
    const moved = [...this.below(entry.key)];
    this.remove(entry);
    return this.#transplant(entry, moved, to, true);
  }

  /** Changes only the case of a name; deltas do not tell. */
  respell(entry: LiveEntry, to: StorePath): LiveEntry {
    const respelt = { ...entry, name: nameOf(to), display: to.parts };
    this.#live.set(entry.key, respelt);
    this.journal.amend(respelt);
    return respelt;
  }

  #transplant(top: LiveEntry, below: readonly LiveEntry[], to: StorePath, keepsIds: boolean): LiveEntry {
    const placed = this.#plant(top, to, keepsIds);
    for (const entry of below) {
      const rest = entry.display.slice(top.display.length, -1);
      this.#plant(entry, toStorePath([...to.parts, ...rest, entry.name]), keepsIds);
    }
    return placed;
  }

  #plant(entry: LiveEntry, to: StorePath, keepsIds: boolean): LiveEntry {
    const id = keepsIds ? entry.id : undefined;
    if (entry.kind === "folder") return this.makeFolder(to, keepsIds ? entry.traits : {}, id);
    return this.putFile(to, { ...entry, id });
  }

  #makeParents(path: StorePath): void {
    const parent = parentOf(path);
    if (parent.key === "" || this.#live.has(parent.key)) return;
    this.makeFolder(parent);
  }

  #link(entry: LiveEntry): void {
    this.#live.set(entry.key, entry);
    this.#keyById.set(entry.id, entry.key);
    const parent = parentKey(entry.key);
    const siblings = this.#children.get(parent);
    if (siblings === undefined) this.#children.set(parent, new Set([entry.key]));
    else siblings.add(entry.key);
    if (entry.kind === "file") this.#usedBytes += entry.content.sizeBytes;
    this.journal.record(entry);
  }

  #unlink(entry: LiveEntry): void {
    this.#live.delete(entry.key);
    this.#children.get(parentKey(entry.key))?.delete(entry.key);
    if (entry.kind === "file") this.#usedBytes -= entry.content.sizeBytes;
  }

  #newId(): string {
    return `id:${this.chance.letters(22)}`;
  }

  #newRev(): string {
    this.#revisionCount += 1;
    return `0164c0ffee${this.#revisionCount.toString(16).padStart(13, "0")}`;
  }
}

/** How many entries an operation on `entry` touches. */
export function countTree(tree: Tree, entry: LiveEntry): number {
  let count = 1;
  for (const inside of tree.below(entry.key)) count += isInside(inside.key, entry.key) ? 1 : 0;
  return count;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
