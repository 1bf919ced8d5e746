import { describe, expect, test } from "vitest";
import { assess } from "../../../lib/engine/assess.js";
import type { FileSides } from "../../../lib/engine/assess.js";
import type { BaseFile, LocalFile, RemoteFile } from "../../../lib/model/entry.js";
import { algorithmsOf, provesContent, type ContentHash } from "../../../lib/model/hash.js";
import { toSyncPath } from "../../../lib/model/path.js";

const PATH = toSyncPath("a");

/** All of one size: what differs is the stamp or version, and the time. */
function local(stamp: string, modifiedMs: number): LocalFile {
  return { kind: "file", path: PATH, sizeBytes: 5, modifiedMs, inode: "1:1", stamp };
}

function remote(version: string, modifiedMs: number | undefined, hash: ContentHash): RemoteFile {
  return { kind: "file", path: PATH, id: "i", version, sizeBytes: 5, modifiedMs, hash };
}

interface Times {
  readonly local: number;
  readonly remote: number | undefined;
}

function base(modifiedMs: Times, hash: ContentHash, verified: ContentHash): BaseFile {
  const { inode, sizeBytes, stamp } = local("s1", 0);
  const { id, version } = remote("v1", 0, hash);
  return {
    kind: "file",
    path: PATH,
    remotePath: PATH,
    local: { inode, sizeBytes, stamp, modifiedMs: modifiedMs.local, hash: verified },
    remote: { id, version, sizeBytes, modifiedMs: modifiedMs.remote, hash },
    placed: "neither",
  };
}

/** What is decided where the hash proves that bytes are equal, and where it proves nothing (weak). */
type Row = readonly [
  title: string,
  here: readonly [stamp: string, modifiedMs: number],
  there: readonly [version: string, modifiedMs: number | undefined],
  proof: string,
  weak: string,
];

const WITH_TIMES: Times = { local: 1000, remote: 1000 };

const known: readonly Row[] = [
  ["untouched", ["s1", 1000], ["v1", 1000], "keep", "keep"],
  ["another stamp and the same time here", ["s2", 1000], ["v1", 1000], "record", "record"],
  ["another time here", ["s2", 1001], ["v1", 1000], "record", "upload"],
  ["another version and the same time there", ["s1", 1000], ["v2", 1000], "record", "record"],
  ["another time there", ["s1", 1000], ["v2", 1001], "record", "download"],
  ["other times on both sides, far from one another", ["s2", 9000], ["v2", 11_001], "record", "conflict"],
  ["other times on both sides, alike as far as they are kept", ["s2", 9000], ["v2", 11_000], "record", "record"],
];

const WITHOUT_TIMES: Times = { local: 1000, remote: undefined };

const knownWithoutTimes: readonly Row[] = [
  ["another version, and no times there", ["s1", 1000], ["v2", undefined], "record", "download"],
];

const unknown: readonly Row[] = [
  ["seen for the first time, of one time", ["s1", 1000], ["v1", 2000], "record", "record"],
  ["seen for the first time, of different times", ["s1", 1000], ["v1", 9000], "record", "conflict"],
  ["seen for the first time, of no time there", ["s1", 1000], ["v1", undefined], "record", "conflict"],
];

interface Hashes {
  readonly base: ContentHash;
  /** What was found out about the local content of then, where that is more. */
  readonly verified?: ContentHash;
  readonly local: ContentHash;
  readonly remote: ContentHash;
}

function decide(times: Times | undefined, [, here, there]: Row, hashes: Hashes): string {
  const agreed = times === undefined ? undefined : base(times, hashes.base, hashes.verified ?? hashes.base);
  const sides: FileSides = { base: agreed, local: local(...here), remote: remote(...there, hashes.remote) };
  const known = { local: hashes.local, remote: "unasked" } as const;
  const hashIsProof = algorithmsOf(hashes.remote).slice(0, 1).every(provesContent);
  const verdict = assess(sides, known, { mode: "two-way", rehash: false, hashIsProof });
  return "ask" in verdict ? verdict.ask : verdict.decision;
}

function expectDecisions(times: Times | undefined, row: Row): void {
  const [, , , proof, weak] = row;
  const decideWith = (hash: ContentHash): string => decide(times, row, { base: hash, local: hash, remote: hash });
  expect({
    proof: decideWith("sha256:00"),
    weak: decideWith("quickxor:00"),
    both: decideWith("quickxor:00 sha256:00"),
  }).toEqual({ proof, weak, both: proof });
}

describe("equal sizes and hashes", () => {
  test.each(known)("%s", (...row) => expectDecisions(WITH_TIMES, row));
  test.each(knownWithoutTimes)("%s", (...row) => expectDecisions(WITHOUT_TIMES, row));
  test.each(unknown)("%s", (...row) => expectDecisions(undefined, row));
});

describe("equal sizes and times, a checksum that is alike, and another hash that is not", () => {
  const [one, other] = ["quickxor:00 sha256:00", "quickxor:00 sha256:01"] as const;
  const touched: Row = ["", ["s2", 1000], ["v2", 1000], "", ""];

  test.each<readonly [title: string, times: Times | undefined, hashes: Hashes, decision: string]>([
    ["another content here", WITH_TIMES, { base: one, local: other, remote: one }, "upload"],
    ["another content there", WITH_TIMES, { base: one, local: one, remote: other }, "download"],
    ["another content on both sides", WITH_TIMES, { base: one, local: other, remote: other }, "record"],
    ["seen for the first time", undefined, { base: one, local: one, remote: other }, "conflict"],
    ["not listed any more", WITH_TIMES, { base: one, local: one, remote: "quickxor:00" }, "record"],
    ["verified before", WITH_TIMES, { base: "quickxor:00", verified: one, local: one, remote: other }, "download"],
    ["not listed before", WITH_TIMES, { base: "quickxor:00", local: one, remote: one }, "record"],
  ])("%s", (_title, times, hashes, decision) => {
    expect(decide(times, touched, hashes)).toBe(decision);
  });
});

test("the remote hash is asked for first, because it says what the local content has to be hashed with", () => {
  const sides = {
    base: undefined,
    local: local("s1", 1000),
    remote: { ...remote("v1", 1000, "quickxor:00"), hash: undefined },
  };
  const known = { local: "unasked", remote: "unasked" } as const;
  expect(assess(sides, known, { mode: "two-way", rehash: false, hashIsProof: false })).toEqual({ ask: "remote-hash" });
});
