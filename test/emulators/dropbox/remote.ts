import { collectAll } from "../shared/bytes.js";
import type { Account, Denial } from "./accounts.js";
import { type Blob, blobInMemory, generatedBlob, wholeOf } from "./content.js";
import type { FileEntry, FileTraits, FolderTraits, LiveEntry } from "./entries.js";
import { isInside, lowerCase, type StorePath, toStorePath } from "./paths.js";

/** A file as a test sees it. */
export interface RemoteFile {
  /** Spelt with the true names of all folders. */
  readonly path: string;
  readonly id: string;
  readonly rev: string;
  readonly sizeBytes: number;
  readonly contentHash: string;
  readonly clientModified: Date;
  read(): Promise<Buffer>;
}

export interface WriteOptions extends FileTraits {
  readonly clientModified?: Date | undefined;
}

/**
 * The account's files as another client would change them: at once, without requests, limits or faults.
 * Paths start with "/" and are relative to the folder that the app sees as its root.
 */
export class Remote {
  constructor(
    readonly account: Account,
    private readonly root: () => StorePath,
    private readonly settleJobs: () => Promise<void>,
  ) {}

  write(path: string, content: Buffer | string, options: WriteOptions = {}): RemoteFile {
    return this.#put(path, blobInMemory(Buffer.from(content)), options);
  }

  /** A large file whose bytes are made up again at every reading. */
  writeGenerated(path: string, sizeBytes: number, seed = 1, options: WriteOptions = {}): RemoteFile {
    return this.#put(path, generatedBlob(sizeBytes, seed), options);
  }

  mkdir(path: string, traits: FolderTraits = {}): void {
    this.account.tree.makeFolder(this.#place(path), traits);
  }

  delete(path: string): void {
    this.account.tree.remove(this.#entry(path));
  }

  move(from: string, to: string): void {
    const place = this.#place(to);
    const entry = this.#entry(from);
    if (place.key === entry.key) this.account.tree.respell(entry, place);
    else this.account.tree.move(entry, place);
  }

  /** Brings a revision back, as the web site does. */
  restore(path: string, rev: string): RemoteFile {
    const { tree } = this.account;
    const revision = tree.byRev(rev);
    if (revision === undefined) throw new Error(`no revision ${rev}`);
    const { content, clientModifiedMs } = revision;
    return this.#describe(tree.putFile(this.#place(path), { content, clientModifiedMs }));
  }

  stat(path: string): RemoteFile | undefined {
    const entry = this.account.tree.get(this.#place(path).key);
    return entry?.kind === "file" ? this.#describe(entry) : undefined;
  }

  async read(path: string): Promise<Buffer> {
    const file = this.stat(path);
    if (file === undefined) throw new Error(`no file at ${path}`);
    return await file.read();
  }

  /** Everything that is there, by true path: the bytes of files, null for folders. Waits for batches that still run. */
  async tree(): Promise<Record<string, Buffer | null>> {
    await this.settleJobs();
    const tree: Record<string, Buffer | null> = {};
    for (const entry of this.#all()) {
      tree[this.#pathOf(entry.key)] = entry.kind === "file" ? await collectAll(entry.content) : null;
    }
    return tree;
  }

  /** As `tree`, with the content hash in place of the bytes. */
  async hashes(): Promise<Record<string, string | null>> {
    await this.settleJobs();
    const hashes: Record<string, string | null> = {};
    for (const entry of this.#all()) {
      hashes[this.#pathOf(entry.key)] = entry.kind === "file" ? entry.content.hash : null;
    }
    return hashes;
  }

  /** Every revision of this path, newest first, also when the file is gone. */
  revisions(path: string): readonly RemoteFile[] {
    const { key } = this.#place(path);
    return [...this.account.tree.revisions()]
      .filter((revision) => revision.key === key)
      .reverse()
      .map((revision) => this.#describe(revision));
  }

  /** Revisions that are no longer what stands at their path: replaced, deleted or moved away. All can be read. */
  deleted(): readonly RemoteFile[] {
    return [...this.account.tree.revisions()]
      .filter((revision) => revision.key !== this.root().key && isInside(revision.key, this.root().key))
      .filter((revision) => !this.#isCurrent(revision))
      .map((revision) => this.#describe(revision));
  }

  /** Lets every read or write at or below the path fail with this error tag, until `allow`. */
  deny(path: string, denial: Denial): void {
    this.account.denials.set(this.#place(path).key, denial);
  }

  allow(path: string): void {
    this.account.denials.delete(this.#place(path).key);
  }

  #put(path: string, blob: Blob, { clientModified, ...traits }: WriteOptions): RemoteFile {
    const clientModifiedMs = clientModified?.getTime();
    const content = wholeOf(blob);
    return this.#describe(this.account.tree.putFile(this.#place(path), { content, clientModifiedMs, traits }));
  }

  #all(): readonly LiveEntry[] {
    return [...this.account.tree.below(this.root().key)];
  }

  #isCurrent(revision: FileEntry): boolean {
    const now = this.account.tree.get(revision.key);
    return now?.kind === "file" && now.rev === revision.rev;
  }

  #describe(file: FileEntry): RemoteFile {
    const isLive = this.account.tree.get(file.key) !== undefined;
    return {
      path: isLive ? this.#pathOf(file.key) : `/${file.display.slice(this.root().parts.length).join("/")}`,
      id: file.id,
      rev: file.rev,
      sizeBytes: file.content.sizeBytes,
      contentHash: file.content.hash,
      clientModified: new Date(file.clientModifiedMs),
      read: () => collectAll(file.content),
    };
  }

  #pathOf(key: string): string {
    return `/${this.account.tree.trueParts(key).slice(this.root().parts.length).join("/")}`;
  }

  #entry(path: string): LiveEntry {
    const entry = this.account.tree.get(this.root().key + lowerCase(path));
    if (entry === undefined) throw new Error(`nothing at ${path}`);
    return entry;
  }

  #place(path: string): StorePath {
    if (!path.startsWith("/")) throw new Error(`a remote path starts with "/": ${path}`);
    const root = this.root();
    return toStorePath(path === "/" ? root.parts : [...root.parts, ...path.slice(1).split("/")]);
  }
}
