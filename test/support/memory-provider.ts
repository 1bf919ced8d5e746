import { Readable } from "node:stream";
import type { Problem, RemoteEntry, RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { LocalError, ProviderError } from "../../lib/model/errors.js";
import type { ProviderErrorCode } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { isBelow, parentOf } from "../../lib/model/path.js";
import type { SyncPath } from "../../lib/model/path.js";
import type {
  Attempt,
  Capabilities,
  ListingPage,
  Provider,
  RemoteChange,
  RemoteMove,
  RootIdentity,
  Upload,
  UploadContent,
  Uploaded,
} from "../../providers/provider.js";
import type { KnownItems } from "../../providers/context.js";
import { changesById } from "./changes-by-id.js";
import { noFaults } from "./memory-faults.js";
import type { MemoryFaults } from "./memory-faults.js";
import { hashOf, toRemoteEntry, toRemoteFile } from "./memory-world.js";
import type { MemoryWorld, Shown, StoredFile } from "./memory-world.js";

export type SideEffectKind = "upload" | "create-folder" | "move" | "delete";

/**
 * Called around everything that changes the world. Throwing "before" means that it did not happen; throwing "after", that it
 * did, and the answer was lost.
 */
export type SideEffectHook = (kind: SideEffectKind, path: SyncPath, phase: "before" | "after") => Promise<void> | void;

export interface MemoryProviderOptions {
  /** Hash algorithm, case and folders come from the world. */
  readonly capabilities?: Partial<Omit<Capabilities, "hash" | "ignoresCase" | "hasFolders">>;
  readonly onSideEffect?: SideEffectHook;
  /** Lets others run: awaited wherever a real provider would wait for the network. */
  readonly schedule?: () => Promise<void>;
  readonly pageEntries?: number;
  /** Content longer than this is read in parts. */
  readonly partBytes?: number;
  readonly refuses?: (path: SyncPath, sizeBytes: number) => string | undefined;
  /**
   * Continued listings name what changed by id, and what went along with a moved folder not at all: then this is asked where things
   * were.
   */
  readonly known?: KnownItems;
  /** Paths that every listing reports as unreadable, with all below them. */
  readonly unreadable?: readonly SyncPath[];
}

/** The reference for all providers: keeps every promise of the contract, with nothing behind it but a `MemoryWorld`. */
export class MemoryProvider implements Provider {
  readonly capabilities: Capabilities;
  readonly faults: MemoryFaults = noFaults();
  readonly #options: MemoryProviderOptions;
  #calls = 0;

  constructor(
    readonly world: MemoryWorld,
    options: MemoryProviderOptions = {},
  ) {
    this.#options = options;
    this.capabilities = {
      listsHash: true,
      canDownload: true,
      canReplace: true,
      canDelete: true,
      canMove: true,
      hasCursor: true,
      keepsModified: true,
      trash: "service",
      concurrency: 4,
      batch: { files: 100, fileBytes: 64 * 1024, totalBytes: 1024 * 1024 },
      ...options.capabilities,
      hash: world.algorithm,
      ignoresCase: world.ignoresCase,
      hasFolders: world.hasFolders,
    };
  }

  async identify(signal: AbortSignal): Promise<RootIdentity> {
    await this.#call(signal);
    return { account: this.world.accountId, root: this.world.rootId };
  }

  async *list(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<ListingPage> {
    let [pages, before] = [0, cursor];
    for (const page of this.#pages(cursor)) {
      await this.#call(signal);
      if (pages++ === this.faults.listFailsAfterPages) throw failure("unavailable", "list", "the connection broke");
      // A cursor must never be ahead of the changes that came with it.
      if (this.faults.emptyPages) yield { ...page, changes: [], cursor: page.scope === "full" ? page.cursor : before };
      yield page;
      before = page.cursor;
    }
  }

  async stat(path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined> {
    await this.#call(signal);
    const entry = this.world.get(path);
    return entry === undefined ? undefined : toRemoteEntry(entry, this.#shown(path));
  }

  async hash(file: RemoteFile, signal: AbortSignal): Promise<ContentHash | undefined> {
    await this.#call(signal);
    const stored = this.world.get(file.path);
    if (stored?.kind !== "file" || stored.version !== file.version) throw changed("hash", file.path);
    return this.faults.withoutHash.has(file.path) ? undefined : stored.hash;
  }

  async download(file: RemoteFile, start: number, signal: AbortSignal): Promise<Readable> {
    await this.#call(signal);
    const stored = this.world.get(file.path);
    if (stored === undefined) throw failure("not-found", "download", file.path);
    if (stored.kind !== "file" || stored.version !== file.version) throw changed("download", file.path);
    const end = Math.min(stored.bytes.length, this.faults.downloadsEndAfter ?? Infinity);
    return Readable.from(this.#send(stored.bytes.subarray(start, Math.max(start, end)), signal), { objectMode: false });
  }

  async upload(upload: Upload, signal: AbortSignal): Promise<Uploaded> {
    await this.#call(signal);
    return await this.#store(upload, signal);
  }

  async uploadBatch(uploads: readonly Upload[], signal: AbortSignal): Promise<readonly Attempt<Uploaded>[]> {
    if (this.capabilities.batch === undefined) throw new Error("this service takes no batches");
    await this.#call(signal);
    return await this.#each(uploads, signal, async (upload) => {
      try {
        return await this.#store(upload, signal);
      } catch (error) {
        if (!(error instanceof LocalError)) throw error;
        throw new ProviderError("changed", `upload ${upload.path}: ${error.message}`, { cause: error });
      }
    });
  }

  async createFolders(paths: readonly SyncPath[], signal: AbortSignal): Promise<readonly Attempt<RemoteFolder>[]> {
    await this.#call(signal);
    return await this.#each(paths, signal, async (path) => {
      if (!this.capabilities.hasFolders) throw failure("rejected", "create folder", path);
      return await this.#effect("create-folder", path, () => {
        const refusal = this.refusal(path, 0);
        if (refusal !== undefined) throw failure("rejected", "create folder", `${path}: ${refusal}`);
        this.#assertNoFileIn(path, "create folder");
        const there = this.world.get(path);
        if (there !== undefined && there.kind !== "folder") throw changed("create folder", path);
        return { ...this.world.makeFolder(path) };
      });
    });
  }

  async move(
    moves: readonly RemoteMove[],
    signal: AbortSignal,
  ): Promise<readonly Attempt<RemoteFile | RemoteFolder>[]> {
    await this.#call(signal);
    return await this.#each(moves, signal, async (move) => {
      if (!this.capabilities.canMove) throw failure("rejected", "move", move.to);
      return await this.#effect("move", move.to, () => this.#moveNow(move));
    });
  }

  async delete(
    entries: readonly (RemoteFile | RemoteFolder)[],
    signal: AbortSignal,
  ): Promise<readonly Attempt<void>[]> {
    await this.#call(signal);
    return await this.#each(entries, signal, async (entry) => {
      if (!this.capabilities.canDelete) throw failure("rejected", "delete", entry.path);
      await this.#effect("delete", entry.path, () => this.#deleteNow(entry));
    });
  }

  refusal(path: SyncPath, sizeBytes: number): string | undefined {
    return this.#options.refuses?.(path, sizeBytes);
  }

  requests(): number {
    return this.#calls;
  }

  async close(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async #call(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#calls += 1;
    const call = this.#calls;
    await this.#pause(signal);
    if (this.faults.isUnavailable) throw failure("unavailable", "request", "the service does not answer");
    if (call >= (this.faults.unauthorizedFromCall ?? Infinity))
      throw failure("unauthorized", "request", "token expired");
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await this.#options.schedule?.();
    signal.throwIfAborted();
  }

  async #effect<T>(kind: SideEffectKind, path: SyncPath, work: () => T): Promise<T> {
    const { onSideEffect } = this.#options;
    this.faults.beforeWrite?.(path);
    await onSideEffect?.(kind, path, "before");
    const result = work();
    await onSideEffect?.(kind, path, "after");
    return result;
  }

  async #each<A, T>(
    items: readonly A[],
    signal: AbortSignal,
    work: (item: A) => Promise<T>,
  ): Promise<readonly Attempt<T>[]> {
    const attempts: Attempt<T>[] = [];
    for (const item of items) {
      await this.#pause(signal);
      try {
        attempts.push({ ok: true, value: await work(item) });
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        attempts.push({ ok: false, error });
      }
    }
    return attempts;
  }

  #shown(path: string): Shown {
    const { listsHash, keepsModified } = this.capabilities;
    return { withHash: listsHash && !this.faults.withoutHash.has(path), withModified: keepsModified };
  }

  /** Made from what there is when the listing begins, so that writes meanwhile come with the next one. */
  #pages(cursor: string | undefined): Iterable<ListingPage> {
    const { world } = this;
    const era = `${world.era}:`;
    if (cursor?.startsWith(era) && this.capabilities.hasCursor)
      return this.#changesSince(Number(cursor.slice(era.length)));
    const entries = world.rootId === undefined ? [] : world.listed();
    const changes = entries.map((entry) => this.#toChange(entry));
    const shown = changes.slice(0, changes.length - this.faults.listLeavesOut);
    const at = this.capabilities.hasCursor && world.rootId !== undefined ? `${era}${world.log.length}` : undefined;
    const pages = cut(this.#doubled(shown), this.#options.pageEntries ?? 1000);
    return pages.map((page) => ({ scope: "full", changes: page, cursor: at }));
  }

  #changesSince(start: number): Iterable<ListingPage> {
    const { world } = this;
    const end = Math.max(start, world.log.length - this.faults.listingLag);
    const { known } = this.#options;
    if (known !== undefined) return this.#changesById(known, start, end);
    const size = this.#options.pageEntries ?? 1000;
    return cut(world.log.slice(start, end), size).map((events, i) => {
      const seen = events.filter((event) => !world.isFrozen(event.kind === "gone" ? event.path : event.entry.path));
      const changes = seen.map((event) => (event.kind === "gone" ? gone(event.path) : this.#toChange(event.entry)));
      const cursor = `${world.era}:${start + i * size + events.length}`;
      return { scope: "changes", changes: this.#doubled(changes), cursor };
    });
  }

  *#changesById(known: KnownItems, start: number, end: number): Generator<ListingPage> {
    const { world } = this;
    const before = `${world.era}:${start}`;
    for (const change of changesById(world.log.slice(start, end), world.all(), known)) {
      const shown = change.kind === "entry" ? this.#toChange(change.entry) : change;
      yield { scope: "changes", changes: this.#doubled([shown]), cursor: before };
    }
    yield { scope: "changes", changes: [], cursor: `${world.era}:${end}` };
  }

  #toChange(entry: Parameters<typeof toRemoteEntry>[0]): RemoteChange {
    const unreadable = this.#options.unreadable?.find((path) => entry.path === path || isBelow(entry.path, path));
    if (unreadable !== undefined) return { kind: "problem", problem: toProblem(unreadable) };
    return { kind: "entry", entry: toRemoteEntry(entry, this.#shown(entry.path)) };
  }

  #doubled(changes: readonly RemoteChange[]): readonly RemoteChange[] {
    return this.faults.duplicates ? changes.flatMap((change) => [change, change]) : changes;
  }

  async *#send(bytes: Buffer, signal: AbortSignal): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 65536) {
      await this.#pause(signal);
      yield Buffer.from(bytes.subarray(at, at + 65536));
    }
  }

  async #store(upload: Upload, signal: AbortSignal): Promise<Uploaded> {
    const { path, content, replaces } = upload;
    const refusal = this.refusal(path, content.sizeBytes);
    if (refusal !== undefined) throw failure("rejected", "upload", `${path}: ${refusal}`);
    if (replaces !== undefined && !this.capabilities.canReplace) throw failure("rejected", "upload", path);
    const sent = await this.#receive(content, signal);
    this.#assertRoom(path, sent.length);
    const stored = await this.#effect("upload", path, () => this.#storeNow(upload, sent));
    if (this.faults.ambiguousUploads > 0) {
      this.faults.ambiguousUploads -= 1;
      throw failure("unavailable", "upload", `${path}: the connection broke before the answer came`);
    }
    const isCut = this.faults.alterBytes === undefined && stored.bytes.length !== sent.length;
    if (isCut) throw failure("unavailable", "upload", `${path}: the service stored other bytes than were sent`);
    return { entry: toRemoteFile(stored, this.#shown(stored.path)), sentHash: hashOf(sent, this.world.algorithms) };
  }

  async #receive(content: UploadContent, signal: AbortSignal): Promise<Buffer> {
    const partBytes = this.#options.partBytes ?? 1024 * 1024;
    if (content.sizeBytes <= partBytes) {
      const whole = await content.read(0, content.sizeBytes);
      await this.#pause(signal);
      return Buffer.from(whole);
    }
    const received: Buffer[] = [];
    for (let start = 0; start < content.sizeBytes; start += partBytes) {
      for await (const chunk of content.open(start, Math.min(content.sizeBytes, start + partBytes))) {
        await this.#pause(signal);
        if (!(chunk instanceof Uint8Array)) throw new Error("content must be bytes");
        received.push(Buffer.from(chunk));
      }
    }
    const whole = Buffer.concat(received);
    if (whole.length === content.sizeBytes) return whole;
    throw new LocalError("changed", "the content is not as long as was said");
  }

  #assertRoom(path: SyncPath, sizeBytes: number): void {
    const { quotaBytes } = this.faults;
    if (quotaBytes === undefined) return;
    const used = this.world.all().reduce((sum, entry) => sum + (entry.kind === "file" ? entry.bytes.length : 0), 0);
    if (used + sizeBytes > quotaBytes) throw failure("quota", "upload", `${path}: the account is full`);
  }

  /** The look and the write are one step here, as with a service that knows conditional writes. */
  #storeNow({ path, replaces, modifiedMs }: Upload, sent: Buffer): StoredFile {
    const there = this.world.get(path);
    if (replaces === undefined) {
      if (there !== undefined) throw changed("upload", path);
    } else if (there?.kind !== "file" || there.version !== replaces.version) throw changed("upload", path);
    this.#assertNoFileIn(path, "upload");
    const altered = this.faults.alterBytes?.(sent) ?? sent;
    const isCut = this.faults.truncatedUploads > 0;
    if (isCut) this.faults.truncatedUploads -= 1;
    return this.world.write(path, isCut ? altered.subarray(0, -1) : altered, modifiedMs);
  }

  #assertNoFileIn(path: SyncPath, operation: string): void {
    if (!this.capabilities.hasFolders) return;
    for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
      const kind = this.world.get(parent)?.kind;
      if (kind === "file" || kind === "special") throw changed(operation, parent);
    }
  }

  #moveNow({ entry, to }: RemoteMove): RemoteFile | RemoteFolder {
    const { world } = this;
    const source = world.get(entry.path);
    if (source === undefined) throw failure("not-found", "move", entry.path);
    // As services do: whatever the file holds by now goes along.
    if (source.kind === "special" || source.kind !== entry.kind || source.id !== entry.id) {
      throw changed("move", entry.path);
    }
    const isOwnName = world.keyOf(to) === world.keyOf(entry.path) && to !== source.path;
    if (world.get(to) !== undefined && !isOwnName) throw changed("move", to);
    if (isBelow(to, entry.path)) throw failure("rejected", "move", `${entry.path} into itself`);
    const refusal = this.refusal(to, source.kind === "file" ? source.bytes.length : 0);
    if (refusal !== undefined) throw failure("rejected", "move", `${to}: ${refusal}`);
    this.#assertNoFileIn(to, "move");
    const moved = toRemoteEntry(world.move(entry.path, to), this.#shown(to));
    if (moved.kind === "special") throw changed("move", to);
    return moved;
  }

  #deleteNow(entry: RemoteFile | RemoteFolder): void {
    const there = this.world.get(entry.path);
    if (there === undefined) {
      if (this.#isElsewhere(entry)) throw changed("delete", entry.path);
      return;
    }
    const isSame =
      entry.kind === "file" ? there.kind === "file" && there.version === entry.version : there.kind === "folder";
    if (!isSame) throw changed("delete", entry.path);
    if (there.kind === "folder" && this.world.hasChildren(there.path)) throw changed("delete", entry.path);
    this.world.delete(entry.path);
  }

  /** What is known by id is not gone because it was moved. */
  #isElsewhere({ id }: RemoteFile | RemoteFolder): boolean {
    if (this.#options.known === undefined) return false;
    return this.world.all().some((other) => other.kind !== "special" && other.id === id);
  }
}

/** At least one page, since an empty listing is an answer too. */
function cut<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const pages: T[][] = [items.slice(0, size)];
  for (let at = size; at < items.length; at += size) pages.push(items.slice(at, at + size));
  return pages;
}

function gone(path: SyncPath): RemoteChange {
  return { kind: "gone", path };
}

function toProblem(path: SyncPath): Problem {
  const message = `${path} could not be read: the account may not look into it`;
  return { side: "remote", path, code: "unreadable", message, covers: { path, subtree: true } };
}

function failure(code: ProviderErrorCode, operation: string, what: string): ProviderError {
  return new ProviderError(code, `${operation} ${what}`);
}

function changed(operation: string, path: string): ProviderError {
  return failure("changed", operation, `${path}: not what was listed`);
}
