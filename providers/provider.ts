import type { Readable } from "node:stream";
import type { Problem, RemoteEntry, RemoteFile, RemoteFolder } from "../lib/model/entry.js";
import type { ProviderError } from "../lib/model/errors.js";
import type { ContentHash, HashAlgorithm } from "../lib/model/hash.js";
import type { SyncPath } from "../lib/model/path.js";

/** What the service can do. The engine asks here; it never asks for a provider's name. */
export interface Capabilities {
  /** The hash the service knows its files by, and which downloads and comparisons use; besides others that it may list. */
  readonly hash: HashAlgorithm;
  /** Whether every listed file carries that hash; where not, `Provider.hash` finds it out. */
  readonly listsHash: boolean;
  /** Names that differ only by case are one file there. */
  readonly ignoresCase: boolean;
  /** False where the service never gives back the very bytes: then only `backup` and `outbox` make sense. */
  readonly canDownload: boolean;
  /** False where content never changes: `upload` then puts a new version beside the one it `replaces`, under the same name. */
  readonly canReplace: boolean;
  readonly canDelete: boolean;
  readonly canMove: boolean;
  /**
   * False where a folder is there only while it holds a file (an album): it comes with its first file and goes with its last. Then the
   * engine creates and deletes no folders there, and takes a missing one for an empty one. Those that exist are listed all the same.
   */
  readonly hasFolders: boolean;
  /** True where only photos and videos are taken: then other files beside them are told of once, and are no error in every run. */
  readonly onlyMedia?: boolean;
  /** A listing may be continued from a cursor. */
  readonly hasCursor: boolean;
  readonly keepsModified: boolean;
  /** What becomes of deleted and replaced files. */
  readonly trash: "service" | "own-folder" | "none";
  /** Transfers at once unless the user says otherwise. */
  readonly concurrency: number;
  /** Small files that `uploadBatch` takes in one call; undefined when there is no such call. */
  readonly batch: { readonly files: number; readonly fileBytes: number; readonly totalBytes: number } | undefined;
}

/** Who and what the remote root is. Two equal values are the same folder of the same account. */
export interface RootIdentity {
  readonly account: string;
  /** The id of the root folder; undefined while the folder does not exist yet. */
  readonly root: string | undefined;
}

export type RemoteChange =
  | { readonly kind: "entry"; readonly entry: RemoteEntry }
  /**
   * An explicit tombstone: the path and everything below it is gone. In a complete listing only for what the same listing has
   * shown there before.
   */
  | { readonly kind: "gone"; readonly path: SyncPath }
  /**
   * A file or folder has another path now, and everything below it went along. Only in continued listings of services that
   * name just the top of what was moved; what changed besides follows as an "entry".
   */
  | { readonly kind: "moved"; readonly from: SyncPath; readonly to: SyncPath }
  /** A path that exists there but is unknown: never taken for absent. */
  | { readonly kind: "problem"; readonly problem: Problem };

/**
 * One page. The first page says what the listing is: "full" starts from nothing, "changes" goes on from the cursor
 * that was handed in. `cursor` is where to go on after this page, undefined where there are no cursors.
 */
export interface ListingPage {
  readonly scope: "full" | "changes";
  readonly changes: readonly RemoteChange[];
  readonly cursor: string | undefined;
}

/** Bytes that can be read as often as needed: every attempt opens them anew. */
export interface UploadContent {
  readonly sizeBytes: number;
  /** Bytes [start, end) as a stream of chunks of about 1 MiB. Rejects with `LocalError` "changed" if the file did. */
  open(start: number, end: number): Readable;
  /** Bytes [start, end) in memory, in `into` if given, which is of that size; only for small files and parts. */
  read(start: number, end: number, into?: Buffer): Promise<Buffer>;
}

export interface Upload {
  readonly path: SyncPath;
  readonly content: UploadContent;
  readonly modifiedMs: number;
  /** The listed version to overwrite; undefined when nothing may be there yet. */
  readonly replaces: RemoteFile | undefined;
  /** Equal for equal content of one local file: lets a later run go on with a session begun earlier. */
  readonly resumeKey: string;
}

