import { setMaxListeners } from "node:events";
import { ProviderError } from "../model/errors.js";
import { createAgents, type Agents } from "./agents.js";
import { backoffMs } from "./backoff.js";
import { nameOf, throttledError } from "./errors.js";
import { createGate, type Gate } from "./gate.js";
import { DEFAULT_LIMITS, type HttpLimits } from "./limits.js";
import { isSafeForSecrets } from "./loopback.js";
import { createPace, type Pace } from "./pace.js";
import type { ProxySettings } from "./proxy.js";
import { redirectOf } from "./redirect.js";
import { parseRetryAfter } from "./retry-after.js";
import { sleep, type Sleep } from "./sleep.js";
import { isThrottle, troubleOfFailure, troubleOfStatus, type Trouble } from "./trouble.js";
import type { HttpAnswer, HttpClient, HttpRequest, HttpStream, RequestSigner, TokenSource } from "./types.js";
import type { Shot, Shown } from "./wire.js";

export interface HttpClientOptions {
  /** Undefined for a client whose requests all say `authorized: false`, or are signed. */
  readonly tokens?: TokenSource | undefined;
  /** How the token is put on a request: "Bearer", "OAuth". */
  readonly scheme?: string | undefined;
  /** Takes the place of tokens where requests are signed. */
  readonly sign?: RequestSigner | undefined;
  readonly userAgent: string;
  /** The environment, of which the proxy variables are read. */
  readonly proxy?: ProxySettings | undefined;
  readonly limits?: Partial<HttpLimits> | undefined;
  /** Requests with the access token that go out in one second at most; undefined for as many as there are. */
  readonly requestsPerSecond?: number | undefined;
  /** Connections at once to one host. */
  readonly maxSockets?: number | undefined;
  /** Called whenever the service says that it is called too often, so that fewer transfers are run at once. */
  readonly onThrottle?: (() => void) | undefined;
  readonly sleep?: Sleep | undefined;
  /** From 0 up to 1. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** The only place where requests are repeated. See `HttpClient` for what callers may rely on. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const now = options.now ?? Date.now;
  const clock = { now, sleep: options.sleep ?? sleep };
  const { requestsPerSecond } = options;
  let requests = 0;
  const client: Client = {
    tokens: options.tokens,
    scheme: options.scheme ?? "Bearer",
    sign: options.sign,
    userAgent: options.userAgent,
    limits,
    agents: createAgents(options.proxy ?? {}, {
      maxSockets: options.maxSockets ?? 32,
      connectTimeoutMs: limits.connectTimeoutMs,
    }),
    gate: createGate(now),
    pace: requestsPerSecond === undefined ? undefined : createPace(requestsPerSecond, clock),
    onThrottle: options.onThrottle ?? (() => undefined),
    random: options.random ?? Math.random,
    ...clock,
    onSent: () => (requests += 1),
  };
  return {
    send: (request, signal) => run(client, request, signal, async (shot) => (await loadWire()).sendOnce(shot)),
    open: (request, signal) => run(client, request, signal, async (shot) => (await loadWire()).openOnce(shot)),
    pause: (ms) => client.gate.pause(ms),
    get requests() {
      return requests;
    },
    close: () => client.agents.close(),
  };
}

/** With the first request: a run that sends none does not need got. */
const loadWire = () => import("./wire.js");

interface Client {
  readonly tokens: TokenSource | undefined;
  readonly scheme: string;
  readonly sign: RequestSigner | undefined;
  readonly userAgent: string;
  readonly limits: HttpLimits;
  readonly agents: Agents;
  readonly gate: Gate;
  /** For the requests that carry the token: the others go to other hosts. */
  readonly pace: Pace | undefined;
  readonly onThrottle: () => void;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly now: () => number;
  readonly onSent: () => void;
}

type Headers = Readonly<Record<string, string>>;
type Reply = HttpAnswer | HttpStream;
type Shoot<T> = (shot: Shot) => Promise<Shown<T>>;

/** What has happened to one request so far. */
interface Course {
  readonly request: HttpRequest;
  readonly url: URL;
  readonly signal: AbortSignal;
  tries: number;
  waitedMs: number;
  hasRenewed: boolean;
}

async function run<T extends Reply>(client: Client, request: HttpRequest, signal: AbortSignal, shoot: Shoot<T>) {
  // One signal serves every request of a run, which Node would report as a leak after the tenth.
  setMaxListeners(0, signal);
  const course: Course = { request, url: toUrl(request), signal, tries: 0, waitedMs: 0, hasRenewed: false };
  for (;;) {
    signal.throwIfAborted();
    await passGate(client, course);
    const token = await tokenFor(client, course);
    const signature = await signatureFor(client, course);
    course.tries += 1;

    const headers = headersOf(client, request, { token, signature });
    const { shown, host } = await paced(client, course, () => follow(client, course, headers, shoot));
    if (shown.ok) {
      noteThrottling(client, shown.reply);
      if (await hasRenewed(client, course, token, shown.reply)) continue;
      if (isAccepted(request, shown.reply.status)) return shown.reply;
      discard(shown.reply);
    }
    const trouble = shown.ok
      ? troubleOfStatus(request, shown.reply.status, host)
      : troubleOfFailure(request, shown.failure, host);
    await prepareRetry(client, course, trouble);
  }
}

async function paced<T>(client: Client, { request, signal }: Course, work: () => Promise<T>): Promise<T> {
  if (client.pace === undefined || request.authorized === false) return await work();
  const leave = await client.pace.enter(signal);
  try {
    return await work();
  } finally {
    leave();
  }
}

/** Waits while the service has asked for a pause, or gives up at once when that would take longer than allowed. */
async function passGate(client: Client, course: Course): Promise<void> {
  for (let restMs = client.gate.remainingMs(); restMs > 0; restMs = client.gate.remainingMs()) {
    const { maxRetryAfterMs, maxWaitMs } = client.limits;
    if (restMs > Math.min(maxRetryAfterMs, maxWaitMs - course.waitedMs)) {
      throw throttledError(course.request, course.url.host, client.now() + restMs);
    }
    // Not all at the same instant: that would be the next reason to be throttled.
    await wait(client, course, restMs + client.random() * Math.min(1000, restMs / 2));
  }
}

async function prepareRetry(client: Client, course: Course, trouble: Trouble): Promise<void> {
  const mayRepeat = trouble.repeat === "always" || (trouble.repeat === "unless-done" && course.request.repeatable);
  if (!mayRepeat || course.tries > client.limits.retries) throw trouble.toError(course.tries);
  // A pause that the service asked for takes the place of the backoff.
  if (client.gate.remainingMs() > 0) return;
  const pauseMs = backoffMs(course.tries, client.limits.backoffMs, client.random);
  if (course.waitedMs + pauseMs > client.limits.maxWaitMs) throw trouble.toError(course.tries);
  await wait(client, course, pauseMs);
}

async function wait(client: Client, course: Course, ms: number): Promise<void> {
  course.waitedMs += ms;
  await client.sleep(ms, course.signal);
}

async function tokenFor(client: Client, course: Course): Promise<string | undefined> {
  const { request, url, signal } = course;
  if (request.authorized === false || client.sign !== undefined) return undefined;
  if (client.tokens === undefined) {
    throw new ProviderError("unauthorized", `${nameOf(request)}: not signed in; run \`trisync login\` first`);
  }
  assertSafe(request, url);
  const token = await client.tokens.token(signal);
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ProviderError(
      "unauthorized",
      `${nameOf(request)}: the access token has characters that no token has; copy it again, in one line`,
    );
  }
  return token;
}

