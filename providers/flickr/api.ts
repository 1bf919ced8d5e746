import type * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import { backoffMs } from "../../lib/http/backoff.js";
import { problemIn } from "../../lib/http/oauth1-login.js";
import type { Sleep } from "../../lib/http/sleep.js";
import type { HttpAnswer, HttpClient, HttpRequest } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { Addresses } from "./config.js";
import { isPassing, toServiceError, type Meanings } from "./errors.js";
import { verdict } from "./schemas.js";

/** One call of a method. */
export interface Call extends Subject {
  readonly name: string;
  readonly args: Readonly<Record<string, string | number>>;
  readonly meanings?: Meanings;
  /** For calls that write: whether the call may be made again when it is unknown if the service has carried it out. */
  readonly repeatable?: boolean;
}

/** A form with a file in it, for the host that takes content. */
export interface Post extends Subject {
  readonly route: "upload" | "replace";
  /** The text parts, which the signature covers. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Extract<HttpRequest["body"], { readonly kind: "stream" }>;
  readonly responseTimeoutMs: number;
}

/**
 * The methods of the service. Rejects with `ServiceError` where the service gives a number for the reason, and with other
 * `ProviderError`s for everything else.
 */
export interface FlickrApi {
  read<T>(call: Call, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  write<T>(call: Call, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  /** Sends content once. Every status that says something about the content comes back as an answer. */
  post(post: Post, signal: AbortSignal): Promise<HttpAnswer>;
  readonly requests: number;
  close(): void;
}

/** Tries of a call that the service could not carry out just now. */
const TRIES = 5;
const FIRST_PAUSE_MS = 1_000;

/** After "too many calls" the service wants to be left alone for a while, also where it does not say for how long. */
const REST_MS = 10_000;
const LONGEST_REST_MS = 60_000;

export interface ApiTools {
  readonly sleep: Sleep;
  /** Holds back all requests of the client. */
  readonly rest: (ms: number) => void;
}

export function createFlickrApi(http: HttpClient, addresses: Addresses, { sleep, rest }: ApiTools): FlickrApi {
  /** A request that was one too many was not looked at, so that it may always be made again. */
  async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await http.send(request, signal);
      if (answer.status === 401) throw refusedSignature(answer, request);
      if (answer.status !== 429) return answer;
      if (tries === TRIES) throw tooMany(request);
      rest(Math.min(LONGEST_REST_MS, REST_MS * 2 ** (tries - 1)));
    }
  }

  async function again<T>(call: () => Promise<T>, mayRepeat: boolean, signal: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await call();
      } catch (error) {
        if (!mayRepeat || !isPassing(error) || tries === TRIES) throw error;
        await sleep(backoffMs(tries, FIRST_PAUSE_MS, Math.random), signal);
      }
    }
  }
  return {
    read: (call, answer, signal) => {
      return again(async () => toAnswer(await exchange(toRead(addresses, call), signal), call, answer), true, signal);
    },
    write: (call, answer, signal) => {
      const send = async () => toAnswer(await exchange(toWrite(addresses, call), signal), call, answer);
      return again(send, call.repeatable === true, signal);
    },
    post: (post, signal) => exchange(toPost(addresses, post), signal),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

const FORMAT = { format: "json", nojsoncallback: "1" };

function argumentsOf({ name, args }: Call): Readonly<Record<string, string>> {
  const texts = Object.entries(args).map(([key, value]) => [key, String(value)] as const);
  return { method: name, ...Object.fromEntries(texts), ...FORMAT };
}

function toRead({ api }: Addresses, call: Call): HttpRequest {
  const query = Object.entries(argumentsOf(call)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const { operation, subject } = call;
  return {
    operation,
    subject,
    method: "GET",
    url: `${api}/services/rest/?${query.join("&")}`,
    repeatable: true,
    accept: [401, 429],
  };
}

function toWrite({ api }: Addresses, call: Call): HttpRequest {
  const { operation, subject } = call;
  return {
    operation,
    subject,
    method: "POST",
    url: `${api}/services/rest/`,
    body: { kind: "form", fields: argumentsOf(call) },
    repeatable: call.repeatable === true,
    accept: [401, 429],
  };
}

/** From the last byte to the answer the service may take its time. */
function toPost(
  { upload }: Addresses,
  { operation, subject, route, fields, body, responseTimeoutMs }: Post,
): HttpRequest {
  return {
    operation,
    subject,
    method: "POST",
    url: `${upload}/services/${route}/`,
    body,
    signedFields: fields,
    repeatable: false,
    accept: [401, 413, 429],
    acceptsEarly: true,
    responseTimeoutMs,
  };
}

function tooMany(about: Subject): ProviderError {
  return new ProviderError(
    "unavailable",
    `${wordsFor(about)}: Flickr is called too often with this key; run again in an hour`,
  );
}

/** The answer shows the whole text that was signed; only the word for the reason is taken from it. */
function refusedSignature(answer: HttpAnswer, about: Subject): ProviderError {
  const word = problemIn(answer) ?? "the sign-in is not accepted";
  const advice =
    word === "timestamp_refused"
      ? "set the clock of this machine right"
      : "run `trisync login flickr` again; if that does not help, check FLICKR_API_KEY and FLICKR_API_SECRET";
  return new ProviderError("unauthorized", `${wordsFor(about)}: Flickr answered ${word}; ${advice}`);
}

function toAnswer<T>(answer: HttpAnswer, call: Call, schema: z.ZodType<T>): T {
  const words = wordsFor(call);
  const { stat, code, message } = parseAnswer(verdict, answer, words);
  if (stat === "ok") return parseAnswer(schema, answer, words);
  throw toServiceError(code ?? 0, message, call, call.meanings ?? {});
}
