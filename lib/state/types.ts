import type { Action, ActionKind } from "../model/action.js";
import type { BaseEntry, BaseFile, LocalEntry, Problem, RemoteEntry } from "../model/entry.js";
import type { ContentHash } from "../model/hash.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { ListingPage } from "../../providers/provider.js";

/** A half-open range of keys, [from, to); undefined ends are open. */
export interface KeyRange {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface Row<T> {
  readonly key: PathKey;
  readonly entry: T;
}

/** What the mirror knows of a remote path: an entry, or that the service itself said it is gone. */
export type MirrorEntry = RemoteEntry | { readonly kind: "gone"; readonly path: SyncPath };

/** A folder or file that seems to have been renamed on one side since the base was written. */
export interface MoveCandidate {
  readonly from: PathKey;
  readonly to: PathKey;
}

/** One step of the plan in the order of execution. */
export interface PlannedStep {
  readonly sequence: number;
  readonly stage: number;
  readonly key: PathKey;
  readonly action: Action;
  /** What the base knew under this key when the step was planned; its own key may be another while a folder is being renamed. */
  readonly was: BaseFile | undefined;
}

/** One change to the base, applied together with its twins in the mirror. */
export type Settlement =
  /** Both sides agree on this entry. */
  | { readonly kind: "agreed"; readonly key: PathKey; readonly base: BaseEntry; readonly remote: RemoteEntry }
  /** Neither side is tracked at this key any more; also drops a tombstone. `mirrorToo`: the remote entry was deleted by us. */
  | { readonly kind: "forgotten"; readonly key: PathKey; readonly mirrorToo: boolean }
  /**
   * `from` and everything below it is now found below `to`, in the base; and in the mirror too when we moved the remote side
   * (`mirrorToo`), so that it does not show the old place until the next listing. Rows already at `to` are replaced. Both may be
   * one key: then only the spelling changes.
   */
  | {
      readonly kind: "moved";
      readonly from: { readonly key: PathKey; readonly path: SyncPath };
      readonly to: { readonly key: PathKey; readonly path: SyncPath };
      readonly mirrorToo: boolean;
    };

/** What a run came to; the totals are those of the NDJSON summary. */
export interface RunTotals {
  readonly uploaded: number;
  readonly downloaded: number;
  readonly deletedLocal: number;
  readonly deletedRemote: number;
  readonly movedLocal: number;
  readonly movedRemote: number;
  readonly conflicts: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly skipped: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly requests: number;
}

export interface RunRecord {
  /** Sorts by time and names the run's trash folder: "20260301T093000Z-1a2b". */
  readonly id: string;
  readonly startedMs: number;
  /** Undefined while it runs, and for ever when it was killed. */
  readonly finishedMs: number | undefined;
  readonly exitCode: number | undefined;
  readonly totals: RunTotals | undefined;
  /** First line of why it did not end with 0. */
  readonly message: string | undefined;
}

/** Facts about the job that change rarely. Values are JSON. */
export interface JobFacts {
  get(name: FactName): string | undefined;
  /** `undefined` removes it. */
  set(name: FactName, value: string | undefined): void;
}

export type FactName =
  | "local-root" // identity of the local root when the base was last written
  | "remote-root" // identity of the remote root, likewise
  | "cursor" // where the mirror's listing goes on
  | "fold-case" // whether keys are folded
  | "generation"; // grows with every run that changed the base: makes approvals one-time

/** A provider's own small memory in this job (sessions to resume, accounts already checked). Survives runs. */
export interface ProviderMemory {
  get(name: string): string | undefined;
  /** `undefined` removes it. Durable before it returns. */
  set(name: string, value: string | undefined): void;
  /** All names that start with `prefix`, with their values. */
  entries(prefix: string): readonly (readonly [name: string, value: string])[];
}

/** What the jobs of one state directory share, whose runs may be at work at the same time. */
export interface SharedState {
  /**
   * Runs `work` while no other run does so under the same name, and waits for its turn first. The kernel ends the turn of a process
   * that dies. Rejects with "unavailable" where the turn does not come, and with the reason of an aborted `signal`.
   */
  inTurn<T>(name: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Replaces the note by what `change` makes of it, while no other run can. Durable before it returns the new one. */
  update(name: string, change: (note: string | undefined) => string): string;
}

/**
 * What one job remembers, and the scratch tables of the run at hand. One SQLite connection, one writer.
 * Scratch tables live in a file of their own that is emptied when the state is opened and removed when it is closed.
 * Iterators read lazily, in key order, and may be open while other tables are written.
 */
export interface JobState {
  readonly facts: JobFacts;
  readonly memory: ProviderMemory;
  readonly base: {
    rows(range?: KeyRange): Iterable<Row<BaseEntry>>;
    get(key: PathKey): BaseEntry | undefined;
    countFiles(): number;
  };
  readonly mirror: {
    rows(range?: KeyRange): Iterable<Row<MirrorEntry>>;
    get(key: PathKey): MirrorEntry | undefined;
    /**
     * The file or folder with this id of the service. While `take` takes in a complete listing, only what its pages showed
     * so far counts.
     */
    find(id: string): { readonly kind: "file" | "folder"; readonly path: SyncPath } | undefined;
    /**
     * Takes in a listing. "changes" pages are applied one transaction each together with their cursor; "full" pages are
     * gathered aside and replace the mirror in one transaction when the listing has ended, so that a listing that
     * fails half-way leaves mirror and cursor as they were. Tombstones apply to the path and everything below it, and are
     * kept only for keys that the base knows. A "moved" takes the row and all below it to the new path, replaces what was there, and leaves such tombstones at the old one. Within one listing a later entry for a key replaces an earlier one of the same path;
     * entries of different paths with one key are both kept, as a clash. Where an entry of a "changes" page has the id of
     * another mirrored folder's path, nothing is moved along: the service reports children itself.
     * Returns the problems found on the way.
     */
    take(pages: AsyncIterable<ListingPage>, foldCase: boolean): Promise<readonly Problem[]>;
    /** True when there was no full listing in this run's `take`, nor an earlier one: nothing is known. */
    isEmpty(): boolean;
  };
  readonly scan: {
    add(key: PathKey, entry: LocalEntry): void;
    rows(range?: KeyRange): Iterable<Row<LocalEntry>>;
    get(key: PathKey): LocalEntry | undefined;
    countFiles(): number;
    clear(): void;
  };
  /** Hashes of local files that are not (yet) in the base, found again by key and stamp. */
  readonly hashes: {
    get(key: PathKey, stamp: string): ContentHash | undefined;
    put(key: PathKey, stamp: string, hash: ContentHash): void;
  };
  readonly moves: {
    /** Folders of the base that are gone from the side, with a new folder of the same inode or id there. Parents first. */
    folders(side: "local" | "remote"): Iterable<MoveCandidate>;
    /**
     * Planned deletions on one side paired with planned creations of the same content: by the local inode with equal size, or by
     * remote id, or, where `by.hash` says so, by equal known hash. Each key appears at most once; sure matches (inode, id) come first.
     */
    files(side: "local" | "remote", by: { readonly hash: boolean }): Iterable<MoveCandidate>;
    /** New local files planned for upload that are as large as a file planned to be deleted remotely, and not hashed yet. */
    suspects(): Iterable<{ readonly key: PathKey }>;
    /** Files that are planned to be deleted remotely, and had this inode here. */
    lostWith(inode: string): readonly PathKey[];
  };
  readonly plan: {
    /** `was` is kept with the step, and is what `moves.files` and `moves.suspects` go by. */
    add(stage: number, key: PathKey, action: Action, was: BaseFile | undefined): void;
    /** All planned actions of one key, or none. */
    get(key: PathKey): readonly PlannedStep[];
    remove(sequence: number): void;
    /** By stage, then in key order (`descending` stages: reversed, children before their folder). */
    steps(stage: number, order?: "ascending" | "descending"): Iterable<PlannedStep>;
    count(kinds: readonly ActionKind[]): number;
    clear(): void;
  };
  /** Applies settlements in one durable transaction. */
  settle(settlements: readonly Settlement[]): void;
  /** Drops the base and the mirror: the next plan is a first run. */
  forgetEverything(): void;
  readonly runs: {
    begin(run: Pick<RunRecord, "id" | "startedMs">): void;
    finish(run: RunRecord): void;
    /** Newest first. */
    latest(limit: number): readonly RunRecord[];
  };
  close(): void;
}

/** A base file as `settle` stores it; exported for tests that build one. */
export type { BaseFile };
