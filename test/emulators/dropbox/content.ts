import { type Bytes, bytesInMemory, joinBytes, sliceOf as bytesOf } from "../shared/bytes.js";
import { generatedBytes } from "../shared/generated-bytes.js";
import { BLOCK_BYTES, ContentHasher, type HashedBytes, hashOfBlocks } from "./content-hasher.js";

/** Bytes received in one request, or made by a test. They are never changed and never freed before the emulator closes. */
export type Blob = HashedBytes & Bytes;

/** A part of a blob, from `startByte` up to and without `endByte`. */
export interface Slice extends Bytes {
  readonly blob: Blob;
  readonly startByte: number;
  readonly endByte: number;
}

/** What a file revision holds: slices of the requests that brought it, in order. */
export interface Content extends Bytes {
  readonly hash: string;
  readonly slices: readonly Slice[];
}

export function wholeOf(blob: Blob): Content {
  return { ...blob, slices: [sliceOf(blob, 0, blob.sizeBytes)] };
}

export function sliceOf(blob: Blob, startByte: number, endByte: number): Slice {
  return { ...bytesOf(blob, startByte, endByte), blob, startByte, endByte };
}

/** Joins slices into one content; reads the bytes again only where block borders do not line up. */
export async function joinSlices(slices: readonly Slice[]): Promise<Content> {
  const bytes = joinBytes(slices);
  const digests = alignedDigests(slices);
  if (digests !== undefined) return { ...bytes, hash: hashOfBlocks(digests), slices };
  const hasher = new ContentHasher();
  for await (const chunk of bytes.read(0, bytes.sizeBytes)) hasher.update(chunk);
  return { ...bytes, hash: hasher.finish().hash, slices };
}

export function blobInMemory(buffer: Buffer): Blob {
  return blobOf(bytesInMemory(buffer), [buffer]);
}

/** For contents too large to keep. */
export function generatedBlob(sizeBytes: number, seed: number): Blob {
  const bytes = generatedBytes(sizeBytes, seed);
  return blobOf(bytes, bytes.chunks());
}

function blobOf({ read }: Bytes, chunks: Iterable<Buffer>): Blob {
  const hasher = new ContentHasher();
  for (const chunk of chunks) hasher.update(chunk);
  return { ...hasher.finish(), read };
}

function alignedDigests(slices: readonly Slice[]): Buffer[] | undefined {
  const digests: Buffer[] = [];
  let endsOnBorder = true;
  for (const { blob, startByte, endByte } of slices) {
    if (startByte === endByte) continue;
    const endsWithBlob = endByte === blob.sizeBytes || endByte % BLOCK_BYTES === 0;
    if (!endsOnBorder || startByte % BLOCK_BYTES !== 0 || !endsWithBlob) return undefined;
    digests.push(...blob.blockDigests.slice(startByte / BLOCK_BYTES, Math.ceil(endByte / BLOCK_BYTES)));
    endsOnBorder = (endByte - startByte) % BLOCK_BYTES === 0;
  }
  return digests;
}
