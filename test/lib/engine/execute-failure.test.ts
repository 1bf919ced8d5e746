import { expect, test } from "vitest";
import { createFailureMemory } from "../../../lib/engine/execute-failure.js";
import type { Action } from "../../../lib/model/action.js";
import type { LocalFile, RemoteFile } from "../../../lib/model/entry.js";
import { LocalError, ProviderError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";

const CHANGED = new ProviderError("changed", "the file has been changed since it was listed");
const REJECTED = new ProviderError("rejected", "the service does not take it");

function remoteFile(path: string, sizeBytes = 1): RemoteFile {
  return { kind: "file", path: toSyncPath(path), id: path, version: "1", sizeBytes, modifiedMs: 0, hash: undefined };
}

function localFile(path: string, sizeBytes = 1): LocalFile {
  return { kind: "file", path: toSyncPath(path), sizeBytes, modifiedMs: 0, inode: "1:1", stamp: "1|1|1" };
}

function download(path: string): Action {
  return {
    kind: "download",
    path: toSyncPath(path),
    reason: "remote-new",
    remote: remoteFile(path),
    replaces: undefined,
  };
}

function upload(path: string, sizeBytes: number): Action {
  const local = localFile(path, sizeBytes);
  const rest = { replaces: undefined, stored: undefined, thenArchive: false };
  return { kind: "upload", path: local.path, reason: "local-new", local, ...rest };
}

function deletion(path: string, sizeBytes = 1): Action {
  return {
    kind: "delete-remote",
    path: toSyncPath(path),
    reason: "local-deleted",
    remote: remoteFile(path, sizeBytes),
  };
}

function folderMove(from: string, to: string): Action {
  const entries = {
    local: { kind: "folder", path: toSyncPath(from), inode: "1:2" },
    remote: { kind: "folder", path: toSyncPath(to), id: "f" },
  } as const;
  return { kind: "move-local", path: toSyncPath(to), from: toSyncPath(from), reason: "remote-moved", ...entries };
}

test("deletions beside a transfer that changed meanwhile are planned again with it", () => {
  const memory = createFailureMemory();
  memory.note(download("d/a"), CHANGED);
  expect(memory.blocks(deletion("d/b"))?.status).toBe("changed-meanwhile");
  expect(memory.blocks(deletion("e/b"))).toBeUndefined();
});

test("beside a transfer that failed they are skipped, whatever else changed there", () => {
  for (const errors of [
    [CHANGED, REJECTED],
    [REJECTED, CHANGED],
  ]) {
    const memory = createFailureMemory();
    for (const error of errors) memory.note(download("d/a"), error);
    expect(memory.blocks(deletion("d/b"))?.status).toBe("skipped");
  }
});

test("what builds on a move waits like the move, however long the chain", () => {
  const memory = createFailureMemory();
  memory.note(folderMove("d", "e"), new LocalError("changed", "it changed"));
  const next = folderMove("f", "e/in");
  const block = memory.blocks(next);
  expect(block?.status).toBe("changed-meanwhile");
  expect(block?.message).toContain("waits for e,");
  if (block !== undefined) memory.blocked(next, block);
  expect(memory.blocks(download("f/a"))?.status).toBe("changed-meanwhile");
});

test("what waits for a folder names the nearest that is missing", () => {
  const memory = createFailureMemory();
  for (const path of ["d", "d/e"]) memory.note(folderMove("f", path), REJECTED);
  expect(memory.blocks(download("d/e/x/y"))?.message).toContain("waits for d/e,");
  expect(memory.blocks(download("d/ex"))?.message).toContain("waits for d,");
  expect(memory.blocks(download("dx"))).toBeUndefined();
});

test("a deletion that may be half of a rename waits like the upload of the same size", () => {
  const memory = createFailureMemory();
  memory.note(upload("new", 7), CHANGED);
  expect(memory.blocks(deletion("d/old", 7))?.status).toBe("changed-meanwhile");
  memory.note(upload("other", 7), REJECTED);
  expect(memory.blocks(deletion("d/old", 7))?.status).toBe("skipped");
  expect(memory.blocks(deletion("d/old", 8))).toBeUndefined();
});
