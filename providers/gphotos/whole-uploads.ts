import { createHasher, type Hasher } from "../../lib/hash/hasher.js";
import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import { nameOf } from "../../lib/model/path.js";
import type { Upload } from "../provider.js";
import { wordsFor } from "../refusals.js";
import type { Sending } from "./api.js";
import type { Connection } from "./connection.js";
import { hashBytes } from "./hash-content.js";
import { mediaTypeOf } from "./media-types.js";

/** Bytes that the service has, and the token that stands for them. */
export interface SentContent {
  readonly kind: "token";
  readonly token: string;
  readonly sentHash: ContentHash;
}

/** Sends the content with one request, from memory where it is there already. */
export async function sendWhole(
  { api }: Connection,
  file: Upload,
  bytes: Buffer | undefined,
  signal: AbortSignal,
): Promise<SentContent> {
  const content = bytes === undefined ? contentFrom(file, 0) : inMemory(bytes);
  const headers = { "x-goog-upload-protocol": "raw", "x-goog-upload-content-type": mimeTypeOf(file) };
  const sending: Sending = { ...about(file), session: undefined, headers, body: content.body, repeatable: true };
  const answer = await api.send(sending, signal);
  return { kind: "token", token: tokenIn(answer, file), sentHash: content.hash() };
}

/** Names stay out of it: the header takes ASCII alone, and the name that comes with the photo counts anyway. */
export function mimeTypeOf(file: Upload): string {
  return mediaTypeOf(nameOf(file.path))?.mimeType ?? "application/octet-stream";
}

export function about(file: Upload): { readonly operation: string; readonly subject: string } {
  return { operation: "upload", subject: file.path };
}

/** The whole answer is the token. Nothing else is told from it, so that its form is looked at. */
export function tokenIn({ text }: HttpAnswer, file: Upload): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token) && !/^[<{["]/.test(token)) return token;
  throw new ProviderError(
    "unavailable",
    `${wordsFor(about(file))}: Google Photos answered with no upload token; run again later`,
  );
}

export interface Content {
  readonly body: NonNullable<Sending["body"]>;
  /** Of what was sent last. */
  hash(): ContentHash;
}

function inMemory(bytes: Buffer): Content {
  return { body: { kind: "bytes", bytes, contentType: OCTETS }, hash: () => hashBytes(bytes) };
}

/** The content from byte `start` on. */
export function contentFrom({ content }: Upload, start: number): Content {
  const sizeBytes = content.sizeBytes - start;
  let hasher: Hasher = createHasher("sha256");
  const open = () => {
    // Every attempt sends everything, and is hashed anew.
    const mine = createHasher("sha256");
    hasher = mine;
    const stream = content.open(start, content.sizeBytes);
    stream.on("data", (chunk: Buffer) => {
      mine.update(chunk);
    });
    stream.pause();
    return stream;
  };
  return { body: { kind: "stream", sizeBytes, open, contentType: OCTETS }, hash: () => hasher.digest() };
}

const OCTETS = "application/octet-stream";
