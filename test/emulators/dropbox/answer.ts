import { type Answer, bytesAnswer } from "../shared/answer.js";
import type { Chance } from "../shared/chance.js";
import type { Content } from "./content.js";
import { BadInput, CommonError, RouteError, summaryOf } from "./failures.js";

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
  return bytesAnswer(content, { ...headers, "Content-Type": "application/octet-stream" }, header("range"));
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
