import type { Bytes } from "./bytes.js";

/** A prime length, so that no two blocks of a generated content are alike, or cancel each other out in a hash. */
const PATTERN_BYTES = 1_048_573;

export interface GeneratedBytes extends Bytes {
  /** All of them, to be hashed at once. */
  chunks(): Iterable<Buffer>;
}

/** Bytes that are made again at every reading, for contents too large to keep: one seeded block, repeated. */
export function generatedBytes(sizeBytes: number, seed: number): GeneratedBytes {
  const pattern = seededPattern(seed);
  return {
    sizeBytes,
    chunks: () => repeat(pattern, 0, sizeBytes),
    async *read(startByte, endByte) {
      for (const chunk of repeat(pattern, startByte, endByte)) yield await Promise.resolve(chunk);
    },
  };
}

function* repeat(pattern: Buffer, startByte: number, endByte: number): Generator<Buffer> {
  let at = startByte;
  while (at < endByte) {
    const inPattern = at % pattern.length;
    const length = Math.min(pattern.length - inPattern, endByte - at);
    yield pattern.subarray(inPattern, inPattern + length);
    at += length;
  }
}

function seededPattern(seed: number): Buffer {
  const pattern = Buffer.alloc(PATTERN_BYTES);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < pattern.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pattern[index] = state >>> 24;
  }
  return pattern;
}
