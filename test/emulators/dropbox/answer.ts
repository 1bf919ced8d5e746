import type { Chance } from "./chance.js";
import type { Content } from "./content.js";
import { BadInput, CommonError, RouteError, summaryOf } from "./failures.js";

/** A complete HTTP answer, before a fault spoils it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ContentPart;
}

/** A part of a stored content, sent as a stream. */
export interface ContentPart {
  readonly content: Content;
  readonly startByte: number;
  readonly endByte: number;
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(value) };
}

export function textAnswer(status: number, body: string, contentType = "text/plain; charset=utf-8"): Answer {
  return { status, headers: { "Content-Type": contentType }, body };
}

/** The answer to a content download: whole, a range, 304 or 416. */
export function contentAnswer(
  { content, metadata, etag }: { readonly content: Content; readonly metadata: unknown; readonly etag: string },
  header: (name: string) => string | undefined,
): Answer {
  const headers = { "Dropbox-API-Result": headerSafe(metadata), ETag: etag, "Accept-Ranges": "bytes" };
  if (header("if-none-match") === etag) return { status: 304, headers, body: "" };
  const size = content.sizeBytes;
  const range = parseRange(header("range"), size);
  const type = { "Content-Type": "application/octet-stream" };
  if (range === undefined) {
    return { status: 200, headers: { ...headers, ...type }, body: { content, startByte: 0, endByte: size } };
  }
  if (range.startByte >= range.endByte) {
    return { status: 416, headers: { "Content-Range": `bytes */${String(size)}` }, body: "" };
  }
  const shown = `bytes ${String(range.startByte)}-${String(range.endByte - 1)}/${String(size)}`;
  return { status: 206, headers: { ...headers, ...type, "Content-Range": shown }, body: { content, ...range } };
}

/** The answer for anything a route threw. Rethrows what is a bug of the emulator. */
export function errorAnswer(error: unknown, route: string, chance: Chance): Answer {
  if (error instanceof RouteError) {
    return jsonAnswer(409, { error_summary: withDots(summaryOf(error.error), chance), error: error.error });
  }
  if (error instanceof CommonError) {
    const body = { error_summary: withDots(error.summary, chance), error: error.error };
    return jsonAnswer(error.status, body, error.headers);
  }
  if (!(error instanceof BadInput)) throw error;
  if (error.html) return textAnswer(error.status, "<html><body><h1>400 Bad Request</h1></body></html>", "text/html");
  return textAnswer(error.status, `Error in call to API function "${route}": ${error.detail}`);
}

/** JSON in pure ASCII, as it has to be in a header. */
function headerSafe(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The service adds a random number of dots, so that nobody compares whole summaries. */
function withDots(summary: string, chance: Chance): string {
  return `${summary}/${".".repeat(1 + chance.below(4))}`;
}

function parseRange(header: string | undefined, size: number): Omit<ContentPart, "content"> | undefined {
  const parts = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return { startByte: Math.max(0, size - Number(last)), endByte: size };
  return { startByte: Number(first), endByte: last === "" ? size : Math.min(Number(last) + 1, size) };
}
