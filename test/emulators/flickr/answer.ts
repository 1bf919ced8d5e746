import { type Answer, bytesAnswer } from "../shared/answer.js";
import type { Bytes } from "../shared/bytes.js";

export function textAnswer(status: number, type: string, body: string): Answer {
  return { status, headers: { "Content-Type": `${type}; charset=utf-8` }, body };
}

export function htmlAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = `<!DOCTYPE html><html><head><title>Flickr</title></head><body><h1>${text}</h1></body></html>\n`;
  return { status, headers: { "Content-Type": "text/html; charset=utf-8", ...headers }, body };
}

/** Pairs in the encoding of forms, as the sign-in answers come; a space is `%20`. */
export function formAnswer(status: number, values: Readonly<Record<string, string>>): Answer {
  const body = Object.entries(values)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  return textAnswer(status, "text/plain", body);
}

export function redirectAnswer(location: string): Answer {
  return { status: 302, headers: { Location: location }, body: "" };
}

export interface ServedFile {
  readonly bytes: Bytes;
  readonly mimeType: string;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly downloadName?: string | undefined;
}

/** The answer of the image host with a file: whole or a range. */
export function fileAnswer(
  { bytes, mimeType, etag, modifiedMs, downloadName }: ServedFile,
  range: string | undefined,
): Answer {
  const headers = {
    "Content-Type": mimeType,
    ETag: `"${etag}"`,
    "Last-Modified": new Date(modifiedMs).toUTCString(),
    "Accept-Ranges": "bytes",
    ...(downloadName === undefined ? {} : { "Content-Disposition": `attachment; filename=${downloadName}` }),
  };
  return bytesAnswer(bytes, headers, range);
}
