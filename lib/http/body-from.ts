import { pipeline, Transform, type Readable } from "node:stream";
import { ProviderError } from "../model/errors.js";
import type { HttpStream } from "./types.js";

/**
 * The content from the byte `start` on, of an answer to a request for that range. A host that knows no ranges sends everything.
 * `path` is for the message. Throws "malformed" when the answer is another range.
 */
export function bodyFrom(start: number, { status, headers, body }: HttpStream, path: string): Readable {
  if (start === 0) return body;
  if (status === 206 && headers["content-range"]?.startsWith(`bytes ${start}-`) === true) return body;
  if (status === 200) return withoutFirst(start, body);
  body.destroy();
  throw new ProviderError("malformed", `download ${path}: the answer is another range than was asked for`);
}

function withoutFirst(bytes: number, body: Readable): Readable {
  let left = bytes;
  const rest = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - kept.length;
      done(null, kept);
    },
  });
  // The reader sees every failure as an error of what it reads.
  return pipeline(body, rest, () => undefined);
}
