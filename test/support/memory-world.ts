import { createHasher } from "../../lib/hash/hasher.js";
import type { RemoteEntry, RemoteFile } from "../../lib/model/entry.js";
import { provesContent, type ContentHash, type HashAlgorithm } from "../../lib/model/hash.js";
import { joinPath, nameOf, parentOf, rebasePath, toSyncPath } from "../../lib/model/path.js";
import type { SyncPath } from "../../lib/model/path.js";
import { NOON } from "./builders.js";

export interface WorldOptions {
  readonly algorithm?: HashAlgorithm;
  /** Another hash that the listing shows besides. */
  readonly alsoLists?: HashAlgorithm;
  /** Whether it shows both of every content, or of some of them only one or the other. */
  readonly listsBoth?: "always" | "sometimes";
  readonly ignoresCase?: boolean;
  /** Without folders, only files are kept, and paths are mere names. */
  readonly hasFolders?: boolean;
  /** Whether replaced and deleted files can be looked up in `trash`. */
  readonly hasTrash?: boolean;
  /** What a deleted folder leaves in the log: a tombstone of its own, or one for everything in it as well. */
  readonly tombstones?: "one" | "each";
  /** False: the root folder is made by the first write. */
  readonly exists?: boolean;
  /** Stamps edits made without a time of their own. */
  readonly now?: () => number;
}

export interface StoredFile {
  readonly kind: "file";
  readonly path: SyncPath;
  readonly id: string;
  readonly version: string;
  readonly bytes: Buffer;
  readonly hash: ContentHash;
  readonly modifiedMs: number;
}

export interface StoredFolder {
  readonly kind: "folder";
  readonly path: SyncPath;
  readonly id: string;
}

export type StoredEntry =
  StoredFile | StoredFolder | { readonly kind: "special"; readonly path: SyncPath; readonly type: string };

/** A version that was replaced or deleted. */
export interface TrashedVersion {
  readonly path: SyncPath;
  readonly content: string;
  readonly version: string;
  readonly why: "replaced" | "deleted";
}

export type LoggedChange =
  | {
      readonly kind: "entry";
      readonly entry: StoredEntry;
      /** Its folder was moved, and it went along. */
      readonly isAlong: boolean;
    }
  | {
      readonly kind: "gone";
      readonly path: SyncPath;
      /** What was deleted; undefined when it only went elsewhere. */
      readonly deletedId: string | undefined;
    };

/**
 * A folder in a cloud that exists in memory only. Several providers may share one, as machines share an account; its own methods
 * are edits by yet another client, which no provider hears of before it lists.
 */
