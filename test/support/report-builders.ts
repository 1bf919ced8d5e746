import type { RunSummary } from "../../lib/engine/types.js";
import type { Action, Outcome, OutcomeStatus } from "../../lib/model/action.js";
import type { LocalFile, RemoteFile } from "../../lib/model/entry.js";
import { toSyncPath } from "../../lib/model/path.js";
import type { RunTotals } from "../../lib/state/types.js";

function localFile(path: string, sizeBytes = 12): LocalFile {
  return { kind: "file", path: toSyncPath(path), sizeBytes, modifiedMs: 0, inode: "1:1", stamp: "s" };
}

function remoteFile(path: string, sizeBytes = 12): RemoteFile {
  return {
    kind: "file",
    path: toSyncPath(path),
    id: "id",
    version: "v",
    sizeBytes,
    modifiedMs: 0,
    hash: undefined,
  };
}

export function upload(path: string, sizeBytes = 12): Action {
  const local = localFile(path, sizeBytes);
  return {
    kind: "upload",
    path: local.path,
    reason: "local-new",
    local,
    replaces: undefined,
    stored: undefined,
    thenArchive: false,
  };
}

export function download(path: string, sizeBytes = 12): Action {
  const remote = remoteFile(path, sizeBytes);
  return { kind: "download", path: remote.path, reason: "remote-new", remote, replaces: undefined };
}

export function deleteLocal(path: string): Action {
  const local = localFile(path);
  return { kind: "delete-local", path: local.path, reason: "remote-deleted", local, proof: "tombstone" };
}

export function moveRemote(from: string, to: string): Action {
  const local = localFile(to);
  const remote = remoteFile(from);
  return { kind: "move-remote", path: local.path, reason: "local-moved", from: remote.path, local, remote };
}

export function conflict(path: string, copy: string): Extract<Action, { about: "content" }> {
  const local = localFile(path, 5);
  return {
    kind: "conflict",
    about: "content",
    path: local.path,
    reason: "both-modified",
    local,
    remote: remoteFile(path, 7),
    winner: "both",
    copy: toSyncPath(copy),
    copyExists: false,
  };
}

export function record(path: string): Action {
  const local = localFile(path);
  return {
    kind: "record",
    path: local.path,
    reason: "same-content",
    local,
    remote: remoteFile(path),
    hash: undefined,
    from: undefined,
  };
}

export function forget(path: string): Action {
  return { kind: "forget", path: toSyncPath(path), reason: "local-deleted" };
}

export function outcome(action: Action, status: OutcomeStatus = "done", message?: string): Outcome {
  return { action, status, bytes: status === "done" ? 12 : 0, message };
}

export function totals(changes: Partial<RunTotals> = {}): RunTotals {
  return {
    uploaded: 0,
    downloaded: 0,
    deletedLocal: 0,
    deletedRemote: 0,
    movedLocal: 0,
    movedRemote: 0,
    conflicts: 0,
    unchanged: 41,
    failed: 0,
    skipped: 0,
    bytesUp: 0,
    bytesDown: 0,
    requests: 3,
    ...changes,
  };
}

export function summary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    ...totals(),
    planId: "p1",
    seconds: 0.8,
    exitCode: 0,
    refusal: undefined,
    budgetReached: false,
    failure: undefined,
    ...changes,
  };
}
