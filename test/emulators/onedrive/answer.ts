import type { Content } from "./content.js";
import type { Refusal, SignInRefusal } from "./failures.js";

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

const JSON_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "Content-Type": JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: "" };
}

export function textAnswer(status: number, body: string, contentType = "text/plain; charset=utf-8"): Answer {
  return { status, headers: { "Content-Type": contentType }, body };
}

/** The answer to a download: whole, a range, or 416. */
export function contentAnswer(content: Content, range: string | undefined): Answer {
  const size = content.sizeBytes;
  const headers = { "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes" };
  const part = parseRange(range, size);
  if (part === undefined) return { status: 200, headers, body: { content, startByte: 0, endByte: size } };
  if (part.startByte >= part.endByte) {
    return { status: 416, headers: { "Content-Range": `bytes */${String(size)}` }, body: "" };
  }
  const shown = `bytes ${String(part.startByte)}-${String(part.endByte - 1)}/${String(size)}`;
  return { status: 206, headers: { ...headers, "Content-Range": shown }, body: { content, ...part } };
}

export interface ErrorContext {
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly nowMs: number;
  /** The API writes "innerError", the upload and download hosts "innererror". */
  readonly innerName: "innerError" | "innererror";
}

export function refusalAnswer(refused: Refusal, context: ErrorContext): Answer {
  const { code, message, status, details } = refused;
  const { requestId, clientRequestId = requestId, nowMs, innerName } = context;
  const trace =
    innerName === "innererror"
      ? {}
      : {
          date: new Date(nowMs).toISOString().slice(0, 19),
          "request-id": requestId,
          "client-request-id": clientRequestId,
        };
  const inner = { ...(details.inner === undefined ? {} : { code: details.inner }), ...trace };
  const error = { code, message, ...(Object.keys(inner).length === 0 ? {} : { [innerName]: inner }) };
  return jsonAnswer(status, { error }, details.headers);
}

export function signInRefusalAnswer(
  { status, error, details }: SignInRefusal,
  { requestId, nowMs }: ErrorContext,
): Answer {
  const timestamp = `${new Date(nowMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
  const { aadsts, message, suberror } = details;
  const code = aadsts === undefined ? "" : `AADSTS${String(aadsts)}: `;
  const description = `${code}${message} Trace ID: ${requestId} Correlation ID: ${requestId} Timestamp: ${timestamp}`;
  return jsonAnswer(
    status,
    {
      error,
      error_description: description,
      ...(aadsts === undefined ? {} : { error_codes: [aadsts] }),
      timestamp,
      trace_id: requestId,
      correlation_id: requestId,
      ...(aadsts === undefined ? {} : { error_uri: `https://login.microsoftonline.com/error?code=${String(aadsts)}` }),
      ...(suberror === undefined ? {} : { suberror }),
    },
    { "Content-Type": "application/json; charset=utf-8", ...details.headers },
  );
}

function parseRange(header: string | undefined, size: number): Omit<ContentPart, "content"> | undefined {
  const parts = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, first = "", last = ""] = parts;
  if (first === "" && last === "") return undefined;
  if (first === "") return { startByte: Math.max(0, size - Number(last)), endByte: size };
  return { startByte: Number(first), endByte: last === "" ? size : Math.min(Number(last) + 1, size) };
}
