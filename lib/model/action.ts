import type { LocalEntry, LocalFile, LocalFolder, RemoteEntry, RemoteFile, RemoteFolder, Side } from "./entry.js";
import type { ContentHash } from "./hash.js";
import type { SyncPath } from "./path.js";

/** Why an action is planned; short fixed words, part of the NDJSON output. */
export type Reason =
  | "local-new"
  | "local-modified"
  | "local-deleted"
  | "local-moved"
  | "remote-new"
  | "remote-modified"
  | "remote-deleted"
  | "remote-moved"
  | "both-modified"
  | "both-new"
  | "same-content" // both sides hold the same bytes already
  | "touched" // times, ids or names changed, the bytes did not
  | "mirrored" // the target differs from the source, and the mode makes it follow
  | "missing-on-target" // gone from the target, and the mode puts it back
  | "replaced" // a file gives way to a folder or a folder to a file
  | "outbox";

interface Base {
  /** Where the outcome will be; for moves, the new path. */
  readonly path: SyncPath;
  readonly reason: Reason;
}

/** One thing to do. Each carries the versions it replaces, so that losing a race is noticed, never forced. */
export type Action =
  | (Base & {
      readonly kind: "upload";
      readonly local: LocalFile;
      /** The listed version to overwrite; undefined when nothing may be there. */
      readonly replaces: RemoteFile | undefined;
      /** `outbox`: the service holds these bytes at this path already, so nothing is sent. */
      readonly stored: RemoteFile | undefined;
      /** `outbox`: what has the file's own name there; should its bytes turn out to be the same, nothing is sent. */
      readonly sameAs?: RemoteFile;
      /** `outbox`: move the local file to the archive once the upload is verified. */
      readonly thenArchive: boolean;
    })
  | (Base & { readonly kind: "download"; readonly remote: RemoteFile; readonly replaces: LocalFile | undefined })
  | (Base & { readonly kind: "delete-remote"; readonly remote: RemoteFile | RemoteFolder })
  | (Base & {
      readonly kind: "delete-local";
      readonly local: LocalFile | LocalFolder;
      /** An explicit tombstone needs no second look; mere absence from a listing does (P4). */
      readonly proof: "tombstone" | "absence" | "mode";
    })
  | (Base & {
      readonly kind: "move-remote";
      readonly from: SyncPath;
      readonly remote: RemoteFile | RemoteFolder;
      readonly local: LocalFile | LocalFolder;
    })
  | (Base & {
      readonly kind: "move-local";
      readonly from: SyncPath;
      readonly local: LocalFile | LocalFolder;
      readonly remote: RemoteFile | RemoteFolder;
    })
  | (Base & { readonly kind: "create-folder-remote"; readonly local: LocalFolder })
  | (Base & { readonly kind: "create-folder-local"; readonly remote: RemoteFolder })
  | (Base & {
      readonly kind: "conflict";
      readonly about: "content";
      readonly local: LocalFile;
      readonly remote: RemoteFile;
      /** "both": the remote version keeps the path, the local one becomes `copy`. Else the loser goes to a trash. */
      readonly winner: "both" | Side;
      /** Where the local version is kept when both are. The path itself until a free name has been found. */
      readonly copy: SyncPath;
      /** An earlier run kept this very content under `copy` already, or another conflict of this run does. */
      readonly copyExists: boolean;
    })
  | (Base & {
      readonly kind: "conflict";
      readonly about: "name";
      /** The file is in the way of a folder of the same name on the other side: it becomes `copy` on both. */
      readonly file:
        { readonly side: "local"; readonly entry: LocalFile } | { readonly side: "remote"; readonly entry: RemoteFile };
      readonly copy: SyncPath;
    })
  | (Base & {
      readonly kind: "record";
      readonly local: LocalEntry;
      readonly remote: RemoteEntry;
      readonly hash: ContentHash | undefined;
      /** The path the base still has it under, when both sides moved it alike. */
      readonly from: SyncPath | undefined;
    })
  | (Base & { readonly kind: "forget" });

export type ActionKind = Action["kind"];

/** Kinds that appear in the output; "forget" only tidies the base. */
export type ReportedKind = Exclude<ActionKind, "forget">;

export type OutcomeStatus = "done" | "failed" | "skipped" | "changed-meanwhile";

/** What became of one action. */
export interface Outcome {
  readonly action: Action;
  readonly status: OutcomeStatus;
  readonly bytes: number;
  /** For people: what happened and what to do about it; undefined when done. */
  readonly message: string | undefined;
  /** Skipped for a reason that leaves both sides in step: no error, and nothing to do about it. */
  readonly isHarmless?: boolean;
}
