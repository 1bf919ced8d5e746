import { expect, test } from "vitest";
import { toTriples } from "../../../lib/engine/triple.js";
import type { BaseFile, Problem, RemoteFile } from "../../../lib/model/entry.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";

function remoteFile(path: string): RemoteFile {
  return { kind: "file", path: toSyncPath(path), id: path, version: "1", sizeBytes: 1, modifiedMs: 0, hash: undefined };
}

test("of two remote names with one key the one stays that was synchronised, however this side spells it", () => {
  const base: BaseFile = {
    kind: "file",
    path: toSyncPath("readme"),
    remotePath: toSyncPath("README"),
    local: { sizeBytes: 1, modifiedMs: 0, inode: "1:1", stamp: "1", hash: "sha256:00" },
    remote: { id: "README", version: "1", sizeBytes: 1, modifiedMs: 0, hash: "sha256:00" },
    placed: "neither",
  };
  const problems: Problem[] = [];
  const group = {
    key: toPathKey(base.path, true),
    base,
    locals: [],
    remotes: [remoteFile("README"), remoteFile("readme")],
  };
  const [triple] = toTriples([group], {
    filter: { includes: () => true },
    maxSizeBytes: undefined,
    isUnknown: () => false,
    report: (problem) => problems.push(problem),
  });
  expect(triple?.remote?.path).toBe("README");
  expect(problems).toMatchObject([{ side: "remote", code: "clash", path: "readme" }]);
});
