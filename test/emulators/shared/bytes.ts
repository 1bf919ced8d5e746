import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** A content that can be read again and again, in memory or on disk. */
export interface Bytes {
  readonly sizeBytes: number;
  /** Yields the bytes from `startByte` up to and without `endByte`. */
  read(startByte: number, endByte: number): AsyncIterable<Buffer>;
}

export function bytesInMemory(buffer: Buffer): Bytes {
  return {
    sizeBytes: buffer.length,
    async *read(start, end) {
      yield await Promise.resolve(buffer.subarray(start, end));
    },
  };
}

export function bytesInFile(file: string, sizeBytes: number): Bytes {
  return {
    sizeBytes,
    async *read(start, end) {
      if (start >= end) return;
      const chunks: AsyncIterable<Buffer> = createReadStream(file, { start, end: end - 1, highWaterMark: 256 * 1024 });
      yield* chunks;
    },
  };
}

export function sliceOf(bytes: Bytes, startByte: number, endByte = bytes.sizeBytes): Bytes {
  return {
    sizeBytes: endByte - startByte,
    read: (start, end) => bytes.read(startByte + start, startByte + end),
  };
}

export function joinBytes(parts: readonly Bytes[]): Bytes {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    async *read(startByte, endByte) {
      let partAt = 0;
      for (const part of parts) {
        const from = Math.max(startByte - partAt, 0);
        const to = Math.min(endByte - partAt, part.sizeBytes);
        if (from < to) yield* part.read(from, to);
        partAt += part.sizeBytes;
      }
    },
  };
}

export async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function collectAll(bytes: Bytes): Promise<Buffer> {
  return collect(bytes.read(0, bytes.sizeBytes));
}

/** Lower-case hexadecimal. */
export async function sha256Of(bytes: Bytes): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes.read(0, bytes.sizeBytes)) hash.update(chunk);
  return hash.digest("hex");
}
