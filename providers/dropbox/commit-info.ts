import type { RemoteFile } from "../../lib/model/entry.js";

/** How and where content is to become a file. */
export interface CommitInfo {
  readonly path: string;
  readonly mode: "add" | { readonly ".tag": "update"; readonly update: string };
  readonly autorename: false;
  readonly mute: true;
  readonly strict_conflict: true;
  readonly client_modified?: string;
}

/**
 * Never forces anything: without a version to replace nothing may be there, and with one it must be exactly that one
 * (`strict_conflict` makes a deleted file a conflict too). So a commit can be repeated after a lost answer: what was
 * carried out already comes back as a conflict.
 */
export function toCommitInfo(path: string, modifiedMs: number, replaces: RemoteFile | undefined): CommitInfo {
  const version = replaces?.version;
  const clientModified = toTimestamp(modifiedMs);
  return {
    path,
    mode: version === undefined ? "add" : { ".tag": "update", update: version },
    autorename: false,
    mute: true,
    strict_conflict: true,
    ...(clientModified === undefined ? {} : { client_modified: clientModified }),
  };
}

/** The last second that has a four-digit year. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Whole seconds, as the service wants them; undefined for a time that it could not take. */
export function toTimestamp(modifiedMs: number): string | undefined {
  if (!(modifiedMs >= 0 && modifiedMs <= LAST_MS)) return undefined;
  return new Date(Math.floor(modifiedMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