export class MemoryWorld {
  readonly algorithm: HashAlgorithm;
  /** Whether different contents are expected to have the same hash of the provider's algorithm. */
  readonly hasCollisions: boolean;
  /** Whether a hash that is always listed tells them apart. */
  readonly hasProof: boolean;
  /** What uploads are hashed with. */
  readonly algorithms: readonly [HashAlgorithm, ...HashAlgorithm[]];
  readonly ignoresCase: boolean;
  readonly hasFolders: boolean;
  readonly trash: TrashedVersion[] = [];
  /** Everything that happened, oldest first. A cursor is a place in here. */
  readonly log: LoggedChange[] = [];
  accountId = "account";
  rootId: string | undefined;
  /** Cursors of an earlier era no longer hold. */
  era = 1;
  readonly #entries = new Map<string, StoredEntry>();
  readonly #hidden = new Map<string, StoredEntry | undefined>();
  readonly #options: WorldOptions;
  #counter = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.algorithm = options.algorithm ?? "sha256";
    this.hasCollisions = !provesContent(this.algorithm);
    this.algorithms = [this.algorithm, ...(options.alsoLists === undefined ? [] : [options.alsoLists])];
    this.hasProof = this.algorithms.some(provesContent) && options.listsBoth !== "sometimes";
    this.ignoresCase = options.ignoresCase ?? false;
    this.hasFolders = options.hasFolders ?? true;
    this.rootId = options.exists === false ? undefined : "root";
  }

  /** The same account once more; what happens to one leaves the other alone. */
  copy(now: NonNullable<WorldOptions["now"]>): MemoryWorld {
    const twin = new MemoryWorld({ ...this.#options, now });
    for (const [key, entry] of this.#entries) twin.#entries.set(key, entry);
    for (const [key, entry] of this.#hidden) twin.#hidden.set(key, entry);
    twin.trash.push(...this.trash);
    twin.log.push(...this.log);
    twin.#counter = this.#counter;
    return Object.assign(twin, { accountId: this.accountId, rootId: this.rootId, era: this.era });
  }

  keyOf(path: string): string {
    return this.ignoresCase ? path.toLowerCase().normalize("NFC") : path;
  }

  get(path: string): StoredEntry | undefined {
    return this.#entries.get(this.keyOf(path));
  }

  /** The file at the path; throws when there is none, which in a test is a mistake. */
  file(path: string): StoredFile {
    const found = this.get(path);
    if (found?.kind !== "file") throw new Error(`no file at ${path}`);
    return found;
  }

  all(): readonly StoredEntry[] {
    return [...this.#entries.values()];
  }

  /** Paths with content as text; folders end in "/" and have none; specials show their type. Sorted by path. */
  tree(): Readonly<Record<string, string>> {
    const rows = this.all().map((entry): readonly [string, string] => {
      if (entry.kind === "folder") return [`${entry.path}/`, ""];
      return [entry.path, entry.kind === "file" ? entry.bytes.toString() : `<${entry.type}>`];
    });
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Stores a file, replacing what is there; missing folders are made. */
  write(path: string, content: string | Buffer, modifiedMs = this.#options.now?.() ?? NOON): StoredFile {
    const at = this.#place(toSyncPath(path));
    const old = this.get(at);
    if (old?.kind === "folder") throw new Error(`${path} is a folder`);
    if (old !== undefined) this.#throwAway(old, "replaced");
    const bytes = Buffer.from(content);
    const stored: StoredFile = {
      kind: "file",
      path: old?.path ?? at,
      id: old?.kind === "file" ? old.id : `id${this.#next()}`,
      version: `v${this.#next()}`,
      bytes,
      hash: hashOf(bytes, this.#listed()),
      modifiedMs,
    };
    this.#put(stored);
    return stored;
  }

  makeFolder(path: string): StoredFolder {
    const at = this.#place(toSyncPath(path));
    const old = this.get(at);
    if (old?.kind === "folder") return old;
    if (old !== undefined) throw new Error(`${path} is no folder`);
    const folder: StoredFolder = { kind: "folder", path: at, id: `id${this.#next()}` };
    this.#put(folder);
    return folder;
  }

  /** A link or an online document: there, but not to be synchronised. */
  makeSpecial(path: string, type = "online document"): void {
    this.#put({ kind: "special", path: this.#place(toSyncPath(path)), type });
  }

  /** Deletes a file, or a folder with everything in it. */
  delete(path: string): void {
    const entry = this.get(path);
    if (entry === undefined) throw new Error(`nothing at ${path}`);
    for (const below of entry.kind === "folder" ? this.#below(entry.path) : []) {
      this.#throwAway(below, "deleted");
      this.#entries.delete(this.keyOf(below.path));
      if (this.#options.tombstones === "each") this.#logGone(below);
    }
    this.#throwAway(entry, "deleted");
    this.#entries.delete(this.keyOf(entry.path));
    this.#logGone(entry);
  }

  /** Moves a file, or a folder with everything in it, to a free path or to another case of its own name. */
  move(from: string, to: string): StoredEntry {
    const entry = this.get(from);
    if (entry === undefined) throw new Error(`nothing at ${from}`);
    const below = entry.kind === "folder" ? this.#below(entry.path) : [];
    const target = this.#place(toSyncPath(to));
    for (const { path } of [entry, ...below]) this.#entries.delete(this.keyOf(path));
    this.log.push({ kind: "gone", path: entry.path, deletedId: undefined });
    const moved = { ...entry, path: target };
    this.#put(moved);
    for (const child of below) this.#put({ ...child, path: rebasePath(child.path, entry.path, target) }, true);
    return moved;
  }

  hasChildren(path: SyncPath): boolean {
    return this.#below(path).length > 0;
  }

  /** Listings go on showing what they showed of this path (an old state, or nothing) until `reveal`. */
  freezeListing(path: string): void {
    this.#hidden.set(this.keyOf(path), this.get(path));
  }

  reveal(path: string): void {
    this.#hidden.delete(this.keyOf(path));
    const entry = this.get(path);
    const gone = { kind: "gone", path: toSyncPath(path), deletedId: undefined } as const;
    this.log.push(entry === undefined ? gone : { kind: "entry", entry, isAlong: false });
  }

  /** What a full listing shows. */
  listed(): readonly StoredEntry[] {
    const frozen = [...this.#hidden.values()].filter((entry) => entry !== undefined);
    return [...this.all().filter(({ path }) => !this.isFrozen(path)), ...frozen];
  }

  isFrozen(path: SyncPath): boolean {
    return this.#hidden.has(this.keyOf(path));
  }

  /** The account says that cursors no longer hold. */
  resetCursors(): void {
    this.era += 1;
  }

  /** Somebody deleted the root folder and made a new one of the same name. */
  replaceRoot(): void {
    for (const entry of this.all()) if (parentOf(entry.path) === undefined) this.delete(entry.path);
    this.rootId = `root${this.#next()}`;
    this.resetCursors();
  }

  /** Contents of everything that can be brought back for the path. */
  trashed(path: string): readonly string[] {
    return this.trash.filter((version) => this.keyOf(version.path) === this.keyOf(path)).map(({ content }) => content);
  }

  /** The path as it will be stored: existing folders keep their spelling, missing ones are made. */
  #place(path: SyncPath): SyncPath {
    this.rootId ??= `root${this.#next()}`;
    const parent = parentOf(path);
    if (parent === undefined || !this.hasFolders) return path;
    return joinPath(this.makeFolder(parent).path, nameOf(path));
  }

  #put(entry: StoredEntry, isAlong = false): void {
    this.#entries.set(this.keyOf(entry.path), entry);
    this.log.push({ kind: "entry", entry, isAlong });
  }

  #logGone(entry: StoredEntry): void {
    this.log.push({ kind: "gone", path: entry.path, deletedId: entry.kind === "special" ? undefined : entry.id });
  }

  #below(path: SyncPath): readonly StoredEntry[] {
    return this.all().filter((entry) => this.keyOf(entry.path).startsWith(`${this.keyOf(path)}/`));
  }

  #throwAway(entry: StoredEntry, why: TrashedVersion["why"]): void {
    if (entry.kind !== "file" || this.#options.hasTrash === false) return;
    this.trash.push({ path: entry.path, content: entry.bytes.toString(), version: entry.version, why });
  }

  #listed(): MemoryWorld["algorithms"] {
    const [own, also = own] = this.algorithms;
    if (this.#options.listsBoth !== "sometimes") return this.algorithms;
    const choices = [this.algorithms, [own], [also]] as const;
    return choices[this.#counter % choices.length] ?? this.algorithms;
  }

  #next(): number {
    return ++this.#counter;
  }
}

export function hashOf(bytes: Buffer, algorithms: MemoryWorld["algorithms"]): ContentHash {
  const hasher = createHasher(...algorithms);
  hasher.update(bytes);
  return hasher.digest();
}

export interface Shown {
  readonly withHash: boolean;
  readonly withModified: boolean;
}

export function toRemoteFile(file: StoredFile, { withHash, withModified }: Shown): RemoteFile {
  return {
    kind: "file",
    path: file.path,
    id: file.id,
    version: file.version,
    sizeBytes: file.bytes.length,
    modifiedMs: withModified ? file.modifiedMs : undefined,
    hash: withHash ? file.hash : undefined,
  };
}

export function toRemoteEntry(entry: StoredEntry, shown: Shown): RemoteEntry {
  return entry.kind === "file" ? toRemoteFile(entry, shown) : { ...entry };
}
