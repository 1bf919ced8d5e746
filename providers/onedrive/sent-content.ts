import type { Readable } from "node:stream";
import { createHasher } from "../../lib/hash/hasher.js";
import type { HttpBody } from "../../lib/http/types.js";
import type { Algorithms, ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";
import type { DriveKind } from "./entries.js";

/** Content on its way, with the hash of what was sent. */
export interface SentContent {
  body(start: number, end: number): HttpBody;
  /** Reads what an earlier run has sent already: it belongs to the hash. */
  passOver(end: number, signal: AbortSignal): Promise<void>;
  /** Of everything, once all of it was sent. */
  hash(): ContentHash;
  /** True when all of it was read. */
  readonly isWhole: boolean;
}

const CONTENT_TYPE = "application/octet-stream";

/** Content that is sent from the disk. A part that is sent twice counts once: the hash goes on where it was. */
export function createSentStream(content: UploadContent, drive: DriveKind): SentContent {
  const hasher = createHasher(...algorithmsOf(drive));
  let hashedBytes = 0;

  function open(start: number, end: number): Readable {
    const stream = content.open(start, end);
    let at = start;
    stream.on("data", (chunk: Buffer) => {
      const known = Math.min(chunk.length, Math.max(0, hashedBytes - at));
      at += chunk.length;
      if (known === chunk.length) return;
      hasher.update(chunk.subarray(known));
      hashedBytes = at;
    });
    return stream.pause();
  }

  return {
    body: (start, end) => ({
      kind: "stream",
      sizeBytes: end - start,
      open: () => open(start, end),
      contentType: CONTENT_TYPE,
    }),
    passOver: async (end, signal) => {
      if (end <= hashedBytes) return;
      for await (const _ of open(hashedBytes, end)) signal.throwIfAborted();
    },
    hash: () => hasher.digest(),
    get isWhole() {
      return hashedBytes === content.sizeBytes;
    },
  };
}

/** Content that is in memory as a whole. */
export function createSentBytes(bytes: Buffer, drive: DriveKind): SentContent {
  const hasher = createHasher(...algorithmsOf(drive));
  hasher.update(bytes);
  const hash = hasher.digest();
  return {
    body: (start, end) => ({ kind: "bytes", bytes: bytes.subarray(start, end), contentType: CONTENT_TYPE }),
    passOver: () => Promise.resolve(),
    hash: () => hash,
    isWhole: true,
  };
}

/** What the drive may list of the content. Those of persons often list SHA-256 as well, and now and then nothing else. */
function algorithmsOf({ isPersonal }: DriveKind): Algorithms {
  return isPersonal ? ["quickxor", "sha256"] : ["quickxor"];
}
