import type { Readable } from "node:stream";
import type * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import type { HttpAnswer, HttpBody, HttpClient, HttpRequest, HttpStream } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import { toServiceError } from "./errors.js";
import { parseJson } from "../memory.js";
import { errorAnswer, link, type Link } from "./schemas.js";

type Value = string | number | boolean | undefined;

/** One call of a route. `route` is what follows "/v1/disk"; arguments are query parameters, whatever the method. */
export interface Call extends Subject {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly route: string;
  readonly query: Readonly<Record<string, Value>>;
  /** Only PATCH has one. */
  readonly json?: unknown;
  /** Whether the call may be made again when it is unknown if the service has carried it out. */
  readonly repeatable: boolean;
  readonly responseTimeoutMs?: number;
}

/** Bytes on their way to an upload link. */
export interface Sending extends Subject {
  readonly url: string;
  readonly body: Extract<HttpBody, { kind: "bytes" | "stream" }>;
  readonly responseTimeoutMs: number;
}

/** Bytes from a download link, from `start` on. */
export interface Fetching extends Subject {
  readonly url: string;
  readonly start: number;
  /** Statuses besides 2xx that come back as an answer, without a body. */
  readonly accept: readonly number[];
}

/**
 * The routes of the service and the hosts that its links lead to. Rejects with `ServiceError` where the service gives a
 * reason, which callers tell apart by its word, and with other `ProviderError`s for everything else.
 */
export interface YandexApi {
  /** A call whose answer is read. */
  ask<T>(call: Call, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  /** A call that changes something. Resolves to the operation that goes on with it; undefined when all is done. */
  act(call: Call, signal: AbortSignal): Promise<Link | undefined>;
  /** Sends content to the link of an upload, once. Every status comes back as an answer; the token stays here. */
  put(sending: Sending, signal: AbortSignal): Promise<HttpAnswer>;
  /** Fetches content from a download link. The token stays here. */
  fetch(fetching: Fetching, signal: AbortSignal): Promise<HttpStream>;
  readonly requests: number;
  close(): void;
}

export function createYandexApi(http: HttpClient, apiUrl: string): YandexApi {
  return {
    ask: async (call, answer, signal) => {
      return parseAnswer(answer, await exchange(http, apiUrl, call, signal), wordsFor(call));
    },
    act: async (call, signal) => {
      const answer = await exchange(http, apiUrl, call, signal);
      return answer.status === 202 ? parseAnswer(link, answer, wordsFor(call)) : undefined;
    },
    put: (sending, signal) => put(http, apiUrl, sending, signal),
    fetch: (fetching, signal) => fetchContent(http, apiUrl, fetching, signal),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

/** Statuses whose answer tells more than the number. */
const TELLING = [400, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 507];

async function exchange(http: HttpClient, apiUrl: string, call: Call, signal: AbortSignal): Promise<HttpAnswer> {
  const { operation, subject, method, repeatable, json, responseTimeoutMs } = call;
  const request: HttpRequest = {
    operation,
    subject,
    method,
    url: `${apiUrl}/v1/disk${call.route}${toQuery(call.query)}`,
    headers: { accept: "application/json" },
    ...(json === undefined ? {} : { body: { kind: "json", value: json } }),
    ...(responseTimeoutMs === undefined ? {} : { responseTimeoutMs }),
    repeatable,
    accept: TELLING,
  };
  const answer = await http.send(request, signal);
  if (answer.status < 300) return answer;
  const told = parseJson(answer.text, errorAnswer);
  const refusal = { status: answer.status, error: told?.error ?? "", description: told?.description };
  throw toServiceError(refusal, call);
}

/** The service reads a bare "+" as a space, so everything is escaped. */
function toQuery(query: Call["query"]): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** What an uploader says instead of 201; the client knows the rest. None is worth a second try of the same link. */
const UPLOAD_ANSWERS = [400, 401, 403, 404, 405, 408, 409, 410, 411, 412, 413, 422, 423, 429];
const UPLOAD_FAILURES = [500, 502, 503, 504, 507, 509];

async function put(http: HttpClient, apiUrl: string, sending: Sending, signal: AbortSignal): Promise<HttpAnswer> {
  const { operation, subject, url, body, responseTimeoutMs } = sending;
  const request: HttpRequest = {
    operation,
    subject,
    method: "PUT",
    url: secureAs(apiUrl, url, sending),
    body,
    // Every link may lead to another host, and connections that are kept to these break.
    headers: { connection: "close" },
    repeatable: false,
    authorized: false,
    accept: [...UPLOAD_ANSWERS, ...UPLOAD_FAILURES],
    acceptsEarly: true,
    responseTimeoutMs,
  };
  return await http.send(request, signal);
}

async function fetchContent(
  http: HttpClient,
  apiUrl: string,
  fetching: Fetching,
  signal: AbortSignal,
): Promise<HttpStream> {
  const { operation, subject, start, accept } = fetching;
  const request: HttpRequest = {
    operation,
    subject,
    method: "GET",
    url: secureAs(apiUrl, fetching.url, fetching),
    ...(start > 0 ? { headers: { range: `bytes=${start}-` } } : {}),
    repeatable: true,
    authorized: false,
    accept,
  };
  const answer = await http.open(request, signal);
  if (answer.status >= 300) discard(answer.body);
  return answer;
}

/** A link is encrypted wherever the service itself is. */
function secureAs(apiUrl: string, address: string, about: Subject): string {
  if (!URL.canParse(address)) {
    throw new ProviderError("malformed", `${wordsFor(about)}: the link is no address; run again later`);
  }
  const url = new URL(address);
  if (apiUrl.startsWith("https:") && url.protocol === "http:") url.protocol = "https:";
  return url.href;
}

function discard(body: Readable): void {
  body.on("error", () => undefined);
  body.destroy();
}
