import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DROPBOX_BLOCK_BYTES, digestBlocks, hashOfBlocks } from "../../../lib/hash/dropbox-content-hash.js";
import { createHasher } from "../../../lib/hash/hasher.js";
import { parseBase64, toBase64 } from "../../../lib/hash/quick-xor-hash.js";
import type { ContentHash, HashAlgorithm } from "../../../lib/model/hash.js";

const vectorSchema = z.object({
  size: z.number(),
  rule: z.enum(["mod251", "zero", "A", "ff"]).optional(),
  input_base64: z.string().optional(),
  sha256: z.string().optional(),
  sha1: z.string().optional(),
  md5: z.string().optional(),
  dropbox: z.string().optional(),
  quickxor: z.string().optional(),
  quickxor_hex: z.string().optional(),
});

type Vector = z.infer<typeof vectorSchema>;

const vectors = z
  .object({
    published: z.array(vectorSchema),
    computed: z.array(vectorSchema),
    dropbox_second_stage: z.array(z.object({ blocks: z.array(z.object({ sha256: z.string() })), dropbox: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL("../../fixtures/hash-vectors.json", import.meta.url), "utf8")));

const RULES = {
  mod251: (i: number) => (i * 7 + 13) % 251,
  zero: () => 0,
  A: () => 0x41,
  ff: () => 0xff,
} as const;

function inputOf(vector: Vector): Uint8Array {
  if (vector.rule === undefined) return Buffer.from(vector.input_base64 ?? "", "base64");
  const rule = RULES[vector.rule];
  const bytes = new Uint8Array(vector.size);
  for (let i = 0; i < bytes.length; i++) bytes[i] = rule(i);
  return bytes;
}

function expectedOf(vector: Vector): ContentHash[] {
  const hashes: ContentHash[] = [];
  for (const algorithm of ["sha256", "sha1", "md5", "dropbox"] as const) {
    const hex = vector[algorithm];
    if (hex !== undefined) hashes.push(`${algorithm}:${hex}`);
  }
  if (vector.quickxor !== undefined) {
    const hash = parseBase64(vector.quickxor);
    if (hash !== undefined) hashes.push(hash);
  }
  return hashes;
}

function hashInPieces(algorithm: HashAlgorithm, input: Uint8Array, lengths: readonly number[]): ContentHash {
  const hasher = createHasher(algorithm);
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const length = lengths[turn % lengths.length] ?? input.length;
    hasher.update(input.subarray(at, at + length));
    at += length;
  }
  return hasher.digest();
}

/** Single bytes of very long inputs would only take time: the boundaries they test are far below this. */
const LONGEST_IN_TINY_PIECES = 400_000;

const cuts: readonly { readonly title: string; readonly lengths: readonly number[] }[] = [
  ...[1, 7, 64, 160, 4096, 65536, 4194304].map((length) => ({ title: `pieces of ${length}`, lengths: [length] })),
  { title: "uneven pieces", lengths: [3, 1, 159, 161, 1000, 4093, 70001, 2_000_003] },
  { title: "one piece", lengths: [] },
];

describe.each([
  ["published", vectors.published],
  ["computed", vectors.computed],
] as const)("%s vectors", (_, all) => {
  const inputs = all.map((vector) => ({ input: inputOf(vector), expected: expectedOf(vector) }));

  test("each has its length and at least one hash", () => {
    for (const [i, { input, expected }] of inputs.entries()) {
      expect(input.length).toBe(all[i]?.size);
      expect(expected.length).toBeGreaterThan(0);
    }
  });

  test.each(cuts)("$title", ({ lengths }) => {
    const tiny = (lengths[0] ?? Infinity) < 64 && lengths.length === 1;
    for (const { input, expected } of inputs) {
      if (tiny && input.length > LONGEST_IN_TINY_PIECES) continue;
      for (const hash of expected) {
        const algorithm = z.enum(["sha256", "sha1", "md5", "dropbox", "quickxor"]).parse(hash.split(":")[0]);
        expect(hashInPieces(algorithm, input, lengths)).toBe(hash);
      }
    }
  });
});

test("the published second stage of the Dropbox hash", () => {
  for (const { blocks, dropbox } of vectors.dropbox_second_stage) {
    expect(hashOfBlocks(blocks.map(({ sha256 }) => Buffer.from(sha256, "hex")))).toBe(`dropbox:${dropbox}`);
  }
});

test("blocks hashed part by part make the same Dropbox hash as the whole", () => {
  const content = Buffer.alloc(2 * DROPBOX_BLOCK_BYTES + 12345, "trisync");
  const hasher = createHasher("dropbox");
  hasher.update(content);
  const first = digestBlocks(content.subarray(0, DROPBOX_BLOCK_BYTES));
  const rest = digestBlocks(content.subarray(DROPBOX_BLOCK_BYTES));
  expect(hashOfBlocks([...first, ...rest])).toBe(hasher.digest());
});

test.each(["sha256", "sha1", "md5", "dropbox", "quickxor"] as const)("%s may be asked for in between", (algorithm) => {
  const hasher = createHasher(algorithm);
  const whole = createHasher(algorithm);
  const content = Buffer.alloc(1000, "abc");
  whole.update(content);
  hasher.update(content.subarray(0, 333));
  expect(hasher.digest()).toBe(hasher.digest());
  hasher.update(content.subarray(333));
  expect(hasher.digest()).toBe(whole.digest());
});

test("QuickXorHash as OneDrive writes it", () => {
  for (const { quickxor, quickxor_hex } of vectors.computed) {
    if (quickxor === undefined || quickxor_hex === undefined) continue;
    expect(toBase64(`quickxor:${quickxor_hex}`)).toBe(quickxor);
    expect(parseBase64(quickxor)).toBe(`quickxor:${quickxor_hex}`);
  }
  expect(parseBase64("AAAA")).toBeUndefined();
});

test("QuickXorHash of content that does not start on a word boundary", () => {
  const buffer = Buffer.alloc(500_001, "0123456789 unaligned");
  for (const offset of [0, 1, 2, 3]) {
    const content = buffer.subarray(offset);
    const copy = new Uint8Array(content.length);
    copy.set(content);
    expect(hashInPieces("quickxor", content, [])).toBe(hashInPieces("quickxor", copy, []));
  }
});
