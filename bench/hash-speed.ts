import { createHash, randomBytes } from "node:crypto";
import { createHasher } from "../lib/hash/hasher.js";

/** Gigabytes in a second, the best of several turns each. */
export interface HashSpeed {
  /** QuickXorHash as trisync computes it, in JavaScript. */
  readonly quickXor: number;
  /** SHA-256 as Node.js brings it, on the same bytes. */
  readonly sha256: number;
}

const SIZE_BYTES = 64 * 1024 ** 2;
/** As files are read. */
const CHUNK_BYTES = 1024 ** 2;
const TURNS = 5;

/** Both take turns, so that a busy moment of the machine meets both, and the best of each counts. */
export function measureHashSpeed(): HashSpeed {
  const content = randomBytes(SIZE_BYTES);
  const best = { quickXor: Number.POSITIVE_INFINITY, sha256: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < TURNS; turn++) {
    best.quickXor = Math.min(best.quickXor, timeOf(content, createHasher("quickxor")));
    best.sha256 = Math.min(best.sha256, timeOf(content, createHash("sha256")));
  }
  return { quickXor: SIZE_BYTES / best.quickXor / 1e6, sha256: SIZE_BYTES / best.sha256 / 1e6 };
}

/** In milliseconds. */
function timeOf(content: Buffer, hash: { update(chunk: Uint8Array): unknown; digest(): unknown }): number {
  const started = performance.now();
  for (let at = 0; at < content.length; at += CHUNK_BYTES) hash.update(content.subarray(at, at + CHUNK_BYTES));
  hash.digest();
  return performance.now() - started;
}

/** Time of QuickXorHash by that of SHA-256: hashing what OneDrive lists costs less than the hash that is in hardware. */
const MOST_RATIO = 0.5;

/** A line for each figure, with its aim. */
export function describeHashSpeed({ quickXor, sha256 }: HashSpeed): string {
  const ratio = sha256 / quickXor;
  return [
    `Hashes of ${String(SIZE_BYTES / 1024 ** 2)} MiB, best of ${String(TURNS)}`,
    `  sha256        ${sha256.toFixed(2)} GB/s`,
    `  QuickXorHash  ${quickXor.toFixed(2)} GB/s, time ratio ${ratio.toFixed(2)}, aim ≤ ${String(MOST_RATIO)} ${ratio <= MOST_RATIO ? "met" : "MISSED"}`,
    "",
  ].join("\n");
}
