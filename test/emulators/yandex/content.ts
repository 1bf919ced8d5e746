import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Bytes that were received, or made by a test, with the two hashes of the service. Never changed. */
export interface Content extends Hashes {
  /** Yields the bytes from `startByte` up to and without `endByte`. */
  read(startByte: number, endByte: number): AsyncIterable<Buffer>;
}

export interface Hashes {
  readonly sizeBytes: number;
  /** Plain MD5 and SHA-256 of the whole, in lower-case hex. */
  readonly md5: string;
  readonly sha256: string;
}

/** Computes both hashes in one pass. */
export class Hasher {
  readonly #md5 = createHash("md5");
  readonly #sha256 = createHash("sha256");
  #sizeBytes = 0;

  update(chunk: Buffer): void {
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
    this.#sizeBytes += chunk.length;
  }

  finish(): Hashes {
    return { sizeBytes: this.#sizeBytes, md5: this.#md5.digest("hex"), sha256: this.#sha256.digest("hex") };
  }
}

export function contentInMemory(bytes: Buffer): Content {
  const hasher = new Hasher();
  hasher.update(bytes);
  return { ...hasher.finish(), read: (start, end) => once(bytes.subarray(start, end)) };
}

export function contentOnDisk(file: string, hashes: Hashes): Content {
  return { ...hashes, read: (start, end) => readFilePart(file, start, end) };
}

/** Bytes that are made again at every reading, for contents too large to keep: one seeded block, repeated. */
export function generatedContent(sizeBytes: number, seed: number): Content {
  const pattern = seededPattern(seed);
  const hasher = new Hasher();
  for (let at = 0; at < sizeBytes; at += pattern.length) {
    hasher.update(pattern.subarray(0, Math.min(pattern.length, sizeBytes - at)));
  }
  return { ...hasher.finish(), read: (start, end) => repeat(pattern, start, end) };
}

/** The parts of an upload, one after the other. */
export async function joinContents(parts: readonly Content[]): Promise<Content> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const hasher = new Hasher();
  for (const part of parts) for await (const chunk of part.read(0, part.sizeBytes)) hasher.update(chunk);
  return { ...hasher.finish(), read: (start, end) => readParts(parts, start, end) };
}

/** The first bytes of a content, or all with one of them changed: what a service keeps that loses bytes. */
export async function spoiltContent(content: Content, keep: { readonly bytes?: number }): Promise<Content> {
  const bytes = await collect(content.read(0, Math.min(keep.bytes ?? content.sizeBytes, content.sizeBytes)));
  if (keep.bytes === undefined && bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
  return contentInMemory(bytes);
}

export async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* readParts(parts: readonly Content[], startByte: number, endByte: number): AsyncGenerator<Buffer> {
  let partAt = 0;
  for (const part of parts) {
    const from = Math.max(startByte - partAt, 0);
    const to = Math.min(endByte - partAt, part.sizeBytes);
    if (from < to) yield* part.read(from, to);
    partAt += part.sizeBytes;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield await Promise.resolve(bytes);
}

async function* readFilePart(file: string, startByte: number, endByte: number): AsyncGenerator<Buffer> {
  if (startByte >= endByte) return;
  const options = { start: startByte, end: endByte - 1, highWaterMark: 256 * 1024 };
  const stream: AsyncIterable<Buffer> = createReadStream(file, options);
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

function seededPattern(seed: number): Buffer {
  const pattern = Buffer.alloc(1_048_573);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < pattern.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pattern[index] = state >>> 24;
  }
  return pattern;
}
