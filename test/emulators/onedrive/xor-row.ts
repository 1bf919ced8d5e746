const ROW_BYTES = 160;
const ROW_WORDS = ROW_BYTES / 4;

/**
 * Bytes XORed together as rows of 160, which is all that QuickXorHash needs to know of a content. Rows of parts can be
 * joined without reading the bytes again. Written from the published algorithm and independent of the program's own.
 */
export class XorRow {
  readonly #words = new Int32Array(ROW_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  update(chunk: Uint8Array): void {
    const column = this.#sizeBytes % ROW_BYTES;
    const head = column === 0 ? 0 : Math.min(ROW_BYTES - column, chunk.length);
    this.#mix(chunk.subarray(0, head), column);
    const rows = Math.floor((chunk.length - head) / ROW_BYTES);
    const middle = chunk.subarray(head, head + rows * ROW_BYTES);
    if (rows > 0) this.#mixRows(middle.byteOffset % 4 === 0 ? middle : new Uint8Array(middle));
    this.#mix(chunk.subarray(head + middle.length), 0);
    this.#sizeBytes += chunk.length;
  }

  /** Takes in a part whose bytes follow those that are here. */
  append(part: XorRow): void {
    const column = this.#sizeBytes % ROW_BYTES;
    for (let index = 0; index < ROW_BYTES; index += 1) {
      const at = (column + index) % ROW_BYTES;
      this.#bytes[at] = (this.#bytes[at] ?? 0) ^ (part.#bytes[index] ?? 0);
    }
    this.#sizeBytes += part.#sizeBytes;
  }

  /** The hash as the service lists it: base64 of 20 bytes. */
  quickXorHash(): string {
    let ring = 0n;
    for (let index = 0; index < ROW_BYTES; index += 1) {
      ring ^= rotated(BigInt(this.#bytes[index] ?? 0), BigInt((11 * index) % 160));
    }
    ring ^= BigInt(this.#sizeBytes) << 96n;
    return Buffer.from(ring.toString(16).padStart(40, "0"), "hex").reverse().toString("base64");
  }

  #mix(bytes: Uint8Array, column: number): void {
    for (let index = 0; index < bytes.length; index += 1) {
      this.#bytes[column + index] = (this.#bytes[column + index] ?? 0) ^ (bytes[index] ?? 0);
    }
  }

  #mixRows(rows: Uint8Array): void {
    const words = new Int32Array(rows.buffer, rows.byteOffset, rows.length / 4);
    for (let column = 0; column < ROW_WORDS; column += 1) {
      let mixed = 0;
      for (let at = column; at < words.length; at += ROW_WORDS) mixed ^= words[at] ?? 0;
      this.#words[column] = (this.#words[column] ?? 0) ^ mixed;
    }
  }
}

function rotated(byte: bigint, bits: bigint): bigint {
  const shifted = byte << bits;
  return (shifted & ((1n << 160n) - 1n)) ^ (shifted >> 160n);
}
