import { type Answer, bytesAnswer } from "../shared/answer.js";
import type { Bytes } from "../shared/bytes.js";
import { ApiError, PageNotFound } from "./failures.js";

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
export function mediaAnswer(bytes: Bytes, type: string, range: string | undefined): Answer {
  const headers = { "Content-Type": type, "Accept-Ranges": "bytes", "Cache-Control": "private, max-age=86400" };
  return bytesAnswer(bytes, headers, range);
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
