import type { FileHandle } from "./file-system.js";

/** So many bytes go to the disk at once: many small writes cost more time than the bytes do. */
const BLOCK_BYTES = 1024 * 1024;

/** A file is made durable piece by piece while it grows. At its end a gigabyte would keep the run waiting, a large piece one that is told to stop. */
const DURABLE_BYTES = 8 * 1024 * 1024;

/**
 * Collects what is written into blocks, and lets the disk work on one while the next fills up. A failed write rejects the
 * call after it; nothing is written behind a gap.
 */
export class BlockWriter {
  #filling: Buffer;
  #filled = 0;
  #spare: Buffer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();
  #unsyncedBytes = 0;
  #position: number;

  /** Writes from `position` on. `expectedBytes` only saves memory where a file is smaller than a block. */
  constructor(
    private readonly handle: Pick<FileHandle, "write" | "sync">,
    position: number,
    private readonly expectedBytes: number | undefined,
  ) {
    this.#position = position;
    this.#filling = this.#newBlock();
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + this.#filling.length - this.#filled);
      this.#filling.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === this.#filling.length) await this.#passOn();
    }
  }

  /** Resolves when everything is in the file. */
  async flush(): Promise<void> {
    if (this.#filled > 0) await this.#passOn();
    await this.#writing;
    await this.#syncing;
  }

  async #passOn(): Promise<void> {
    await this.#writing;
    if (this.#unsyncedBytes >= DURABLE_BYTES) await this.#syncBehind();
    const full = this.#filling;
    this.#writing = this.handle.write(full.subarray(0, this.#filled), this.#position);
    // Told to whoever writes next, or flushes: not to the process.
    this.#writing.catch(() => undefined);
    this.#position += this.#filled;
    this.#unsyncedBytes += this.#filled;
    this.#filling = this.#spare ?? this.#newBlock();
    this.#spare = full;
    this.#filled = 0;
  }

  /** One at a time. The disk tells each failure once, so every answer is looked at. */
  async #syncBehind(): Promise<void> {
    await this.#syncing;
    this.#unsyncedBytes = 0;
    this.#syncing = this.handle.sync();
    this.#syncing.catch(() => undefined);
  }

  #newBlock(): Buffer {
    const expected = this.expectedBytes === undefined ? BLOCK_BYTES : this.expectedBytes - this.#position;
    return Buffer.allocUnsafeSlow(Math.min(Math.max(expected, 1), BLOCK_BYTES));
  }
}
