import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { XorRow } from "./xor-row.js";

/** Bytes received in one request, or made by a test. They are never changed and never freed before the emulator closes. */
export interface Blob {
  readonly row: XorRow;
  read(startByte: number, endByte: number): AsyncIterable<Buffer>;
}

/** What a file holds: the bodies of the requests that brought it, in order. */
export interface Content {
  readonly sizeBytes: number;
  readonly quickXorHash: string;
  readonly blobs: readonly Blob[];
}

export function contentOf(blobs: readonly Blob[]): Content {
  const row = new XorRow();
  for (const blob of blobs) row.append(blob.row);
  return { sizeBytes: row.sizeBytes, quickXorHash: row.quickXorHash(), blobs };
}

/** Yields the bytes from `startByte` up to and without `endByte`. */
export async function* readContent(
  content: Content,
  startByte = 0,
  endByte = content.sizeBytes,
): AsyncGenerator<Buffer> {
  let blobAt = 0;
  for (const blob of content.blobs) {
    const length = blob.row.sizeBytes;
    const from = Math.max(startByte - blobAt, 0);
    const to = Math.min(endByte - blobAt, length);
    if (from < to) yield* blob.read(from, to);
    blobAt += length;
  }
}

export async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export async function bytesOf(blob: Blob): Promise<Buffer> {
  return await collect(blob.read(0, blob.row.sizeBytes));
}

/** As personal drives list it: upper-case hexadecimal digits. */
export async function sha256Of(content: Content): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readContent(content)) hash.update(chunk);
  return hash.digest("hex").toUpperCase();
}

export function blobInMemory(bytes: Buffer): Blob {
  const row = new XorRow();
  row.update(bytes);
  return { row, read: (start, end) => once(bytes.subarray(start, end)) };
}

export function blobOnDisk(file: string, row: XorRow): Blob {
  return { row, read: (start, end) => readFilePart(file, start, end) };
}

/** Bytes that are made again at every reading, for contents too large to keep: one seeded block, repeated. */
export function generatedBlob(sizeBytes: number, seed: number): Blob {
  const pattern = seededPattern(seed);
  const row = new XorRow();
  for (let at = 0; at < sizeBytes; at += pattern.length) {
    row.update(pattern.subarray(0, Math.min(pattern.length, sizeBytes - at)));
  }
  return { row, read: (start, end) => repeat(pattern, start, end) };
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

/** A prime length, so that blocks of a generated content do not cancel each other out in its hash. */
function seededPattern(seed: number): Buffer {
  const pattern = Buffer.alloc(1_048_573);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < pattern.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pattern[index] = state >>> 24;
  }
  return pattern;
}
