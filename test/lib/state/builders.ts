import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openJobState } from "../../../lib/state/job-state.js";
import type { JobState, MoveCandidate } from "../../../lib/state/types.js";
import type { Action, Reason } from "../../../lib/model/action.js";
import type {
  BaseFile,
  BaseFolder,
  LocalFile,
  LocalFolder,
  RemoteFile,
  RemoteFolder,
} from "../../../lib/model/entry.js";
import type { ContentHash } from "../../../lib/model/hash.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { PathKey } from "../../../lib/model/path.js";
import type { ListingPage, RemoteChange } from "../../../providers/provider.js";

/** A new directory that goes away with the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "trisync-test-"));
  onTestFinished(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/** A state of its own, closed with the test. */
export function openState(dir = tempDir()): JobState {
  const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
  onTestFinished(() => {
    state.close();
  });
  return state;
}

export function openPlan(dir: string, scratchDir = tempDir()) {
  return openJobState({ dir, mode: "plan", scratchDir });
}

export function openSync(dir: string) {
  return openJobState({ dir, mode: "sync", scratchDir: dir });
}

export function key(path: string): PathKey {
  return toPathKey(toSyncPath(path), false);
}

export function hashOf(content: string): ContentHash {
  return `sha256:${content}`;
}

interface Given {
  readonly size?: number;
  readonly inode?: string;
  readonly id?: string | undefined;
  readonly hash?: ContentHash | undefined;
  readonly stamp?: string;
}

export function localFile(
  path: string,
  { size = 1, inode = `1:${path}`, stamp = `stamp of ${path}` }: Given = {},
): LocalFile {
  return { kind: "file", path: toSyncPath(path), sizeBytes: size, modifiedMs: 1_000.5, inode, stamp };
}

export function localFolder(path: string, inode = `1:${path}`): LocalFolder {
  return { kind: "folder", path: toSyncPath(path), inode };
}

export function remoteFile(path: string, given: Given = {}): RemoteFile {
  const { size = 1 } = given;
  return {
    kind: "file",
    path: toSyncPath(path),
    id: "id" in given ? given.id : `id of ${path}`,
    version: "v1",
    sizeBytes: size,
    modifiedMs: 2_000,
    hash: "hash" in given ? given.hash : hashOf(path),
  };
}

export function remoteFolder(path: string, id: string | undefined = `id of ${path}`): RemoteFolder {
  return { kind: "folder", path: toSyncPath(path), id };
}

export function baseFile(path: string, given: Given = {}): BaseFile {
  const { inode, sizeBytes, modifiedMs, stamp } = localFile(path, given);
  const remote = remoteFile(path, given);
  return {
    kind: "file",
    path: toSyncPath(path),
    remotePath: toSyncPath(path),
    local: { inode, sizeBytes, modifiedMs, stamp, hash: given.hash ?? hashOf(path) },
    remote: {
      id: remote.id,
      version: remote.version,
      sizeBytes: remote.sizeBytes,
      modifiedMs: remote.modifiedMs,
      hash: remote.hash,
    },
    placed: "neither",
  };
}

export function baseFolder(path: string, { inode = `1:${path}`, id = `id of ${path}` }: Given = {}): BaseFolder {
  return { kind: "folder", path: toSyncPath(path), remotePath: toSyncPath(path), inode, remoteId: id, placed: "local" };
}

/** Both sides agree on these files and folders ("name/" is a folder). */
export function agree(state: JobState, ...entries: readonly (BaseFile | BaseFolder)[]): void {
  state.settle(
    entries.map((base) => ({
      kind: "agreed",
      key: key(base.path),
      base,
      remote:
        base.kind === "folder"
          ? { kind: "folder", path: base.remotePath, id: base.remoteId }
          : { kind: "file", path: base.remotePath, ...base.remote },
    })),
  );
}

export function upload(path: string, given: Given = {}, reason: Reason = "local-new"): Action {
  return {
    kind: "upload",
    path: toSyncPath(path),
    reason,
    local: localFile(path, given),
    replaces: undefined,
    stored: undefined,
    thenArchive: false,
  };
}

export function download(path: string, given: Given = {}): Action {
  return {
    kind: "download",
    path: toSyncPath(path),
    reason: "remote-new",
    remote: remoteFile(path, given),
    replaces: undefined,
  };
}

export function deleteRemote(path: string): Action {
  return { kind: "delete-remote", path: toSyncPath(path), reason: "local-deleted", remote: remoteFile(path) };
}

export function deleteLocal(path: string): Action {
  return {
    kind: "delete-local",
    path: toSyncPath(path),
    reason: "remote-deleted",
    local: localFile(path),
    proof: "absence",
  };
}

/** Plans the action under its own path, with the base file that a deletion is about. */
export function plan(state: JobState, action: Action, was?: BaseFile): void {
  state.plan.add(1, key(action.path), action, was);
}

export function fullPage(changes: readonly RemoteChange[], cursor?: string): ListingPage {
  return { scope: "full", changes, cursor };
}

export function changesPage(changes: readonly RemoteChange[], cursor?: string): ListingPage {
  return { scope: "changes", changes, cursor };
}

export function listed(entry: RemoteFile | RemoteFolder): RemoteChange {
  return { kind: "entry", entry };
}

export function gone(path: string): RemoteChange {
  return { kind: "gone", path: toSyncPath(path) };
}

export async function* pages(...all: readonly ListingPage[]): AsyncGenerator<ListingPage> {
  await Promise.resolve();
  yield* all;
}

export function keysOf(rows: Iterable<{ readonly key: PathKey }>): string[] {
  return [...rows].map((row) => row.key.replaceAll("\u0001", "/"));
}

export function mirrored(state: JobState): string[] {
  return [...state.mirror.rows()].map(({ entry }) => `${entry.kind} ${entry.path}`);
}

export function movesOf(candidates: Iterable<MoveCandidate>): string[] {
  return [...candidates].map(({ from, to }) => `${from} -> ${to}`.replaceAll("\u0001", "/"));
}

/** A state whose mirror shows these files and folders ("name/" is a folder), with the cursor "c1"; all of them are in the base. */
export async function openAgreed(...paths: readonly string[]): Promise<JobState> {
  const state = openState();
  const entries = paths.map((path) => (path.endsWith("/") ? remoteFolder(path.slice(0, -1)) : remoteFile(path)));
  await state.mirror.take(pages(fullPage(entries.map(listed), "c1")), false);
  agree(state, ...entries.map(({ kind, path }) => (kind === "folder" ? baseFolder(path) : baseFile(path))));
  return state;
}
