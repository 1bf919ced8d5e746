import { createReadStream } from "node:fs";
import { BLOCK_BYTES, ContentHasher, type HashedBytes, hashOfBlocks } from "./content-hasher.js";

/** Bytes received in one request, or made by a test. They are never changed and never freed before the emulator closes. */
export interface Blob extends HashedBytes {
  read(startByte: number, endByte: number): AsyncIterable<Buffer>;
}

/** A part of a blob, from `startByte` up to and without `endByte`. */
export interface Slice {
  readonly blob: Blob;
  readonly startByte: number;
  readonly endByte: number;
}

/** What a file revision holds: slices of the requests that brought it, in order. */
export interface Content {
  readonly sizeBytes: number;
  readonly hash: string;
  readonly slices: readonly Slice[];
}

export function wholeOf(blob: Blob): Content {
  return { sizeBytes: blob.sizeBytes, hash: blob.hash, slices: [sliceOf(blob, 0, blob.sizeBytes)] };
}

export function sliceOf(blob: Blob, startByte: number, endByte: number): Slice {
  return { blob, startByte, endByte };
}

/** Joins slices into one content; reads the bytes again only where block borders do not line up. */
export async function joinSlices(slices: readonly Slice[]): Promise<Content> {
  const sizeBytes = slices.reduce((sum, slice) => sum + slice.endByte - slice.startByte, 0);
  const digests = alignedDigests(slices);
  if (digests !== undefined) return { sizeBytes, hash: hashOfBlocks(digests), slices };
  const hasher = new ContentHasher();
  for await (const chunk of readSlices(slices, 0, sizeBytes)) hasher.update(chunk);
  return { sizeBytes, hash: hasher.finish().hash, slices };
}

/** Yields the bytes from `startByte` up to and without `endByte`. */
export function readContent(content: Content, startByte = 0, endByte = content.sizeBytes): AsyncIterable<Buffer> {
  return readSlices(content.slices, startByte, endByte);
}

export async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function blobInMemory(bytes: Buffer): Blob {
  const hasher = new ContentHasher();
  hasher.update(bytes);
  return { ...hasher.finish(), read: (start, end) => once(bytes.subarray(start, end)) };
}

export function blobOnDisk(file: string, hashed: HashedBytes): Blob {
  return { ...hashed, read: (start, end) => readFilePart(file, start, end) };
}

/** Bytes that are made again at every reading, for contents too large to keep: one seeded block, repeated. */
export function generatedBlob(sizeBytes: number, seed: number): Blob {
  const pattern = seededPattern(seed);
  const read = (start: number, end: number): AsyncIterable<Buffer> => repeat(pattern, start, end);
  const hasher = new ContentHasher();
  for (let at = 0; at < sizeBytes; at += pattern.length) {
    hasher.update(pattern.subarray(0, Math.min(pattern.length, sizeBytes - at)));
  }
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

async function* readSlices(slices: readonly Slice[], startByte: number, endByte: number): AsyncGenerator<Buffer> {
  let sliceAt = 0;
  for (const slice of slices) {
    const length = slice.endByte - slice.startByte;
    const from = Math.max(startByte - sliceAt, 0);
    const to = Math.min(endByte - sliceAt, length);
    if (from < to) yield* slice.blob.read(slice.startByte + from, slice.startByte + to);
    sliceAt += length;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

async function* readFilePart(file: string, startByte: number, endByte: number): AsyncGenerator<Buffer> {
  const stream: AsyncIterable<Buffer> = createReadStream(file, {
    start: startByte,
    end: endByte - 1,
    highWaterMark: 256 * 1024,
  });
  for await (const chunk of stream) yield chunk;
}

async function* repeat(pattern: Buffer, startByte: number, endByte: number): AsyncGenerator<Buffer> {
  let at = startByte;
  while (at < endByte) {
    const inPattern = at % pattern.length;
    const length = Math.min(pattern.length - inPattern, endByte - at);
    yield await Promise.resolve(pattern.subarray(inPattern, inPattern + length));
    at += length;
  }
}

/** A prime length, so that no two 4 MiB blocks of a generated content are alike. */
function seededPattern(seed: number): Buffer {
  const pattern = Buffer.alloc(1_048_573);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < pattern.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pattern[index] = state >>> 24;
  }
  return pattern;
}
