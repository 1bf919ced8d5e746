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

interface Case {
  readonly title: string;
  readonly sides: FileSides;
  /** What is decided where the hash proves that bytes are equal, and where it proves nothing. */
  readonly proof: string;
  readonly weak: string;
}

const BASE = base({ local: 1000, remote: 1000 });

const cases: readonly Case[] = [
  {
    title: "untouched",
    sides: { base: BASE, local: local("s1", 1000), remote: remote("v1", 1000) },
    proof: "keep",
    weak: "keep",
  },
  {
    title: "another stamp and the same time here",
    sides: { base: BASE, local: local("s2", 1000), remote: remote("v1", 1000) },
    proof: "record",
    weak: "record",
  },
  {
    title: "another time here",
    sides: { base: BASE, local: local("s2", 1001), remote: remote("v1", 1000) },
    proof: "record",
    weak: "upload",
  },
  {
    title: "another version and the same time there",
    sides: { base: BASE, local: local("s1", 1000), remote: remote("v2", 1000) },
    proof: "record",
    weak: "record",
  },
  {
    title: "another time there",
    sides: { base: BASE, local: local("s1", 1000), remote: remote("v2", 1001) },
    proof: "record",
    weak: "download",
  },
  {
    title: "another version, and no times there",
    sides: {
      base: base({ local: 1000, remote: undefined }),
      local: local("s1", 1000),
      remote: remote("v2", undefined),
    },
    proof: "record",
    weak: "download",
  },
  {
    title: "other times on both sides, far from one another",
    sides: { base: BASE, local: local("s2", 9000), remote: remote("v2", 11_001) },
    proof: "record",
    weak: "conflict",
  },
  {
    title: "other times on both sides, alike as far as they are kept",
    sides: { base: BASE, local: local("s2", 9000), remote: remote("v2", 11_000) },
    proof: "record",
    weak: "record",
  },
  {
    title: "seen for the first time, of one time",
    sides: { base: undefined, local: local("s1", 1000), remote: remote("v1", 2000) },
    proof: "record",
    weak: "record",
  },
  {
    title: "seen for the first time, of different times",
    sides: { base: undefined, local: local("s1", 1000), remote: remote("v1", 9000) },
    proof: "record",
    weak: "conflict",
  },
  {
    title: "seen for the first time, of no time there",
    sides: { base: undefined, local: local("s1", 1000), remote: remote("v1", undefined) },
    proof: "record",
    weak: "conflict",
  },
];

describe("equal sizes and hashes", () => {
  test.each(cases)("$title", ({ sides, proof, weak }) => {
    const decide = (hashIsProof: boolean): string => {
      const known = { local: HASH, remote: "unasked" } as const;
      const verdict = assess(sides, known, { mode: "two-way", rehash: false, hashIsProof });
      return "ask" in verdict ? verdict.ask : verdict.decision;
    };
    expect({ proof: decide(true), weak: decide(false) }).toEqual({ proof, weak });
  });
});
