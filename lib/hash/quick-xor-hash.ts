import type { ContentHash } from "../model/hash.js";
import type { Hasher } from "./hasher.js";

/** The hash is a ring of this many bits; each byte of the content is XORed in 11 bits after its predecessor. */
const WIDTH_BITS = 160;
const SHIFT_BITS = 11;
const DIGEST_BYTES = WIDTH_BITS / 8;

/** Byte i and byte i + 160 land on the same bits, because 160 × 11 is a multiple of 160. */
const ROW_BYTES = 160;
const ROW_WORDS = ROW_BYTES / 4;
const GROUP_WORDS = 8;

/** Content that does not start on a word boundary is copied here first. */
const SCRATCH_BYTES = ROW_BYTES * 512;

/**
 * OneDrive's QuickXorHash. Since the turn repeats every 160 bytes, the content is XORed together as rows of 160 bytes,
 * forty words at a time, and only the one remaining row is turned bit by bit.
 */
export function createQuickXorHasher(): Hasher {
  const row = new Int32Array(ROW_WORDS);
  const rowBytes = new Uint8Array(row.buffer);
  let scratch: Uint8Array | undefined;
  let sizeBytes = 0;

  function update(chunk: Uint8Array): void {
    const start = sizeBytes % ROW_BYTES;
    const head = start === 0 ? 0 : Math.min(ROW_BYTES - start, chunk.length);
    const tail = chunk.length - ((chunk.length - head) % ROW_BYTES);
    mixBytes(rowBytes, start, chunk.subarray(0, head));
    mixRows(chunk.subarray(head, tail));
    mixBytes(rowBytes, 0, chunk.subarray(tail));
    sizeBytes += chunk.length;
  }

  function mixRows(rows: Uint8Array): void {
    if (rows.byteOffset % 4 === 0) {
      mixWords(row, new Int32Array(rows.buffer, rows.byteOffset, rows.length / 4));
      return;
    }
    scratch ??= new Uint8Array(SCRATCH_BYTES);
    for (let at = 0; at < rows.length; at += SCRATCH_BYTES) {
      const piece = rows.subarray(at, at + SCRATCH_BYTES);
      scratch.set(piece);
      mixWords(row, new Int32Array(scratch.buffer, 0, piece.length / 4));
    }
  }

  return { update, digest: () => `quickxor:${turn(rowBytes, sizeBytes).toString("hex")}` };
}

function mixBytes(row: Uint8Array, start: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) row[start + i]! ^= bytes[i]!;
}

/** Eight columns at a time stay in registers while all rows go by. */
function mixWords(row: Int32Array, words: Int32Array): void {
  for (let column = 0; column < ROW_WORDS; column += GROUP_WORDS) {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let at = column; at < words.length; at += ROW_WORDS) {
      a ^= words[at]!;
      b ^= words[at + 1]!;
      c ^= words[at + 2]!;
      d ^= words[at + 3]!;
      e ^= words[at + 4]!;
      f ^= words[at + 5]!;
      g ^= words[at + 6]!;
      h ^= words[at + 7]!;
    }
    row[column]! ^= a;
    row[column + 1]! ^= b;
    row[column + 2]! ^= c;
    row[column + 3]! ^= d;
    row[column + 4]! ^= e;
    row[column + 5]! ^= f;
    row[column + 6]! ^= g;
    row[column + 7]! ^= h;
  }
}

/** Puts every byte of the row at its place in the ring, and the length over the last eight bytes. */
function turn(row: Uint8Array, sizeBytes: number): Buffer {
  const ring = Buffer.alloc(DIGEST_BYTES);
  for (let i = 0; i < ROW_BYTES; i++) {
    const bit = (i * SHIFT_BITS) % WIDTH_BITS;
    const shifted = row[i]! << (bit % 8);
    const at = bit >> 3;
    ring[at]! ^= shifted & 0xff;
    ring[(at + 1) % DIGEST_BYTES]! ^= shifted >> 8;
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(sizeBytes));
  for (let i = 0; i < length.length; i++) ring[DIGEST_BYTES - length.length + i]! ^= length[i]!;
  return ring;
}

/** As OneDrive writes it: Base64 of the 20 bytes. */
export function toBase64(hash: ContentHash): string {
  return Buffer.from(hash.slice("quickxor:".length), "hex").toString("base64");
}

/** Undefined when the text is not Base64 of 20 bytes. */
export function parseBase64(text: string): ContentHash | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === DIGEST_BYTES ? `quickxor:${bytes.toString("hex")}` : undefined;
}
