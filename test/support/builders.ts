import { Readable } from "node:stream";
import type { RemoteFile } from "../../lib/model/entry.js";
import { LocalError } from "../../lib/model/errors.js";
import { toSyncPath } from "../../lib/model/path.js";
import type { Upload, UploadContent } from "../../providers/provider.js";

export const NOON = Date.UTC(2026, 2, 1, 12);

/** Content that can be read as often as needed, in chunks of 64 KiB. */
function contentOf(content: string | Buffer): UploadContent {
  const bytes = Buffer.from(content);
  return {
    sizeBytes: bytes.length,
    open: (start, end) => Readable.from(chunksOf(bytes.subarray(start, end)), { objectMode: false }),
    read: async (start, end) => bytes.subarray(start, end),
  };
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
}

/** Content that turns out to have changed once the byte at `failsAt` is asked for. */
export function changingContent(content: string | Buffer, failsAt: number): UploadContent {
  const bytes = Buffer.from(content);
  const broken = (): LocalError => new LocalError("changed", "the file changed while it was read");
  async function* read(start: number, end: number): AsyncGenerator<Buffer> {
    yield bytes.subarray(start, Math.min(end, Math.max(start, failsAt)));
    if (end >= failsAt) throw broken();
  }
  return {
    sizeBytes: bytes.length,
    open: (start, end) => Readable.from(read(start, end), { objectMode: false }),
    read: async (start, end) => {
      if (end >= failsAt) throw broken();
      return bytes.subarray(start, end);
    },
  };
}

export interface UploadParts {
  readonly modifiedMs?: number;
  readonly replaces?: RemoteFile;
}

export function uploadOf(path: string, content: string | Buffer | UploadContent, parts: UploadParts = {}): Upload {
  const isContent = typeof content === "object" && "open" in content;
  return {
    path: toSyncPath(path),
    content: isContent ? content : contentOf(content),
    modifiedMs: parts.modifiedMs ?? NOON,
    replaces: parts.replaces,
    resumeKey: `${path} ${isContent ? content.sizeBytes : Buffer.from(content).toString("utf8", 0, 100)}`.slice(0, 100),
  };
}

/** Bytes that repeat nowhere near, so that a missing or doubled part shows; others for each seed, and the same every time. */
export function patternOf(sizeBytes: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE(((at + seed) * 2654435761) >>> 0, at);
  return bytes;
}
