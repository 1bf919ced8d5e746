import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { createHasher } from "../../lib/hash/hasher.js";
import type { HttpBody } from "../../lib/http/types.js";
import { LocalError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { UploadContent } from "../provider.js";

export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly type: string; readonly content: UploadContent };
  /** Of the content as it was read before. */
  readonly hash: ContentHash;
  /** For messages. */
  readonly path: string;
}

/**
 * A form with a file, streamed between a head and a tail that are ready: the length is known, and memory stays flat. The tail goes out
 * only when what was read is what the checksum was made of, so that a file that changed meanwhile is never stored under it.
 */
export function toMultipart(form: Form): Extract<HttpBody, { readonly kind: "stream" }> {
  const boundary = `trisync-${randomBytes(18).toString("hex")}`;
  const { name, type, content } = form.file;
  const parts = Object.entries(form.fields).map(
    ([field, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const photo = `--${boundary}\r\nContent-Disposition: form-data; name="photo"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  const head = Buffer.from(parts.join("") + photo);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    kind: "stream",
    sizeBytes: head.length + content.sizeBytes + tail.length,
    contentType: `multipart/form-data; boundary=${boundary}`,
    open: () => Readable.from(chunksOf(form, head, tail), { objectMode: false }),
  };
}

async function* chunksOf({ file, hash, path }: Form, head: Buffer, tail: Buffer): AsyncGenerator<Buffer> {
  const hasher = createHasher("md5");
  yield head;
  for await (const chunk of readWhole(file.content)) {
    hasher.update(chunk);
    yield chunk;
  }
  if (hasher.digest() !== hash) {
    throw new LocalError("changed", `${path}: it changed while it was being sent; the next run looks at it again`);
  }
  yield tail;
}

/** Content up to this size is read in pieces, each of which opens the file only while it is read. */
const PIECES_BYTES = 32 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/** The whole content, with no more than a few pieces of it in memory. */
export async function* readWhole(content: UploadContent): AsyncGenerator<Buffer> {
  const { sizeBytes } = content;
  if (sizeBytes <= PIECES_BYTES) {
    for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
      yield await content.read(at, Math.min(sizeBytes, at + PIECE_BYTES));
    return;
  }
  for await (const chunk of content.open(0, sizeBytes)) {
    if (!(chunk instanceof Uint8Array)) throw new Error("content must be a stream of bytes");
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}
