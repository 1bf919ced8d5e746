import { STATUS_CODES } from "node:http";
import { ProviderError, type ProviderErrorCode } from "../model/errors.js";
import { proxyLabel } from "./proxy.js";
import type { HttpRequest } from "./types.js";

/** The parts of a request that messages may show. */
export type Named = Pick<HttpRequest, "operation" | "subject">;

/** Why no answer came, reduced to what is safe to show: an error of got carries headers, query and body. */
export interface NetworkFailure {
  /** The system's short word: "ECONNRESET". */
  readonly code: string;
  /** For people, a part of a sentence. */
  readonly reason: string;
  readonly advice: string;
  /** Whether the service may have carried out the request: "no" when it cannot even have seen it. */
  readonly reached: "no" | "unknown";
  /** True when trying again cannot help. */
  readonly isLasting: boolean;
}

/** "upload a/b.txt: 503 Service Unavailable from api.example.com; …". `detail` ends the sentence: what to do. */
export function statusError(request: Named, answer: { status: number; host: string }, detail?: string): ProviderError {
  const code = codeOfStatus(answer.status);
  const words = `${wordsOf(answer.status)} from ${answer.host}`;
  return new ProviderError(code, `${nameOf(request)}: ${words}; ${detail ?? STATUS_ADVICE[code]}`);
}

/** "list: cannot reach api.example.com: connection refused (ECONNREFUSED); …". */
export function networkError(request: Named, host: string, failure: NetworkFailure, tries = 1): ProviderError {
  const count = tries > 1 ? `, tried ${tries} times` : "";
  const message = `${nameOf(request)}: ${host}: ${failure.reason} (${failure.code})${count}; ${failure.advice}`;
  const cause = Object.assign(new Error(failure.reason), { code: failure.code });
  return new ProviderError("unavailable", message, { cause });
}

/** The service asked for more patience than this run has. `untilMs` is a time since 1970. */
export function throttledError(request: Named, host: string, untilMs: number): ProviderError {
  const until = new Date(Math.ceil(untilMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return new ProviderError(
    "unavailable",
    `${nameOf(request)}: ${host} asks not to be called before ${until}; run again after that`,
  );
}

/** "429 Too Many Requests". */
function wordsOf(status: number): string {
  const words = STATUS_CODES[status];
  return words === undefined ? `status ${status}` : `${status} ${words}`;
}

export function nameOf(request: Named): string {
  return request.subject === undefined ? request.operation : `${request.operation} ${request.subject}`;
}

function codeOfStatus(status: number): ProviderErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 507) return "quota";
  return status >= 500 || status === 408 || status === 429 ? "unavailable" : "rejected";
}

const STATUS_ADVICE: Record<ProviderErrorCode, string> = {
  unauthorized: "sign in again with `trisync login`",
  quota: "make room in the account",
  exhausted: "run again tomorrow",
  unavailable: "run again later",
  locked: "run again when nobody has it open",
  rejected: "the service does not take this request",
  malformed: "run again later",
  "not-found": "run again",
  changed: "run again",
};

/** Reads from an error, which may wrap others, why the request failed. `proxy`: the one the request went through. */
export function toNetworkFailure(error: unknown, proxy: URL | undefined): NetworkFailure {
  const facts = factsOf(error);
  const proxyStatus = proxy === undefined ? undefined : PROXY_ANSWER.exec(facts.message)?.[1];
  if (proxy !== undefined && proxyStatus !== undefined) return proxyRefusal(proxy, Number(proxyStatus));
  if (proxy !== undefined && facts.message === "Proxy timeout") {
    return notReached("ETIMEDOUT", `the proxy ${proxyLabel(proxy)} does not answer`, PROXY_ADVICE);
  }
  if (CERTIFICATE.test(facts.code)) return untrusted(facts.code);
  if (facts.code.startsWith("ERR_INVALID_")) return unsendable(facts.code);

  const via = proxy === undefined ? "" : ` through the proxy ${proxyLabel(proxy)}`;
  const words = facts.phase === undefined ? REASONS[facts.code] : TIMEOUTS[facts.phase];
  return {
    code: facts.code,
    reason: `${words ?? "the connection failed"}${via}`,
    advice: proxy === undefined ? NETWORK_ADVICE : PROXY_ADVICE,
    reached: facts.beforeSending ? "no" : "unknown",
    isLasting: false,
  };
}

const NETWORK_ADVICE = "check the network and run again later";
const PROXY_ADVICE = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY";

/** What hpagent says when a proxy answers CONNECT with anything but 200. */
const PROXY_ANSWER = /^Bad response: (\d+)$/;

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ENOTFOUND: "no server of this name is known",
  EAI_AGAIN: "the name server does not answer",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no way to the server",
  ENETUNREACH: "no network",
  ENETDOWN: "no network",
  EPROTO: "no encrypted connection could be agreed on",
  ERR_HTTP_CONTENT_LENGTH_MISMATCH: "the answer ended before its announced length",
};

/** By the phase that took too long, in got's words. */
const TIMEOUTS: Readonly<Record<string, string>> = {
  lookup: "the name server does not answer",
  connect: "no connection in time",
  secureConnect: "no encrypted connection in time",
  response: "no answer in time",
  socket: "the connection went silent",
};

const PHASES_BEFORE_SENDING: ReadonlySet<string> = new Set(["lookup", "connect", "secureConnect"]);

/** Codes are fixed words of Node and OpenSSL; anything else could be text from the connection and is not shown. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

interface Facts {
  readonly code: string;
  readonly message: string;
  /** The timeout that struck; undefined for other failures. */
  readonly phase: string | undefined;
  readonly beforeSending: boolean;
}

/** The innermost error knows best: got wraps what Node reports. */
function factsOf(error: unknown): Facts {
  const chain = chainOf(error);
  const inner = chain.at(-1);
  const phase = chain.map((one) => field(one, "event")).find((event) => event !== undefined);
  const syscall = chain.map((one) => field(one, "syscall")).find((name) => name !== undefined);
  return {
    code: chain.map((one) => field(one, "code")).findLast((code) => code !== undefined && CODE.test(code)) ?? "unknown",
    message: inner?.message ?? "",
    phase,
    // Several addresses that were all refused arrive as one AggregateError, which only connecting produces.
    beforeSending:
      syscall === "connect" ||
      syscall === "getaddrinfo" ||
      inner instanceof AggregateError ||
      (phase !== undefined && PHASES_BEFORE_SENDING.has(phase)),
  };
}

function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let next = error; next instanceof Error && chain.length < 8; next = next.cause) chain.push(next);
  return chain;
}

function field(error: Error, name: "code" | "event" | "syscall"): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}

function notReached(code: string, reason: string, advice: string): NetworkFailure {
  return { code, reason, advice, reached: "no", isLasting: false };
}

function proxyRefusal(proxy: URL, status: number): NetworkFailure {
  const reason = `the proxy ${proxyLabel(proxy)} refused the connection with ${wordsOf(status)}`;
  const advice = status === 407 ? "write a name and password for it before its host, followed by an @" : PROXY_ADVICE;
  return { code: String(status), reason, advice, reached: "no", isLasting: status < 500 };
}

function untrusted(code: string): NetworkFailure {
  const advice = "where a company's own authority signs connections, name its file in NODE_EXTRA_CA_CERTS";
  return { code, reason: "its certificate is not trusted", advice, reached: "no", isLasting: true };
}

function unsendable(code: string): NetworkFailure {
  return {
    code,
    reason: "the request cannot be sent like this",
    advice: "check the credentials and base URLs for stray characters",
    reached: "no",
    isLasting: true,
  };
}
