import { changed } from "./errors.js";
import type { FileHandle } from "./file-system.js";

/** Large enough that reading costs little beside hashing and sending, small enough for many at once. */
const CHUNK_BYTES = 1024 * 1024;

export interface Range {
  readonly start: number;
  readonly end: number;
  /** Named in the error when the file turns out shorter than the range. */
  readonly path: string;
}

/**
 * Bytes [start, end) in chunks of 1 MiB. With `reuse` every chunk is the same memory, overwritten by the next one.
 * Rejects with "changed" when the file ends early.
 */
export async function* readRange(handle: FileHandle, range: Range, reuse: "reuse" | "fresh"): AsyncGenerator<Buffer> {
  const { start, end, path } = range;
  let buffer: Buffer | undefined;
  for (let at = start; at < end;) {
    const length = Math.min(CHUNK_BYTES, end - at);
    if (buffer === undefined || reuse === "fresh") buffer = Buffer.allocUnsafeSlow(length);
    const bytes = await handle.read(buffer, 0, length, at);
    if (bytes === 0) throw changed(path);
    yield buffer.subarray(0, bytes);
    at += bytes;
  }
}

/** Bytes [start, end) in one piece: that of the caller, or a new one. Rejects as `readRange`. */
export async function readPiece(
  handle: FileHandle,
  { start, end, path }: Range,
  piece: Buffer = Buffer.allocUnsafeSlow(end - start),
): Promise<Buffer> {
  for (let at = 0; at < piece.length;) {
    const bytes = await handle.read(piece, at, piece.length - at, start + at);
    if (bytes === 0) throw changed(path);
    at += bytes;
  }
  return piece;
}
