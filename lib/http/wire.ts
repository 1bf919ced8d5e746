import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import got, { type OptionsInit, type Response } from "got";
import { ProviderError } from "../model/errors.js";
import type { Route } from "./agents.js";
import { nameOf, networkError, toNetworkFailure, type NetworkFailure } from "./errors.js";
import type { HttpLimits } from "./limits.js";
import { openBody, type OpenBody } from "./request-body.js";
import { watchBody } from "./response-body.js";
import { reasonOf } from "./sleep.js";
import type { HttpAnswer, HttpRequest, HttpStream } from "./types.js";

/** One attempt at one request. */
export interface Shot {
  readonly request: HttpRequest;
  readonly url: URL;
  /** With the authorization, if any. */
  readonly headers: Readonly<Record<string, string>>;
  readonly route: Route;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal;
  /** Called when the request goes out. */
  readonly onSent: () => void;
}

export type Shown<T> =
  { readonly ok: true; readonly reply: T } | { readonly ok: false; readonly failure: NetworkFailure };

/** Sends once and reads the whole answer. Rejects only when aborted, or when the content to send could not be read. */
export async function sendOnce(shot: Shot): Promise<Shown<HttpAnswer>> {
  const leash = createLeash(shot.signal);
  const body = openBody(shot.request);
  const early: { head?: Pick<HttpAnswer, "status" | "headers"> } = {};
  const answered = { isTooLarge: false };
  try {
    const pending = got(shot.url, { ...optionsOf(shot, body), signal: leash.signal });
    void pending.on("request", (native) => {
      watchRequest(native, shot, shot.limits.idleTimeoutMs);
      noteEarlyAnswer(native, (head) => (early.head = head));
    });
    void pending.on("downloadProgress", ({ transferred }) => {
      if (transferred <= shot.limits.maxAnswerBytes) return;
      answered.isTooLarge = true;
      leash.cut();
    });
    const response: Response<string> = await pending;
    return { ok: true, reply: { ...headOf(response), text: response.body } };
  } catch (error) {
    assertOwnFault(shot, body);
    if (answered.isTooLarge)
      throw new ProviderError("malformed", `${nameOf(shot.request)}: the answer is far too large`);
    // The service made up its mind before it had taken the whole body, and hung up: its answer says more than the broken pipe.
    if (early.head !== undefined && isRefusal(early.head.status, shot.request)) {
      return { ok: true, reply: { ...early.head, text: "" } };
    }
    return { ok: false, failure: toNetworkFailure(error, shot.route.proxy) };
  } finally {
    leash.release();
  }
}

/** Sends once and resolves when the headers have come; the body is read by the caller. Rejects as `sendOnce`. */
export function openOnce(shot: Shot): Promise<Shown<HttpStream>> {
  const leash = createLeash(shot.signal);
  const body = openBody(shot.request);
  return new Promise((resolve, reject) => {
    // What got has compressed on the way would have another length and other ranges than the file.
    const headers = { "accept-encoding": "identity", ...optionsOf(shot, body).headers };
    const options = { ...optionsOf(shot, body), headers, decompress: false, strictContentLength: true };
    const stream = got.stream(shot.url, { ...options, signal: leash.signal });
    stream.once("request", (native: ClientRequest) => watchRequest(native, shot, 0));
    const onError = (error: unknown): void => {
      leash.release();
      try {
        assertOwnFault(shot, body);
        resolve({ ok: false, failure: toNetworkFailure(error, shot.route.proxy) });
      } catch (reason) {
        reject(reason instanceof Error ? reason : new Error("aborted"));
      }
    };
    stream.once("error", onError);
    stream.once("response", (response: IncomingMessage) => {
      stream.off("error", onError);
      resolve({ ok: true, reply: { ...headOf(response), body: guard(stream, shot, () => leash.release()) } });
    });
  });
}

/** A signal of our own for got, which leaves nothing behind on the long-lived one of the run. */
function createLeash(signal: AbortSignal): { signal: AbortSignal; cut(): void; release(): void } {
  const own = new AbortController();
  const cut = (): void => own.abort();
  if (signal.aborted) cut();
  signal.addEventListener("abort", cut, { once: true });
  return { signal: own.signal, cut, release: () => signal.removeEventListener("abort", cut) };
}

function optionsOf(shot: Shot, body: OpenBody) {
  const { limits, request } = shot;
  return {
    method: request.method,
    headers: { ...body.headers, ...shot.headers },
    ...(body.content === undefined ? {} : { body: body.content }),
    agent: shot.route.agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: {
      lookup: limits.connectTimeoutMs,
      connect: limits.connectTimeoutMs,
      secureConnect: limits.connectTimeoutMs,
      socket: limits.idleTimeoutMs,
      response: request.responseTimeoutMs ?? limits.responseTimeoutMs,
    },
  } satisfies OptionsInit;
}

/**
 * Waiting for the answer is not idling: that has a timeout of its own. Nor is a reader that takes its time, which is why
 * a streamed answer is watched by `watchBody` instead (`answerIdleMs` 0).
 */
function watchRequest(native: ClientRequest, shot: Shot, answerIdleMs: number): void {
  shot.onSent();
  native.once("upload-complete", () => native.socket?.setTimeout(0));
  native.once("response", (response) => response.socket.setTimeout(answerIdleMs));
}

function noteEarlyAnswer(native: ClientRequest, note: (head: Pick<HttpAnswer, "status" | "headers">) => void): void {
  let isUploaded = false;
  native.once("upload-complete", () => (isUploaded = true));
  native.once("response", (response) => {
    if (!isUploaded) note(headOf(response));
  });
}

function isRefusal(status: number, request: HttpRequest): boolean {
  return status >= 400 && (request.acceptsEarly === true || !(request.accept ?? []).includes(status));
}

/** Throws where not the connection is to blame: the run was aborted, or the content could not be read. */
function assertOwnFault(shot: Shot, body: OpenBody): void {
  if (shot.signal.aborted) throw reasonOf(shot.signal);
  const failure = body.failure();
  if (failure !== undefined) throw failure;
}

function guard(stream: Readable, shot: Shot, onClose: () => void): Readable {
  return watchBody(stream, {
    idleTimeoutMs: shot.limits.idleTimeoutMs,
    translate: (error) => {
      if (shot.signal.aborted) return reasonOf(shot.signal);
      const failure = toNetworkFailure(error, shot.route.proxy);
      return networkError(shot.request, shot.url.host, failure);
    },
    onClose,
  });
}

function headOf(response: { statusCode?: number | undefined; headers: IncomingHttpHeaders }) {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status: response.statusCode ?? 0, headers };
}
