import type { Readable } from "node:stream";
import type * as z from "zod";
import { parseAnswer } from "../../lib/http/answers.js";
import { isSafeForSecrets } from "../../lib/http/loopback.js";
import type { HttpAnswer, HttpBody, HttpClient, HttpRequest, HttpStream } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import type { Addresses } from "./config.js";
import { toGraphError } from "./errors.js";

/** One call. `path` is what follows the version: "/drives/b!…/items/01…". */
export interface Call<T> extends Subject {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody | undefined;
  readonly answer: z.ZodType<T>;
  /** Whether the call may be made again when it is unknown if the service has carried it out. */
  readonly repeatable: boolean;
}

/** A request to an address that the service gave out. Such addresses are secrets, and go without the access token. */
export interface SignedRequest extends Subject {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly repeatable: boolean;
  /** Statuses besides 2xx that are answers here. */
  readonly accept: readonly number[];
}

/** The requests of the service. Rejects with `GraphError` for an error answer that no retry mends. */
export interface GraphApi {
  /** Argument and answer are JSON. An answer without a body is parsed as an empty object. */
  call<T>(call: Call<T>, signal: AbortSignal): Promise<T>;
  /** As `call`, with the answer as it came, whatever it says. `accept`: statuses besides the usual ones that are not retried. */
  ask(call: Omit<Call<unknown>, "answer">, signal: AbortSignal, accept?: readonly number[]): Promise<HttpAnswer>;
  /** Follows a link of a listing, as it is. Rejects with "malformed" for one that leads elsewhere. */
  follow(link: string, about: Subject, signal: AbortSignal, accept?: readonly number[]): Promise<HttpAnswer>;
  /** Sends to an upload address. */
  signed(request: SignedRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Opens a download address. */
  open(request: SignedRequest, signal: AbortSignal): Promise<HttpStream>;
  /** True for a link that the access token may be sent to. */
  isOurs(link: string): boolean;
  /** Lets no request out for so many milliseconds. */
  pause(ms: number): void;
  readonly requests: number;
  close(): void;
}

/** Statuses whose answer tells more than the number. */
const TELLING = [400, 401, 403, 404, 405, 409, 410, 411, 412, 413, 414, 415, 416, 423, 501, 507];

/** Without it "Add shortcut to My files" is not listed, and a shortcut would be taken for free room. */
const PREFER = { prefer: "Include-Feature=AddToOneDrive" };

export function createGraphApi(http: HttpClient, addresses: Addresses): GraphApi {
  const base = `${addresses.api}/v1.0`;
  const origin = new URL(addresses.api).origin;
  const isOurs = (link: string): boolean => URL.canParse(link) && new URL(link).origin === origin;

  async function ask(call: Omit<Call<unknown>, "answer">, signal: AbortSignal, accept: readonly number[] = []) {
    const { operation, subject, method, path, headers = {}, body, repeatable } = call;
    const request = {
      operation,
      subject,
      method,
      url: base + path,
      headers,
      repeatable,
      accept: [...TELLING, ...accept],
    };
    return await http.send(body === undefined ? request : { ...request, body }, signal);
  }

  return {
    ask,
    call: async (call, signal) => {
      const answer = await ask(call, signal);
      if (!isGood(answer.status)) throw toGraphError(answer, call);
      const text = answer.text.trim() === "" ? "{}" : answer.text;
      return parseAnswer(call.answer, { ...answer, text }, wordsFor(call));
    },
    follow: async (link, about, signal, accept = []) => {
      if (!isOurs(link))
        throw new ProviderError("malformed", `${wordsFor(about)}: the listing goes on at another server`);
      const request = { ...about, method: "GET", url: link, headers: PREFER, repeatable: true } as const;
      return await http.send({ ...request, accept: [...TELLING, ...accept] }, signal);
    },
    signed: async (request, signal) => await http.send(toSigned(request), signal),
    open: async (request, signal) => await http.open(toSigned(request), signal),
    isOurs,
    pause: (ms) => http.pause(ms),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}

export function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

export function jsonBody(value: unknown): HttpBody {
  return { kind: "json", value };
}

/** Listings that should show shortcuts to other drives ask for them. */
export const LISTING_HEADERS = PREFER;

/** Reads a short error answer; longer ones are none of the service's. */
export async function readText(body: Readable): Promise<string> {
  let text = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > MAX_ERROR_CHARS) break;
  }
  return text;
}

const MAX_ERROR_CHARS = 64 * 1024;

/** The access token never goes there: the address is proof enough, and belongs to another host. */
function toSigned(request: SignedRequest): HttpRequest {
  const { operation, subject, method, url, headers = {}, body, repeatable, accept } = request;
  if (!URL.canParse(url) || !isSafeForSecrets(new URL(url))) {
    throw new ProviderError("malformed", `${wordsFor(request)}: OneDrive named an address that is not safe to use`);
  }
  const plain = { operation, subject, method, url, headers, repeatable, accept, authorized: false };
  return body === undefined ? plain : { ...plain, body };
}