/** Every attempt is signed anew: a service takes no signature twice. */
async function signatureFor(client: Client, { request, url, signal }: Course): Promise<Headers> {
  if (request.authorized === false || client.sign === undefined) return {};
  assertSafe(request, url);
  return await client.sign(request, signal);
}

function assertSafe(request: HttpRequest, url: URL): void {
  if (isSafeForSecrets(url)) return;
  throw new ProviderError(
    "unauthorized",
    `${nameOf(request)}: ${url.host} is not asked over plain http, because the access token could be read on the way; use https`,
  );
}

/** Asks for another token after the first 401; true when the request is to be sent again with it. */
async function hasRenewed(client: Client, course: Course, token: string | undefined, reply: Reply): Promise<boolean> {
  if (reply.status !== 401 || token === undefined || course.hasRenewed) return false;
  discard(reply);
  course.hasRenewed = true;
  // The service has refused to look at the request, so this was no try.
  course.tries -= 1;
  await client.tokens?.renew(token, course.signal);
  return true;
}

/** One attempt, with the redirects that may be followed. */
async function follow<T extends Reply>(
  client: Client,
  course: Course,
  headers: Headers,
  shoot: Shoot<T>,
): Promise<{ readonly shown: Shown<T>; readonly host: string }> {
  const { request, signal } = course;
  let url = course.url;
  for (let hops = 0; ; hops += 1) {
    const route = await client.agents.route(url);
    const shown = await shoot({ request, url, headers, route, limits: client.limits, signal, onSent: client.onSent });
    const next = shown.ok && hops < MAX_REDIRECTS ? redirectOf(request, url, shown.reply) : undefined;
    if (!shown.ok || next === undefined) return { shown, host: url.host };
    discard(shown.reply);
    url = next;
  }
}

const MAX_REDIRECTS = 5;

interface Proof {
  readonly token: string | undefined;
  readonly signature: Headers;
}

function headersOf(client: Client, request: HttpRequest, { token, signature }: Proof): Headers {
  const own = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const authorization = token === undefined ? {} : { authorization: `${client.scheme} ${token}` };
  return { "user-agent": client.userAgent, ...Object.fromEntries(own), ...authorization, ...signature };
}

function noteThrottling(client: Client, reply: Reply): void {
  if (reply.status < 400) return;
  client.gate.pause(parseRetryAfter(reply.headers, client.now()) ?? 0);
  if (isThrottle(reply.status)) client.onThrottle();
}

function isAccepted(request: HttpRequest, status: number): boolean {
  return (status >= 200 && status < 300) || (request.accept ?? []).includes(status);
}

/** An answer that nobody will read gives its connection back. */
function discard(reply: Reply): void {
  if ("body" in reply) reply.body.destroy();
}

function toUrl(request: HttpRequest): URL {
  if (URL.canParse(request.url)) return new URL(request.url);
  // The address itself is not shown: a signed one is a secret.
  throw new ProviderError("rejected", `${nameOf(request)}: not an address; check the base URLs in the configuration`);
}
