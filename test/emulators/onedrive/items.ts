import type { Content } from "./content.js";

/** A file, a folder, or one of the things that are neither. Deleted items stay as they were when they went. */
export interface Item {
  readonly id: string;
  readonly guid: string;
  readonly kind: "file" | "folder" | "package" | "remote";
  /** Undefined for the root alone. */
  parentId: string | undefined;
  name: string;
  /** What a file holds; undefined for all others. */
  content: Content | undefined;
  /** Listed on personal drives, where it was asked for. */
  sha256: string | undefined;
  /** Of a folder: the sum of all below. */
  sizeBytes: number;
  eTagVersion: number;
  cTagVersion: number;
  readonly createdMs: number;
  /** The server's time of the last change of any kind. */
  modifiedMs: number;
  fsCreatedMs: number;
  fsModifiedMs: number;
  isDeleted: boolean;
  readonly traits: Traits;
  /** Contents that stood here before, oldest first. */
  readonly versions: Version[];
  /** Where it has been, oldest first. The root has nothing here. */
  readonly lineage: Place[];
  /** When a file was uploaded, how often the service still rewrites it. */
  rewritesLeft: number;
}

/** Where an item is from the change of this number on; without a parent from its deletion on. */
export interface Place {
  readonly sequence: number;
  readonly parentId: string | undefined;
  readonly name: string;
}

export interface Version {
  readonly content: Content;
  readonly fsModifiedMs: number;
  readonly replacedMs: number;
}

export interface Traits {
  isMalware?: boolean | undefined;
  /** The file has no hash, as old files of business drives. */
  hasNoHash?: boolean | undefined;
  /** What is listed instead of the true one. */
  listedSha256?: string | undefined;
  /** Where a shortcut leads. */
  target?: { readonly driveId: string; readonly itemId: string } | undefined;
  /** The special folder it is, such as "approot". */
  specialFolder?: string | undefined;
  description?: string | undefined;
}

export interface Times {
  readonly createdMs?: number | undefined;
  readonly modifiedMs?: number | undefined;
}