export interface Uploaded {
  /** What the service stored, as a listing will show it. */
  readonly entry: RemoteFile;
  /** Hash of the bytes that were sent, in the provider's algorithm, and in others that the service may list. */
  readonly sentHash: ContentHash;
  /** The folder that holds it, where folders come with their first file: so the base knows it before the next listing. */
  readonly folder?: RemoteFolder;
}

export interface RemoteMove {
  readonly entry: RemoteFile | RemoteFolder;
  readonly to: SyncPath;
}

/** What a run that closes its provider has come to. */
export interface Ending {
  /**
   * Every upload that was due was carried out, and nothing was skipped, unread, or left to a later run: what an earlier run began
   * and this one did not go on with, nobody will. Where the run could not tell, this is false.
   */
  readonly isAllUploaded: boolean;
}

/** What became of one of many. */
export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ProviderError };

/**
 * One account on one service, rooted at one folder. Paths are relative to that root. Every method rejects with
 * `ProviderError`, or with `LocalError` when the content handed in could not be read, and with nothing else;
 * an aborted `signal` rejects with its reason.
 */
export interface Provider {
  readonly capabilities: Capabilities;

  /**
   * Who and what the root is. Costs no request when the account was checked in an earlier run, unless `isAfresh` says that what is
   * remembered of the root does not count.
   */
  identify(signal: AbortSignal, isAfresh?: boolean): Promise<RootIdentity>;

  /**
   * Yields every entry below the root (without the root itself), in any order, or, given a cursor that still holds,
   * what changed since. Parents need not come before their children. Rejects rather than yielding a part: a listing
   * that ends without an error is complete. A root that does not exist yet yields one empty "full" page.
   */
  list(cursor: string | undefined, signal: AbortSignal): AsyncIterable<ListingPage>;

  /** What is at the path right now; undefined only when the service says that nothing is. */
  stat(path: SyncPath, signal: AbortSignal): Promise<RemoteEntry | undefined>;

  /** The file's hash where the listing had none; undefined when the service cannot tell. Rejects with "changed". */
  hash(file: RemoteFile, signal: AbortSignal): Promise<ContentHash | undefined>;

  /** The content from byte `start` on. Rejects with "changed" or "not-found" if it is no longer the listed version. */
  download(file: RemoteFile, start: number, signal: AbortSignal): Promise<Readable>;

  /**
   * Stores the content and resolves once the service has confirmed the bytes by hash or size. The file appears whole or
   * not at all; missing parents are created. Rejects with "changed" if another version than `replaces` is there now.
   */
  upload(upload: Upload, signal: AbortSignal): Promise<Uploaded>;

  /** As `upload` for many small files with few requests; results in the order given. Only with `capabilities.batch`. */
  uploadBatch(uploads: readonly Upload[], signal: AbortSignal): Promise<readonly Attempt<Uploaded>[]>;

  /** Creates folders, parents first as given. One that exists already is fine. */
  createFolders(paths: readonly SyncPath[], signal: AbortSignal): Promise<readonly Attempt<RemoteFolder>[]>;

  /**
   * Moves files and folders with all their content. Never overwrites: "changed" if the target is taken, "not-found" if the source is gone.
   * Resolves to the entry at its new place. A move that changes only the case of a name works everywhere.
   */
  move(moves: readonly RemoteMove[], signal: AbortSignal): Promise<readonly Attempt<RemoteFile | RemoteFolder>[]>;

  /**
   * Moves files to the service's trash, and removes folders only while they are empty ("changed" if one is not).
   * An entry that is gone already is fine; a file that is no longer the listed version is "changed".
   */
  delete(entries: readonly (RemoteFile | RemoteFolder)[], signal: AbortSignal): Promise<readonly Attempt<void>[]>;

  /** Why the service would never take a file of this name and size, as a sentence; undefined when it would. */
  refusal(path: SyncPath, sizeBytes: number): string | undefined;

  /** What the service counts: HTTP requests so far in this run (0 for a folder on this machine). */
  requests(): number;

  /**
   * Ends connections; tidies what this run left on the remote side (old trash), and, where `ending` says that nobody will go on with
   * them, what earlier runs did (abandoned uploads). Without `ending` those are left alone.
   */
  close(signal: AbortSignal, ending?: Ending): Promise<void>;
}
