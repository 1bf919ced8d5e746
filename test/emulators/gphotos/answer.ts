import { type Bytes, sliceOf } from "./bytes.js";
import { ApiError, PageNotFound } from "./failures.js";

/** A complete HTTP answer, before a fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Bytes;
  /** HEAD: the length is told, the body is not sent. */
  readonly isHeadOnly?: boolean;
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const type = { "Content-Type": "application/json; charset=UTF-8" };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value, null, 2) };
}

export function textAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8", ...headers }, body };
}

export function htmlAnswer(status: number, text: string): Answer {
  const body =
    `<!DOCTYPE html>\n<html lang=en>\n  <title>Error ${String(status)}</title>\n` +
    `  <p><b>${String(status)}.</b> <ins>That’s an error.</ins>\n  <p>${text}\n`;
  return { status, headers: { "Content-Type": "text/html; charset=UTF-8" }, body };
}

/** The answer of the image host with a picture: whole or a range. */
export function mediaAnswer(
  bytes: Bytes,
  {
    type,
    range,
    isHeadOnly,
  }: { readonly type: string; readonly range: string | undefined; readonly isHeadOnly: boolean },
): Answer {
  const headers = { "Content-Type": type, "Accept-Ranges": "bytes", "Cache-Control": "private, max-age=86400" };
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

/** The answer for anything a route threw. Rethrows what is a bug of the emulator. */
export function errorAnswer(error: unknown, path: string): Answer {
  if (error instanceof PageNotFound) {
    return htmlAnswer(404, `The requested URL <code>${path}</code> was not found on this server.`);
  }
  if (!(error instanceof ApiError)) throw error;
  const { httpStatus, status, message, extra } = error;
  if (extra.flatCode !== undefined) {
    return jsonAnswer(httpStatus, { code: extra.flatCode, message }, extra.headers);
  }
  const details = extra.details === undefined ? {} : { details: extra.details };
  return jsonAnswer(httpStatus, { error: { code: httpStatus, message, status, ...details } }, extra.headers);
}

function parseRange(header: string | undefined, size: number): readonly [number, number] | undefined {
  const parts = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return [Math.max(0, size - Number(last)), size];
  return [Number(first), last === "" ? size : Math.min(Number(last) + 1, size)];
}
