import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { closeServer, listen, MAX_HEADER_BYTES } from "../dropbox/origin.js";
import { type Address, parseAddress } from "./address.js";
import { dispatch } from "./dispatch.js";
import type { Exchange } from "./exchange.js";
import { badRequest, Refusal } from "./failures.js";
import type { Fault } from "./faults.js";
import { filesRoute } from "./files-host.js";
import { newGuid } from "./ids.js";
import type { Host, LoggedRequest, RequestLog } from "./request-log.js";
import { send } from "./send.js";
import { signInRoute } from "./sign-in-host.js";
import type { World } from "./world.js";

/** More than any request may bring, so that the emulator's own limits are the ones that are met. */
const BODY_BYTES = 512 * 1024 * 1024;

/** Hosts of the real service, as clients behind the TLS proxy ask for them. */
const OFFICIAL_GRAPH_HOSTS = new Set(["graph.microsoft.com"]);

/** One host of the service on a port of its own. */
export interface Origin {
  readonly url: string;
  readonly listener: RequestListener;
  close(): Promise<void>;
}

export async function openOrigin(world: World, log: RequestLog, host: Host): Promise<Origin> {
  const listener: RequestListener = (request, response) => {
    void serve({ world, log, host, request, response });
  };
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 30_000 }, listener);
  const port = await listen(server);
  return { url: `http://127.0.0.1:${String(port)}`, listener, close: () => closeServer(server) };
}

interface Serving {
  readonly world: World;
  readonly log: RequestLog;
  readonly host: Host;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(serving: Serving): Promise<void> {
  const { world, log, host, request, response } = serving;
  const line = readLine(host, request);
  const { route, method } = line;
  const logged = log.begin({ route, host, method, target: `${line.path}${shownQuery(line.query)}` });
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    const exchange = await receive(serving, line, logged);
    if (exchange === undefined) return;
    const mayCompress =
      host === "graph" && world.settings.gzip && /\bgzip\b/.test(exchange.headers["accept-encoding"] ?? "");
    await send(response, await dispatch(exchange), { fault: exchange.fault, mayCompress });
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing in the log.
    if (!request.destroyed && !response.destroyed) world.misuse.push(`${route}: emulator failed: ${describe(error)}`);
    response.destroy();
  }
}

interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly route: string;
  readonly address: Address | Refusal | undefined;
}

function readLine(host: Host, request: IncomingMessage): RequestLine {
  const [target = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const override = request.headers["x-http-method-override"];
  const method = request.method === "POST" && typeof override === "string" ? override : (request.method ?? "");
  const line = { method, query: new URLSearchParams(query), address: undefined };
  if (host === "login") return { ...line, path: target, route: signInRoute(target) };
  if (host === "files") return { ...line, path: target, route: filesRoute(method, target) };
  const path = target.replace(/^\/v1\.0/, "").replace(/^\/\/+/, "/");
  const address = target.startsWith("/v1.0/") ? addressOf(method, path) : badRequest(`${target} is not below /v1.0`);
  return { ...line, path, address, route: address instanceof Refusal ? path : address.route };
}

function addressOf(method: string, path: string): Address | Refusal {
  try {
    return parseAddress(method, path);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Takes the request in whole; undefined when a fault cut the connection first. */
async function receive(
  { world, host, request }: Serving,
  line: RequestLine,
  logged: LoggedRequest,
): Promise<Exchange | undefined> {
  const fault = world.faults.take([line.route, "*", `${host}/*`]);
  if (fault?.kind === "cut-before") {
    await skipBody(request, fault);
    request.socket.destroy();
    return undefined;
  }
  const { blob, sizeBytes } = await world.spool.take(request, BODY_BYTES);
  logged.bodyBytes = sizeBytes;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  return {
    ...{ world, host, headers, logged, fault },
    ...{ method: line.method, path: line.path, query: line.query, address: line.address },
    body: blob,
    latency: roundTrip(world.settings.latencyMs),
    officialHost: officialHost(headers),
    requestId: newGuid(world.chance),
    isBatched: false,
  };
}

/** By its own name or, for clients whose network function a test has replaced, by the name they meant. */
function officialHost(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const names = [headers["x-forwarded-host"], headers["host"]];
  return names.find((name) => name !== undefined && OFFICIAL_GRAPH_HOSTS.has(name));
}

/** Tokens in URLs stay out of the log. */
function shownQuery(query: URLSearchParams): string {
  const shown = [...query].map(([name, value]) => `${name}=${name === "tempauth" ? "…" : value}`).join("&");
  return shown === "" ? "" : `?${shown}`;
}

async function roundTrip(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
}

async function skipBody(
  body: AsyncIterable<Buffer>,
  { afterBodyBytes = 0 }: Fault & { readonly kind: "cut-before" },
): Promise<void> {
  if (afterBodyBytes === 0) return;
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    if (seen >= afterBodyBytes) return;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
