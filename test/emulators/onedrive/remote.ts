import { createHash } from "node:crypto";
import { collectAll } from "../shared/bytes.js";
import type { Account } from "./accounts.js";
import { type Blob, blobInMemory, type Content, contentOf, generatedBlob } from "./content.js";
import type { Denial, Drive } from "./drive.js";
import { cTagOf, eTagOf } from "./ids.js";
import type { Item, Traits } from "./items.js";
import { isPersonal } from "./kinds.js";
import { keyOf } from "./names.js";
import { rewrite } from "./office.js";

/** A file as a test sees it. */
export interface RemoteFile {
  readonly path: string;
  readonly id: string;
  readonly eTag: string;
  readonly cTag: string;
  readonly sizeBytes: number;
  /** As the service lists it, in base64. */
  readonly quickXorHash: string;
  /** fileSystemInfo's time. */
  readonly modified: Date;
  read(): Promise<Buffer>;
}

export interface WriteOptions extends Traits {
  readonly modified?: Date | undefined;
}

/**
 * A drive's files as another client would change them: at once, without requests, limits or faults.
 * Paths start with "/"; missing folders are made.
 */
export class Remote {
  constructor(readonly account: Account) {}

  get drive(): Drive {
    if (this.account.drive === undefined) throw new Error("this account has no drive");
    return this.account.drive;
  }

  write(path: string, content: Buffer | string, options: WriteOptions = {}): RemoteFile {
    const bytes = Buffer.from(content);
    const sha256 = isPersonal(this.drive.kind)
      ? createHash("sha256").update(bytes).digest("hex").toUpperCase()
      : undefined;
    return this.#put(path, { blob: blobInMemory(bytes), sha256 }, options);
  }

  /** A large file whose bytes are made up again at every reading. It lists no SHA-256. */
  writeGenerated(path: string, sizeBytes: number, seed = 1, options: WriteOptions = {}): RemoteFile {
    return this.#put(path, { blob: generatedBlob(sizeBytes, seed), sha256: undefined }, options);
  }

  mkdir(path: string): void {
    this.#folder(partsOf(path));
  }

