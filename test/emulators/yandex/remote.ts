import { collectAll } from "../shared/bytes.js";
import type { Account } from "./accounts.js";
import { type Content, contentInMemory, generatedContent } from "./content.js";
import { type Entry, type File, partsOf, type Properties, walk } from "./entries.js";
import type { Edit } from "./faults.js";
import type { Operation } from "./operations.js";
import { fromTestPath, toTestPath } from "./paths.js";
import type { World } from "./world.js";

/** A file as a test sees it. */
export interface RemoteFile {
  readonly path: string;
  readonly id: string;
  readonly revision: number;
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
  readonly modified: Date;
  readonly properties: Properties | null | undefined;
  read(): Promise<Buffer>;
}

/**
 * The account's files as another client would change them: at once, without requests, limits or faults; folders on the way
 * are made. What is still under way is let happen first. Paths start with "/" and are relative to the root of the Disk.
 */
export class Remote {
  readonly #locks = new Map<string, Operation>();

  constructor(
    readonly account: Account,
    private readonly world: World,
  ) {}

  /** Contents of files by path, null for folders. */
  seed(files: Readonly<Record<string, Buffer | string | null>>): void {
    for (const [path, content] of Object.entries(files)) {
      if (content === null) this.mkdir(path);
      else this.write(path, content);
    }
  }

  write(path: string, content: Buffer | string, properties?: Properties): RemoteFile {
    return this.#put(path, contentInMemory(Buffer.from(content)), properties);
  }

  /** A large file whose bytes are made up again at every reading. */
  writeGenerated(path: string, sizeBytes: number, seed = 1): RemoteFile {
    return this.#put(path, generatedContent(sizeBytes, seed), undefined);
  }

  mkdir(path: string): void {
    this.#disk.makeFolders(fromTestPath(path));
  }

  /** To the trash, as the web site does it. */
  delete(path: string): void {
    this.#disk.remove(this.#entry(path), false);
  }

  move(from: string, to: string): void {
    const parts = fromTestPath(to);
    this.#disk.makeFolders(parts.slice(0, -1));
    this.#disk.move(fromTestPath(from), parts, true);
  }

  setProperties(path: string, properties: Properties | null): void {
    this.#disk.patch(this.#entry(path), properties);
  }

  stat(path: string): RemoteFile | undefined {
    const entry = this.#disk.find(fromTestPath(path));
    return entry?.kind === "file" ? describe(entry, path) : undefined;
  }

  async read(path: string): Promise<Buffer> {
    const file = this.stat(path);
    if (file === undefined) throw new Error(`no file at ${path}`);
    return await file.read();
  }

  /** Everything that is there, by path: the bytes of files, null for folders. Lets happen what is under way. */
  async tree(): Promise<Record<string, Buffer | null>> {
    const tree: Record<string, Buffer | null> = {};
    for (const entry of this.#all()) {
      const bytes = entry.kind === "file" ? await collectAll(entry.content) : null;
      tree[toTestPath(partsOf(entry))] = bytes;
    }
    return tree;
  }

  /** As `tree`, with the SHA-256 in place of the bytes. */
  hashes(): Record<string, string | null> {
    const entries = this.#all().map((entry): [string, string | null] => [
      toTestPath(partsOf(entry)),
      entry.kind === "file" ? entry.content.sha256 : null,
    ]);
    return Object.fromEntries(entries);
  }

  /** The files in the trash, by the path that they were deleted from. */
  trash(): readonly RemoteFile[] {
    this.world.schedule.settleAll();
    return this.#disk.trash
      .all()
      .flatMap(({ entry, originParts }) =>
        [...walk(entry)].flatMap((one) =>
          one.kind === "file" ? [describe(one, toTestPath([...originParts, ...partsOf(one)]))] : [],
        ),
      );
  }

  /** What an overwrite or a permanent delete took away for good. */
  gone(): readonly { readonly path: string; readonly sha256: string; read(): Promise<Buffer> }[] {
    this.world.schedule.settleAll();
    return this.#disk.gone.map(({ path, content }) => ({
      path,
      sha256: content.sha256,
      read: () => collectAll(content),
    }));
  }

  /** Answers every write at, in or above the path with 423, until `unlock`. */
  lock(path: string): void {
    this.#locks.set(path, this.world.operations.open(this.account.uid, [fromTestPath(path)]));
  }

  unlock(path: string): void {
    const operation = this.#locks.get(path);
    if (operation !== undefined) operation.status = "success";
  }

  get #disk(): Account["disk"] {
    this.world.schedule.settle();
    return this.account.disk;
  }

  #put(path: string, content: Content, properties: Properties | undefined): RemoteFile {
    const parts = fromTestPath(path);
    this.#disk.makeFolders(parts.slice(0, -1));
    const file = this.#disk.putFile(parts, content, true);
    // Long ago, as far as the service is concerned: only uploads by request are followed by trouble.
    file.uploadedMs = 0;
    if (properties !== undefined) file.properties = properties;
    return describe(file, path);
  }

  #all(): readonly Entry[] {
    this.world.schedule.settleAll();
    return [...walk(this.account.disk.root)].slice(1);
  }

  #entry(path: string): Entry {
    const entry = this.#disk.find(fromTestPath(path));
    if (entry === undefined) throw new Error(`nothing at ${path}`);
    return entry;
  }
}

/** Another client's changes to the account that sign-ins open. */
export function makeEdits(world: World, edits: readonly Edit[]): void {
  const account = world.accounts.get(world.tokens.signedInUid);
  if (account === undefined) return;
  const remote = new Remote(account, world);
  for (const edit of edits) {
    if (edit.kind === "write") remote.write(edit.path, edit.content);
    else if (edit.kind === "mkdir") remote.mkdir(edit.path);
    else if (edit.kind === "delete") remote.delete(edit.path);
    else remote.move(edit.from, edit.to);
  }
}

function describe(file: File, path: string): RemoteFile {
  const { content } = file;
  return {
    path,
    id: file.id,
    revision: file.revision,
    sizeBytes: content.sizeBytes,
    md5: content.md5,
    sha256: content.sha256,
    modified: new Date(file.modifiedMs),
    properties: file.properties,
    read: () => collectAll(content),
  };
}
