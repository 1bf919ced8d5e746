import { describe, expect, test } from "vitest";
import { assess } from "../../../lib/engine/assess.js";
import type { FileSides } from "../../../lib/engine/assess.js";
import type { BaseFile, LocalFile, RemoteFile } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";

const PATH = toSyncPath("a");
const HASH = "quickxor:00" as const;

/** All of one size and one hash: what differs is the stamp or version, and the time. */
function local(stamp: string, modifiedMs: number): LocalFile {
  return { kind: "file", path: PATH, sizeBytes: 5, modifiedMs, inode: "1:1", stamp };
}

function remote(version: string, modifiedMs: number | undefined): RemoteFile {
  return { kind: "file", path: PATH, id: "i", version, sizeBytes: 5, modifiedMs, hash: HASH };
}

function base(modifiedMs: { readonly local: number; readonly remote: number | undefined }): BaseFile {
  const { inode, sizeBytes, stamp } = local("s1", 0);
  const { id, version } = remote("v1", 0);
  return {
    kind: "file",
    path: PATH,
    remotePath: PATH,
    local: { inode, sizeBytes, stamp, modifiedMs: modifiedMs.local, hash: HASH },
    remote: { id, version, sizeBytes, modifiedMs: modifiedMs.remote, hash: HASH },
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

const LISTED_WITH_TIMES = base({ local: 1000, remote: 1000 });

const known: readonly Row[] = [
  ["untouched", ["s1", 1000], ["v1", 1000], "keep", "keep"],
  ["another stamp and the same time here", ["s2", 1000], ["v1", 1000], "record", "record"],
  ["another time here", ["s2", 1001], ["v1", 1000], "record", "upload"],
  ["another version and the same time there", ["s1", 1000], ["v2", 1000], "record", "record"],
  ["another time there", ["s1", 1000], ["v2", 1001], "record", "download"],
  ["other times on both sides, far from one another", ["s2", 9000], ["v2", 11_001], "record", "conflict"],
  ["other times on both sides, alike as far as they are kept", ["s2", 9000], ["v2", 11_000], "record", "record"],
];

const LISTED_WITHOUT_TIMES = base({ local: 1000, remote: undefined });

const knownWithoutTimes: readonly Row[] = [
  ["another version, and no times there", ["s1", 1000], ["v2", undefined], "record", "download"],
];

const unknown: readonly Row[] = [
  ["seen for the first time, of one time", ["s1", 1000], ["v1", 2000], "record", "record"],
  ["seen for the first time, of different times", ["s1", 1000], ["v1", 9000], "record", "conflict"],
  ["seen for the first time, of no time there", ["s1", 1000], ["v1", undefined], "record", "conflict"],
];

function expectDecisions(agreed: BaseFile | undefined, [, here, there, proof, weak]: Row): void {
  const sides: FileSides = { base: agreed, local: local(...here), remote: remote(...there) };
  const decide = (hashIsProof: boolean): string => {
    const hashes = { local: HASH, remote: "unasked" } as const;
    const verdict = assess(sides, hashes, { mode: "two-way", rehash: false, hashIsProof });
    return "ask" in verdict ? verdict.ask : verdict.decision;
  };
  expect({ proof: decide(true), weak: decide(false) }).toEqual({ proof, weak });
}

describe("equal sizes and hashes", () => {
  test.each(known)("%s", (...row) => expectDecisions(LISTED_WITH_TIMES, row));
  test.each(knownWithoutTimes)("%s", (...row) => expectDecisions(LISTED_WITHOUT_TIMES, row));
  test.each(unknown)("%s", (...row) => expectDecisions(undefined, row));
});
