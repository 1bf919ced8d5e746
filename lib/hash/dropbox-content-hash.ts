import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { ContentHash } from "../model/hash.js";
import type { Hasher } from "./hasher.js";

/** The content is cut into blocks of this many bytes; the last one may be shorter. */
export const DROPBOX_BLOCK_BYTES = 4 * 1024 * 1024;

/** Dropbox's content_hash: the SHA-256 of the SHA-256 digests of all blocks. No content, no blocks. */
export function createDropboxHasher(): Hasher {
  const blocks = createHash("sha256");
  let block: Hash | undefined;
  let missing = DROPBOX_BLOCK_BYTES;

  function update(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + missing);
      block ??= createHash("sha256");
      block.update(piece);
      at += piece.length;
      missing -= piece.length;
      if (missing > 0) continue;
      blocks.update(block.digest());
      block = undefined;
      missing = DROPBOX_BLOCK_BYTES;
    }
  }

  function digest(): ContentHash {
    const all = blocks.copy();
    if (block !== undefined) all.update(block.copy().digest());
    return `dropbox:${all.digest("hex")}`;
  }

  return { update, digest };
}

/**
 * The content hash from the SHA-256 digests of the blocks, in the order of the content. Parts that are sent out of
 * order are hashed each on their own (every part but the last a whole number of blocks) and put together here.
 */
export function hashOfBlocks(digests: readonly Uint8Array[]): ContentHash {
  const all = createHash("sha256");
  for (const digest of digests) all.update(digest);
  return `dropbox:${all.digest("hex")}`;
}

/** The SHA-256 digests of the blocks of a part that starts at a block boundary. */
export function digestBlocks(part: Uint8Array): Buffer[] {
  const digests: Buffer[] = [];
  for (let at = 0; at < part.length; at += DROPBOX_BLOCK_BYTES) {
    digests.push(
      createHash("sha256")
        .update(part.subarray(at, at + DROPBOX_BLOCK_BYTES))
        .digest(),
    );
  }
  return digests;
}
