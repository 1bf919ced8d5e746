import { type Answer, bytesAnswer } from "../shared/answer.js";
import type { Content } from "./content.js";
import type { Refusal, SignInRefusal } from "./failures.js";

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
  const headers = { "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes" };
  return bytesAnswer(content, headers, range);
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
