import type { Action } from "../model/action.js";
import type { BaseFile, LocalFile, LocalFolder, RemoteFile, RemoteFolder } from "../model/entry.js";
import type { ContentHash } from "../model/hash.js";
import { nameOf, toPathKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { Settlement } from "../state/types.js";

export type AgreedFile = Extract<Settlement, { readonly kind: "agreed" }> & { readonly base: BaseFile };

/** Both sides hold this file now. Made from what was verified, never from the plan. */
export function agreeOnFile(
  key: PathKey,
  file: {
    readonly local: LocalFile;
    readonly remote: RemoteFile;
    /** Of the local bytes. */
    readonly hash: ContentHash;
    readonly placed: BaseFile["placed"];
    readonly was: BaseFile | undefined;
  },
): AgreedFile {
  const { local, remote, hash, placed, was } = file;
  const base: BaseFile = {
    kind: "file",
    ...spellings(local.path, remote.path, was),
    local: { sizeBytes: local.sizeBytes, modifiedMs: local.modifiedMs, inode: local.inode, stamp: local.stamp, hash },
    remote: {
      id: remote.id,
      version: remote.version,
      sizeBytes: remote.sizeBytes,
      modifiedMs: remote.modifiedMs,
      hash: remote.hash,
    },
    placed,
  };
  return { kind: "agreed", key, base, remote };
}

/**
 * A side that was renamed by case alone while its content was synchronised keeps its old spelling in the base, so
 * that the next plan sees the rename and the other side follows.
 */
function spellings(
  local: SyncPath,
  remote: SyncPath,
  was: BaseFile | undefined,
): { readonly path: SyncPath; readonly remotePath: SyncPath } {
  if (was === undefined || nameOf(local) === nameOf(remote)) return { path: local, remotePath: remote };
  return { path: was.path, remotePath: was.remotePath };
}

export function agreeOnFolder(
  key: PathKey,
  folder: { readonly local: LocalFolder; readonly remote: RemoteFolder; readonly placed: BaseFile["placed"] },
): Settlement {
  const { local, remote, placed } = folder;
  const base = {
    kind: "folder",
    path: local.path,
    remotePath: remote.path,
    inode: local.inode,
    remoteId: remote.id,
    placed,
  } as const;
  return { kind: "agreed", key, base, remote };
}

export function forgetKey(key: PathKey, mirrorToo: boolean): Settlement {
  return { kind: "forgotten", key, mirrorToo };
}

/** A folder and everything below it has another name now. Where only its case changed, the key is the same, and the spelling another. */
export function rekey(
  action: Extract<Action, { readonly from: SyncPath | undefined }>,
  options: { readonly foldCase: boolean; readonly mirrorToo: boolean },
): readonly Settlement[] {
  if (action.from === undefined) return [];
  const from = { key: toPathKey(action.from, options.foldCase), path: action.from };
  const to = { key: toPathKey(action.path, options.foldCase), path: action.path };
  return from.path === to.path ? [] : [{ kind: "moved", from, to, mirrorToo: options.mirrorToo }];
}