  delete(path: string): void {
    this.drive.remove(this.#item(path));
  }

  move(from: string, to: string): void {
    const { parent, name } = this.#place(to);
    this.drive.move(this.#item(from), parent, name);
  }

  /** Sets the time as a client does, which on business drives makes a version. */
  touch(path: string, modified: Date): void {
    this.drive.setTimes(this.#item(path), { modifiedMs: modified.getTime() });
  }

  /** Brings back what was deleted last under this name. */
  restore(path: string): RemoteFile {
    const { parent, name } = this.#place(path);
    const item = this.drive
      .everything()
      .findLast((one) => one.isDeleted && one.parentId === parent.id && one.name === name);
    if (item === undefined) throw new Error(`nothing deleted at ${path}`);
    this.drive.restore(item, parent, name);
    return this.#describe(item);
  }

  /** A OneNote notebook: neither file nor folder. */
  addNotebook(path: string): void {
    const { parent, name } = this.#place(path);
    this.drive.addOther(parent, name, "package", {});
  }

  /** A shortcut to an item of another drive. */
  addShortcut(path: string, target: Remote, targetPath: string): void {
    const { parent, name } = this.#place(path);
    const itemId = target.#item(targetPath).id;
    this.drive.addOther(parent, name, "remote", { target: { driveId: target.drive.id, itemId } });
  }

  /** What the service itself does to Office files: other bytes, another hash, the same times. */
  rewriteOffice(path: string): RemoteFile {
    const item = this.#item(path);
    rewrite(this.drive, item);
    return this.#describe(item);
  }

  mark(path: string, traits: Pick<Traits, "isMalware" | "hasNoHash" | "listedSha256">): void {
    Object.assign(this.#item(path).traits, traits);
  }

  stat(path: string): RemoteFile | undefined {
    const item = this.#find(partsOf(path));
    return item?.kind === "file" ? this.#describe(item) : undefined;
  }

  /** The id of whatever stands there. */
  idOf(path: string): string {
    return this.#item(path).id;
  }

  async read(path: string): Promise<Buffer> {
    const file = this.stat(path);
    if (file === undefined) throw new Error(`no file at ${path}`);
    return await file.read();
  }

  /** Everything that is there, by path: the bytes of files, null for folders and all else. */
  async tree(): Promise<Record<string, Buffer | null>> {
    const tree: Record<string, Buffer | null> = {};
    for (const item of this.drive.below(this.drive.root)) {
      const { content } = item;
      tree[this.#pathOf(item)] = content === undefined ? null : await collectAll(content);
    }
    return tree;
  }

  /** As `tree`, with the hash in place of the bytes. */
  hashes(): Record<string, string | null> {
    const hashes: Record<string, string | null> = {};
    for (const item of this.drive.below(this.drive.root)) {
      hashes[this.#pathOf(item)] = item.content?.quickXorHash ?? null;
    }
    return hashes;
  }

  /** How many older versions the file at this path has. */
  versionCount(path: string): number {
    return this.#item(path).versions.length;
  }

  /** Contents that are no longer what stands at their path: replaced, or deleted. All can be brought back. */
  deleted(): readonly { readonly path: string; readonly quickXorHash: string; read(): Promise<Buffer> }[] {
    return this.drive.everything().flatMap((item) => {
      const old = item.versions.map(({ content }) => content);
      const gone = item.isDeleted && item.content !== undefined ? [...old, item.content] : old;
      return gone.map((content) => this.#describeContent(item, content));
    });
  }

  /** Lets every such request at or below the path fail like this, until `allow`. */
  deny(path: string, denial: Denial): void {
    this.drive.denials.set(keyOf(partsOf(path).join("/")), denial);
  }

  allow(path: string): void {
    this.drive.denials.delete(keyOf(partsOf(path).join("/")));
  }

  #put(
    path: string,
    { blob, sha256 }: { readonly blob: Blob; readonly sha256: string | undefined },
    { modified, ...traits }: WriteOptions,
  ): RemoteFile {
    const { parent, name } = this.#place(path);
    const file = { content: contentOf([blob]), sha256, modifiedMs: modified?.getTime() };
    const existing = this.drive.child(parent, name);
    if (existing === undefined) return this.#describe(this.drive.addFile(parent, name, { ...file, traits }));
    if (existing.kind !== "file") throw new Error(`${path} is a ${existing.kind}`);
    this.drive.setContent(existing, file);
    Object.assign(existing.traits, traits);
    return this.#describe(existing);
  }

  #describe(item: Item): RemoteFile {
    const { kind } = this.drive;
    const { content } = item;
    if (content === undefined) throw new Error(`${item.name} is no file`);
    return {
      ...this.#describeContent(item, content),
      id: item.id,
      eTag: eTagOf(kind, item, item.eTagVersion),
      cTag: cTagOf(kind, item, item.cTagVersion, false),
      sizeBytes: content.sizeBytes,
      modified: new Date(item.fsModifiedMs),
    };
  }

  #describeContent(item: Item, content: Content): Pick<RemoteFile, "path" | "quickXorHash" | "read"> {
    const { quickXorHash } = content;
    return { path: this.#pathOf(item), quickXorHash, read: () => collectAll(content) };
  }

  #pathOf(item: Item): string {
    return `/${this.drive.pathOf(item)}`;
  }

  #item(path: string): Item {
    const item = this.#find(partsOf(path));
    if (item === undefined) throw new Error(`nothing at ${path}`);
    return item;
  }

  #find(parts: readonly string[]): Item | undefined {
    let at: Item | undefined = this.drive.root;
    for (const part of parts) at = at === undefined ? undefined : this.drive.child(at, part);
    return at;
  }

  #place(path: string): { readonly parent: Item; readonly name: string } {
    const parts = partsOf(path);
    const name = parts.at(-1);
    if (name === undefined) throw new Error("the root cannot be put anywhere");
    return { parent: this.#folder(parts.slice(0, -1)), name };
  }

  #folder(parts: readonly string[]): Item {
    let at = this.drive.root;
    for (const part of parts) {
      const next = this.drive.child(at, part);
      if (next !== undefined && next.kind !== "folder") throw new Error(`${part} is no folder`);
      at = next ?? this.drive.addFolder(at, part);
    }
    return at;
  }
}

function partsOf(path: string): readonly string[] {
  if (!path.startsWith("/")) throw new Error(`a remote path starts with "/": ${path}`);
  return path === "/" ? [] : path.slice(1).split("/");
}
