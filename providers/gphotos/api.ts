import type * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import { sleep, type Sleep } from "../../lib/http/sleep.js";
import type { HttpAnswer, HttpBody, HttpClient, HttpRequest } from "../../lib/http/types.js";
import { wordsFor, type Subject } from "../refusals.js";
import { createAllowance, type Allowance } from "./allowance.js";
import { isTrouble, toServiceError } from "./errors.js";
import type { Notes } from "./notes.js";
import { createPatience, type Patience } from "./patience.js";

/** One call of a method. `route` is what follows "/v1/". */
export interface Call<T> extends Subject {
  readonly method: "GET" | "POST";
  readonly route: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly json?: unknown;
  readonly answer: z.ZodType<T>;
  /** Whether the call may be made again when it is unknown if the service has carried it out. */
  readonly repeatable: boolean;
  /** Server errors are not waited out but told at once: for pages, which a single broken item spoils for ever. */
  readonly isFragile?: boolean;
}

/** Bytes, or a command, for the upload endpoint. */
export interface Sending extends Subject {
  /** Undefined for a new upload; else the address of the session. */
  readonly session: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for commands, which have none. */
  readonly body: Extract<HttpBody, { kind: "bytes" | "stream" }> | undefined;
  readonly repeatable: boolean;
}

/**
 * The methods of the service. Rejects with `ServiceError` where the service gives a reason, and with other `ProviderError`s for everything
 * else. Waits where it is asked too often, and asks nothing more once the requests of the day are spent ("exhausted").
 */
export interface PhotosApi {
  ask<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** Resolves to the whole answer: the upload endpoint speaks in headers and plain text. */
  send(sending: Sending, signal: AbortSignal): Promise<HttpAnswer>;
  /** Whether the address of a session is the service's own: the access token goes along with whatever is sent there. */
  isOwn(address: string): boolean;
  readonly requests: number;
  /** Keeps the count of the day's requests for the next run. */
  save(): void;
  close(): void;
}

export interface ApiOptions {
  readonly http: HttpClient;
  /** Where the service is. */
  readonly api: string;
  readonly notes: Notes;
  readonly now: () => number;
  readonly requestsPerDay?: number;
  readonly sleep?: Sleep;
}

export function openApi(options: ApiOptions): PhotosApi {
  const { http, notes, now, requestsPerDay = Number.POSITIVE_INFINITY } = options;
  const clock = { now, sleep: options.sleep ?? sleep };
  const allowance = createAllowance({ notes, now, perDay: requestsPerDay, sent: () => http.requests });
  const wire: Wire = { http, allowance, patience: createPatience(clock), sleep: clock.sleep };
  return {
    ask: async (call, signal) => {
      const answer = await exchange(wire, toRequest(options.api, call), "other", signal);
      return parseAnswer(call.answer, answer, wordsFor(call));
    },
    send: (sending, signal) => exchange(wire, toUpload(options.api, sending), "upload", signal),
    isOwn: (address) => isOwn(address, options.api),
    get requests() {
      return http.requests;
    },
    save: () => allowance.save(),
    close: () => http.close(),
  };
}

const GOOGLE = ".googleapis.com";

function isOwn(address: string, api: string): boolean {
  if (!URL.canParse(address)) return false;
  const [there, own] = [new URL(address), new URL(api)];
  const isGoogle = [there, own].every(({ protocol, hostname }) => protocol === "https:" && hostname.endsWith(GOOGLE));
  return there.origin === own.origin || isGoogle;
}

interface Wire {
  readonly http: HttpClient;
  readonly allowance: Allowance;
  readonly patience: Patience;
  readonly sleep: Sleep;
}

/** With pauses of 30 seconds and more in between, some minutes. */
const ROUNDS = 5;
const ABORTED_MS = 3_000;

async function exchange(
  { http, allowance, patience, sleep }: Wire,
  request: HttpRequest,
  use: "upload" | "other",
  signal: AbortSignal,
): Promise<HttpAnswer> {
  for (let round = 1; ; round++) {
    await patience.pass(signal);
    allowance.assertLeft(request, use);
    const answer = await http.send(request, signal);
    if (answer.status < 300) {
      patience.noteAnswered();
      return answer;
    }
    const error = toServiceError(answer, request);
    if (error.trouble === "day-spent") allowance.noteSpent();
    if (round === ROUNDS || !isTrouble(error, "too-often", "aborted")) throw error;
    if (error.trouble === "too-often") patience.noteThrottled();
    else await sleep(ABORTED_MS * round, signal);
  }
}

/** Statuses whose answer tells more than the number. */
const TELLING = [400, 401, 403, 404, 409, 410, 429];
const FAILURES = [500, 503, 504];

function toRequest(api: string, call: Call<unknown>): HttpRequest {
  const { operation, subject, method, route, query, json, repeatable, isFragile } = call;
  return {
    operation,
    subject,
    method,
    url: `${api}/v1/${route}${toQuery(query ?? {})}`,
    ...(json === undefined ? {} : { body: { kind: "json", value: json } }),
    repeatable,
    accept: isFragile === true ? [...TELLING, ...FAILURES] : TELLING,
  };
}

function toUpload(api: string, { operation, subject, session, headers, body, repeatable }: Sending): HttpRequest {
  return {
    operation,
    subject,
    method: "POST",
    url: session ?? `${api}/v1/uploads`,
    headers,
    ...(body === undefined ? {} : { body }),
    repeatable,
    accept: TELLING,
    acceptsEarly: true,
  };
}

function toQuery(query: NonNullable<Call<unknown>["query"]>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = typeof value === "object" ? value : value === undefined ? [] : [String(value)];
    return values.map((one) => `${name}=${encodeURIComponent(one)}`);
  });
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
