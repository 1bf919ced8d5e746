import { Transform, type Readable } from "node:stream";
import { LocalError } from "../model/errors.js";
import type { HttpBody, HttpRequest } from "./types.js";

/** A body as one attempt sends it. */
export interface OpenBody {
  readonly content: Buffer | Readable | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The error with which the content itself failed, as opposed to the connection; undefined while it has not. */
  failure(): Error | undefined;
}

/** Opens the body anew. Every body goes out with its length: most services refuse chunked uploads. */
export function openBody(request: HttpRequest): OpenBody {
  const { body, method } = request;
  if (body === undefined) {
    const sendsBody = method === "POST" || method === "PUT" || method === "PATCH";
    return sendsBody
      ? bytes(Buffer.alloc(0), undefined)
      : { content: undefined, headers: {}, failure: () => undefined };
  }
  switch (body.kind) {
    case "json":
      return bytes(Buffer.from(JSON.stringify(body.value)), "application/json");
    case "form":
      return bytes(Buffer.from(new URLSearchParams(body.fields).toString()), "application/x-www-form-urlencoded");
    case "bytes":
      return bytes(body.bytes, body.contentType);
    case "stream":
      return stream(body, request.subject ?? request.operation);
  }
}

function bytes(content: Buffer, contentType: string | undefined): OpenBody {
  return { content, headers: headersOf(content.length, contentType), failure: () => undefined };
}

function stream(body: Extract<HttpBody, { kind: "stream" }>, name: string): OpenBody {
  let failure: Error | undefined;
  const source = body.open();
  const content = exactly(body.sizeBytes, name);
  source.once("error", (error) => content.destroy(error));
  content.once("error", (error) => (failure = error));
  content.once("close", () => source.destroy());
  source.pipe(content);
  return { content, headers: headersOf(body.sizeBytes, body.contentType), failure: () => failure };
}

/**
 * Passes on exactly so many bytes. Fewer would leave the service waiting for the rest, and more would be taken for the
 * start of the next request.
 */
function exactly(sizeBytes: number, name: string): Transform {
  let leftBytes = sizeBytes;
  const wrongLength = (): LocalError =>
    new LocalError("changed", `${name}: its size changed while it was being sent; the next run looks at it again`);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      leftBytes -= chunk.length;
      if (leftBytes < 0) done(wrongLength());
      else done(null, chunk);
    },
    flush(done) {
      done(leftBytes === 0 ? null : wrongLength());
    },
  });
}

function headersOf(sizeBytes: number, contentType: string | undefined): Record<string, string> {
  const length = { "content-length": String(sizeBytes) };
  return contentType === undefined ? length : { ...length, "content-type": contentType };
}
