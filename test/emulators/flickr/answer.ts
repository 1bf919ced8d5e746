import { type Bytes, sliceOf } from "../gphotos/bytes.js";

/** A complete HTTP answer, before a fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Bytes;
  /** HEAD: the length is told, the body is not sent. */
  readonly isHeadOnly?: boolean;
}

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
  { range, isHeadOnly }: { readonly range: string | undefined; readonly isHeadOnly: boolean },
): Answer {
  const headers = {
    "Content-Type": mimeType,
    ETag: `"${etag}"`,
    "Last-Modified": new Date(modifiedMs).toUTCString(),
    "Accept-Ranges": "bytes",
    ...(downloadName === undefined ? {} : { "Content-Disposition": `attachment; filename=${downloadName}` }),
  };
  const part = parseRange(range, bytes.sizeBytes);
  if (part === undefined) return { status: 200, headers, body: bytes, isHeadOnly };
  const [start, end] = part;
  if (start >= end) {
    return { status: 416, headers: { "Content-Range": `bytes */${String(bytes.sizeBytes)}` }, body: "", isHeadOnly };
  }
  const shown = `bytes ${String(start)}-${String(end - 1)}/${String(bytes.sizeBytes)}`;
  return {
    status: 206,
    headers: { ...headers, "Content-Range": shown },
    body: sliceOf(bytes, start, end),
    isHeadOnly,
  };
}

function parseRange(header: string | undefined, size: number): readonly [number, number] | undefined {
  const parts = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return [Math.max(0, size - Number(last)), size];
  return [Number(first), last === "" ? size : Math.min(Number(last) + 1, size)];
}
