import type { LocalEntry, LocalFile, LocalFolder, Problem } from "../model/entry.js";
import type { Algorithms, ContentHash } from "../model/hash.js";
import type { SyncPath } from "../model/path.js";
import type { UploadContent } from "../../providers/provider.js";

/** Answers whether a path takes part; `isFolder` because patterns may end in "/". */
export interface PathFilter {
  includes(path: SyncPath, isFolder: boolean): boolean;
}

/** Everything found by one walk. */
export type ScanItem =
  { readonly kind: "entry"; readonly entry: LocalEntry } | { readonly kind: "problem"; readonly problem: Problem };

/** Where a download is written until it is complete. */
export interface PartialFile {
  /** Bytes already there from an earlier run; 0 for a new one. */
  readonly sizeBytes: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Throws away what is there and starts again from 0. */
  restart(): Promise<void>;
  /** Hash of everything written so far, in the algorithms it was opened with. */
  hash(): ContentHash;
  /** Whether it holds these very bytes: for contents that a weak hash cannot tell apart. */
  holds(content: Pick<UploadContent, "sizeBytes" | "read">): Promise<boolean>;
  /** Keeps what is there for a later run. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** A trashed version of a file or folder that `restore` can bring back. */
export interface TrashedEntry {
  readonly runId: string;
  readonly path: SyncPath;
  readonly kind: "file" | "folder";
  readonly sizeBytes: number;
}

/**
 * One folder on this machine as the engine and the `folder:` provider use it. Every path goes through a check that no component is
 * a symbolic link. Methods reject with `LocalError` only. "Seen" arguments are what the scan saw: a method rejects
 * with "changed" when the disk shows something else by now, and then has changed nothing.
 */
export interface Folder {
  readonly root: string;

  /** Rejects with `UsageError` when the root is missing or not a folder. Same folder, same answer: "device:inode". */
  identify(): Promise<string>;

  /** Whether names differing only by case are one file here. Asks the disk without writing to it; when it cannot tell: the platform's habit. */
  ignoresCase(): Promise<boolean>;

  /**
   * Every entry below the root, in no particular order, without `.trisync`. A folder that cannot be read is a problem that
   * covers its subtree; an entry that vanishes while the walk goes on is looked up again and then simply not there; a root that fails
   * or vanishes is a problem that covers everything.
   */
  scan(filter: PathFilter, signal: AbortSignal): AsyncIterable<ScanItem>;

  /** What is there right now; undefined when nothing is. */
  stat(path: SyncPath): Promise<LocalEntry | undefined>;

  hash(seen: LocalFile, algorithms: Algorithms, signal: AbortSignal): Promise<ContentHash>;

  /** Opens the file for uploading; `close` when done. `verify` rejects with "changed" if it was touched since it was seen. */
  content(seen: LocalFile): Promise<UploadContent & { verify(): Promise<void>; close(): Promise<void> }>;

  /**
   * The temporary file for a download; `key` is equal for equal content of one path, so that a later run can go on with it.
   * Rejects with "full" up front when `sizeBytes` does not fit.
   */
  openPartial(key: string, algorithms: Algorithms, sizeBytes: number | undefined): Promise<PartialFile>;

  /**
   * Makes the partial file appear at `path`: times set, synced, the replaced version moved to the trash, renamed into
   * place, folder synced. `replaces` is what must be there now; undefined: nothing. Missing parents are created.
   */
  commit(
    partial: PartialFile,
    path: SyncPath,
    modifiedMs: number | undefined,
    replaces: LocalFile | undefined,
  ): Promise<LocalFile>;

  /** Gives the file a second name without touching the first; rejects with "exists" rather than replacing anything. */
  copyTo(seen: LocalFile, path: SyncPath): Promise<LocalFile>;

  createFolder(path: SyncPath): Promise<LocalEntry>;

  /** Moves a file or folder with all its content; never replaces ("exists"). Missing parents are created. */
  move(seen: LocalEntry, to: SyncPath): Promise<LocalEntry>;

  /**
   * Makes sure that a power loss leaves what was seen where it is, for the case that a killed run put it there. Costs nothing for
   * what was changed minutes ago: by then systems have written it to the disk.
   */
  makeDurable(seen: LocalFile | LocalFolder): Promise<void>;

  /** Moves a file to this run's trash. One that is gone already is fine. */
  trashFile(seen: LocalFile): Promise<void>;

  /** Removes a folder that is empty but for ignored litter; "changed" when something else is in it. Gone already is fine. */
  removeFolder(path: SyncPath): Promise<void>;

  listTrash(): Promise<readonly TrashedEntry[]>;

  /** Brings a trashed file back; what is at its path now goes to this run's trash first. */
  restore(entry: TrashedEntry): Promise<void>;

  /**
   * Removes temporary files of dead runs (all but those kept by this run, and those that another job may be writing) and trash
   * older than `days`. Rejects with the reason of an aborted `signal`: there may be a lot to remove.
   */
  tidy(days: number, signal?: AbortSignal): Promise<void>;
}
