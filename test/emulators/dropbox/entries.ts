import type { Content } from "./content.js";

interface Named {
  /** The last component, in its true case. */
  readonly name: string;
  /** Lower-cased path below the account's root: the identity of the entry. */
  readonly key: string;
  /** The components as some request wrote them; only the last one is sure. */
  readonly display: readonly string[];
}

export interface FileEntry extends Named {
  readonly kind: "file";
  readonly id: string;
  readonly rev: string;
  readonly content: Content;
  readonly clientModifiedMs: number;
  readonly serverModifiedMs: number;
  readonly traits: FileTraits;
}

/** Rare properties of files, set by tests only. */
export interface FileTraits {
  /** A Paper or Google document: listed, but not downloadable. */
  readonly exportAs?: string | undefined;
  readonly symlinkTarget?: string | undefined;
  readonly isReadOnly?: boolean | undefined;
}

export interface FolderEntry extends Named {
  readonly kind: "folder";
  readonly id: string;
  readonly traits: FolderTraits;
}

export interface FolderTraits {
  readonly sharedFolderId?: string | undefined;
  readonly parentSharedFolderId?: string | undefined;
  readonly isReadOnly?: boolean | undefined;
  readonly traverseOnly?: boolean | undefined;
  readonly noAccess?: boolean | undefined;
}

export interface DeletedEntry extends Named {
  readonly kind: "deleted";
  readonly deletedMs: number;
}

export type LiveEntry = FileEntry | FolderEntry;
export type AnyEntry = LiveEntry | DeletedEntry;
