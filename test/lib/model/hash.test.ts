import { describe, expect, test } from "vitest";
import { algorithmsFor, compareBy, compareHashes, countAsSame, joinKnown } from "../../../lib/model/hash.js";
import type { Comparison, ContentHash } from "../../../lib/model/hash.js";

const WEAK = "quickxor:01";
const BOTH = "quickxor:01 sha256:aa";

describe("two hashes", () => {
  test.each<readonly [a: ContentHash | undefined, b: ContentHash | undefined, expected: Comparison]>([
    ["sha256:aa", "sha256:aa", "same"],
    ["sha256:aa", "sha256:bb", "different"],
    ["sha1:aa", "sha1:aa", "alike"],
    [WEAK, WEAK, "alike"],
    [WEAK, "quickxor:02", "different"],
    [WEAK, "sha256:aa", "unknown"],
    [WEAK, undefined, "unknown"],
    [BOTH, BOTH, "same"],
    [BOTH, "sha256:aa quickxor:01", "same"],
    [BOTH, WEAK, "alike"],
    [BOTH, "sha256:aa", "same"],
    [BOTH, "quickxor:01 sha256:bb", "different"],
    [BOTH, "quickxor:02 sha256:aa", "different"],
    [BOTH, "quickxor:01 sha1:cc", "alike"],
    [BOTH, "md5:dd", "unknown"],
  ])("%s and %s: %s", (a, b, expected) => {
    expect([compareHashes(a, b), compareHashes(b, a)]).toEqual([expected, expected]);
  });

  test("count as the same by proof, or by a checksum and the time", () => {
    expect([countAsSame(BOTH, BOTH, false), countAsSame(BOTH, WEAK, true)]).toEqual([true, true]);
    expect([countAsSame(BOTH, WEAK, false), countAsSame(WEAK, "sha256:aa", true)]).toEqual([false, false]);
  });
});

test("what is listed is joined with what was verified of the same bytes alone", () => {
  expect(joinKnown(WEAK, BOTH)).toBe(BOTH);
  expect(joinKnown(BOTH, WEAK)).toBe(BOTH);
  expect(joinKnown("quickxor:02", BOTH)).toBe("quickxor:02");
  expect(joinKnown(WEAK, "sha256:aa")).toBe(WEAK);
  expect(joinKnown(undefined, BOTH)).toBeUndefined();
});

test("two hashes can be compared in one algorithm alone", () => {
  expect(compareBy("quickxor", BOTH, "quickxor:01 sha256:bb")).toBe("alike");
  expect(compareBy("sha256", BOTH, "quickxor:01 sha256:bb")).toBe("different");
  expect(compareBy("sha256", BOTH, WEAK)).toBe("unknown");
});

test("content is hashed in the provider's own algorithm first, and in each other one once", () => {
  expect(algorithmsFor("quickxor", [undefined, BOTH, "sha256:bb sha1:cc"])).toEqual(["quickxor", "sha256", "sha1"]);
  expect(algorithmsFor("sha256", [])).toEqual(["sha256"]);
});
