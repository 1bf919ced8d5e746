import { createHash } from "node:crypto";
import { type Bytes, bytesInMemory, collect, joinBytes } from "../shared/bytes.js";
import { generatedBytes } from "../shared/generated-bytes.js";

/** Bytes that were received, or made by a test, with the two hashes of the service. Never changed. */
export interface Content extends Bytes {
  /** Plain MD5 and SHA-256 of the whole, in lower-case hex. */
  readonly md5: string;
  readonly sha256: string;
}

/** Computes both hashes in one pass. */
export class Hasher {
  readonly #md5 = createHash("md5");
  readonly #sha256 = createHash("sha256");

  update(chunk: Buffer): void {
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
  }

  finish(): Pick<Content, "md5" | "sha256"> {
    return { md5: this.#md5.digest("hex"), sha256: this.#sha256.digest("hex") };
  }
}

export function contentInMemory(buffer: Buffer): Content {
  return contentOf(bytesInMemory(buffer), [buffer]);
}

/** For contents too large to keep. */
export function generatedContent(sizeBytes: number, seed: number): Content {
  const bytes = generatedBytes(sizeBytes, seed);
  return contentOf(bytes, bytes.chunks());
}

/** The parts of an upload, one after the other. */
export async function joinContents(parts: readonly Content[]): Promise<Content> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const bytes = joinBytes(parts);
  const hasher = new Hasher();
  for await (const chunk of bytes.read(0, bytes.sizeBytes)) hasher.update(chunk);
  return { ...bytes, ...hasher.finish() };
}

/** The first bytes of a content, or all with one of them changed: what a service keeps that loses bytes. */
export async function spoiltContent(content: Content, keep: { readonly bytes?: number }): Promise<Content> {
  const bytes = await collect(content.read(0, Math.min(keep.bytes ?? content.sizeBytes, content.sizeBytes)));
  if (keep.bytes === undefined && bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
  return contentInMemory(bytes);
}

function contentOf({ sizeBytes, read }: Bytes, chunks: Iterable<Buffer>): Content {
  const hasher = new Hasher();
  for (const chunk of chunks) hasher.update(chunk);
  return { sizeBytes, read, ...hasher.finish() };
}
