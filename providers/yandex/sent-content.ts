import { createHasher } from "../../lib/hash/hasher.js";
import type { HttpBody } from "../../lib/http/types.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";

/** Content on its way. */
export interface SentContent {
  readonly body: Extract<HttpBody, { kind: "bytes" | "stream" }>;
  /** Of what was read so far, since it was opened last. */
  hash(): ContentHash;
  /** When all of it was read since then. Undefined if it was not: then the service cannot have stored it. */
  readMs(): number | undefined;
}

/** Content up to this size is read into memory before a link is asked for. */
const WHOLE_BYTES = 1024 * 1024;

export async function openContent(content: UploadContent, now: () => number): Promise<SentContent> {
  const { sizeBytes } = content;
  return sizeBytes <= WHOLE_BYTES ? inMemory(await content.read(0, sizeBytes), now()) : fromDisk(content, now);
}

function inMemory(bytes: Buffer, readMs: number): SentContent {
  const hasher = createHasher("sha256");
  hasher.update(bytes);
  const hash = hasher.digest();
  return { body: { kind: "bytes", bytes, contentType: undefined }, hash: () => hash, readMs: () => readMs };
}

function fromDisk(content: UploadContent, now: () => number): SentContent {
  const { sizeBytes } = content;
  let hasher = createHasher("sha256");
  let readBytes = 0;
  let readMs: number | undefined;
  const open = () => {
    const stream = content.open(0, sizeBytes);
    // The client opens it anew where it could not even connect, and may have read some of it before.
    const own = (hasher = createHasher("sha256"));
    readBytes = 0;
    readMs = undefined;
    stream.on("data", (chunk: Buffer) => {
      own.update(chunk);
      if (own !== hasher) return;
      readBytes += chunk.length;
      if (readBytes === sizeBytes) readMs = now();
    });
    return stream.pause();
  };
  const body = { kind: "stream", sizeBytes, open, contentType: undefined } as const;
  return { body, hash: () => hasher.digest(), readMs: () => readMs };
}
