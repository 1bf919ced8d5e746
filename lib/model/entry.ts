import type { ContentHash } from "./hash.js";
import type { SyncPath } from "./path.js";

/** A file as the scan saw it. */
export interface LocalFile {
  readonly kind: "file";
  /** NFC; the name on disk may be another normalisation of it. */
  readonly path: SyncPath;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** "device:inode". A rename keeps it. */
  readonly inode: string;
  /**
   * inode, modification time and change time in nanoseconds: equal stamps mean untouched content. Empty when the file
   * was touched so shortly before it was looked at that a later write could leave the same times ("racy").
   */
  readonly stamp: string;
}

export interface LocalFolder {
  readonly kind: "folder";
  readonly path: SyncPath;
  readonly inode: string;
}

/** A symbolic link, pipe, socket or device: seen, reported, never opened, and nothing below it is known. */
export interface LocalSpecial {
  readonly kind: "special";
  readonly path: SyncPath;
  readonly type: "symbolic link" | "pipe" | "socket" | "device";
}

export type LocalEntry = LocalFile | LocalFolder | LocalSpecial;

/** A file as the remote side shows it. */
export interface RemoteFile {
  readonly kind: "file";
  readonly path: SyncPath;
  /** Stays the same when the file is moved; undefined where the service has no such id. */
  readonly id: string | undefined;
  /** Changes with every write of the content (rev, eTag, stamp). Equal versions mean equal content. */
  readonly version: string | undefined;
  /** Undefined where the service does not say: then the hash and the version alone tell of the content. */
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number | undefined;
  /** Undefined when the listing does not show it; `Provider.hash` may still find it out. */
  readonly hash: ContentHash | undefined;
}

export interface RemoteFolder {
  readonly kind: "folder";
  readonly path: SyncPath;
  readonly id: string | undefined;
}

/** An entry that exists there but cannot be synchronised (a link, an online document): reported, and left alone. */
export interface RemoteSpecial {
  readonly kind: "special";
  readonly path: SyncPath;
  readonly type: string;
}

export type RemoteEntry = RemoteFile | RemoteFolder | RemoteSpecial;

/** What both sides agreed on for a file: what the local file was, and what the service stored. */
export interface BaseFile {
  readonly kind: "file";
  /** As the local side spells it. */
  readonly path: SyncPath;
  /** As the remote side spells it: may differ in case. */
  readonly remotePath: SyncPath;
  readonly local: {
    readonly sizeBytes: number;
    readonly modifiedMs: number;
    readonly inode: string;
    readonly stamp: string;
    /** Of the local bytes, in the provider's algorithm. */
    readonly hash: ContentHash;
  };
  readonly remote: {
    readonly id: string | undefined;
    readonly version: string | undefined;
    readonly sizeBytes: number | undefined;
    readonly modifiedMs: number | undefined;
    /** May differ from the local hash where the service alters content. */
    readonly hash: ContentHash | undefined;
  };
  /** The side on which this job itself put the file; "neither" when it was found on both. */
  readonly placed: "local" | "remote" | "neither";
}

export interface BaseFolder {
  readonly kind: "folder";
  readonly path: SyncPath;
  readonly remotePath: SyncPath;
  readonly inode: string;
  readonly remoteId: string | undefined;
  /** As in `BaseFile`. */
  readonly placed: "local" | "remote" | "neither";
}

export type BaseEntry = BaseFile | BaseFolder;

export type Side = "local" | "remote";

/** Something that could not be read or cannot be synchronised: unknown, *not* absent. */
export interface Problem {
  readonly side: Side;
  /** For people: may hold a name that is not a valid `SyncPath`. */
  readonly path: string;
  readonly code:
    | "unreadable" // permission or I/O error
    | "bad-name" // not valid UTF-8, or a hostile name from a service
    | "special" // link, pipe, socket, device, online document
    | "type-changed" // a link or device is where the other side has, or had, a file or folder: that is kept
    | "clash" // another name with the same key is synchronised instead
    | "refused-name"; // the other side never takes this name
  /** Whole sentence: what happened and what to do about it. */
  readonly message: string;
  /** The part of the tree that is unknown because of it; undefined when nothing below the root is affected. */
  readonly covers: { readonly path: SyncPath; readonly subtree: boolean } | "everything" | undefined;
}
