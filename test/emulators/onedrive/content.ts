import { type Bytes, bytesInMemory, joinBytes, sha256Of } from "../shared/bytes.js";
import { generatedBytes } from "../shared/generated-bytes.js";
import { XorRow } from "./xor-row.js";

/** Bytes received in one request, or made by a test. They are never changed and never freed before the emulator closes. */
export interface Blob extends Bytes {
  readonly row: XorRow;
}

/** What a file holds: the bodies of the requests that brought it, in order. */
export interface Content extends Bytes {
  readonly quickXorHash: string;
  readonly blobs: readonly Blob[];
}

export function contentOf(blobs: readonly Blob[]): Content {
  const row = new XorRow();
  for (const blob of blobs) row.append(blob.row);
  return { ...joinBytes(blobs), quickXorHash: row.quickXorHash(), blobs };
}

/** As personal drives list it: upper-case hexadecimal digits. */
export async function listedSha256(content: Content): Promise<string> {
  return (await sha256Of(content)).toUpperCase();
}

export function blobInMemory(buffer: Buffer): Blob {
  return blobOf(bytesInMemory(buffer), [buffer]);
}

/** For contents too large to keep. */
export function generatedBlob(sizeBytes: number, seed: number): Blob {
  const bytes = generatedBytes(sizeBytes, seed);
  return blobOf(bytes, bytes.chunks());
}

function blobOf({ sizeBytes, read }: Bytes, chunks: Iterable<Buffer>): Blob {
  const row = new XorRow();
  for (const chunk of chunks) row.update(chunk);
  return { sizeBytes, read, row };
}
