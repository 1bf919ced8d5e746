import { createHash } from "node:crypto";

export const BLOCK_BYTES = 4 * 1024 * 1024;

export interface HashedBytes {
  readonly sizeBytes: number;
  /** The Dropbox content hash: SHA-256 over the joined SHA-256 digests of the 4 MiB blocks. */
  readonly hash: string;
  readonly blockDigests: readonly Buffer[];
}

/** Computes the content hash in one pass, written from the published algorithm and independent of the program's own. */
export class ContentHasher {
  #block = createHash("sha256");
  #blockBytes = 0;
  #sizeBytes = 0;
  readonly #digests: Buffer[] = [];

  update(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    let rest = chunk;
    while (rest.length > 0) {
      const part = rest.subarray(0, BLOCK_BYTES - this.#blockBytes);
      this.#block.update(part);
      this.#blockBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#blockBytes === BLOCK_BYTES) this.#closeBlock();
    }
  }

  finish(): HashedBytes {
    if (this.#blockBytes > 0) this.#closeBlock();
    return { sizeBytes: this.#sizeBytes, hash: hashOfBlocks(this.#digests), blockDigests: this.#digests };
  }

  #closeBlock(): void {
    this.#digests.push(this.#block.digest());
    this.#block = createHash("sha256");
    this.#blockBytes = 0;
  }
}

export function hashOfBlocks(digests: readonly Buffer[]): string {
  const whole = createHash("sha256");
  for (const digest of digests) whole.update(digest);
  return whole.digest("hex");
}
