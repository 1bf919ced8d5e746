import { expect, test } from "vitest";
import { hashOf } from "../../../providers/onedrive/entries.js";
import { driveItem } from "../../../providers/onedrive/schemas.js";

const QUICK = { quickXorHash: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
const QUICK_HASH = `quickxor:${"0".repeat(40)}`;
const SHA256 = "AB".repeat(32);
const SHA1 = "CD".repeat(20);

test.each<readonly [title: string, hashes: Readonly<Record<string, unknown>> | null, expected: string | undefined]>([
  ["QuickXorHash alone", QUICK, QUICK_HASH],
  ["SHA-256 besides", { ...QUICK, sha256Hash: SHA256 }, `${QUICK_HASH} sha256:${SHA256.toLowerCase()}`],
  ["SHA-1 besides, which is not needed then", { ...QUICK, sha1Hash: SHA1 }, QUICK_HASH],
  ["SHA-1 alone", { sha1Hash: SHA1 }, `sha1:${SHA1.toLowerCase()}`],
  ["SHA-256 alone", { quickXorHash: null, sha256Hash: SHA256 }, `sha256:${SHA256.toLowerCase()}`],
  ["none", {}, undefined],
  ["no facet", null, undefined],
  ["an empty one", { quickXorHash: "", sha256Hash: "" }, undefined],
  ["40 digits for a QuickXorHash", { quickXorHash: SHA1 }, undefined],
  ["one that is cut short", { ...QUICK, sha256Hash: SHA256.slice(1), sha1Hash: SHA1.slice(1) }, QUICK_HASH],
])("hashes that a drive lists: %s", (_title, hashes, expected) => {
  expect(hashOf(driveItem.parse({ id: "1", file: { hashes } }))).toBe(expected);
});
