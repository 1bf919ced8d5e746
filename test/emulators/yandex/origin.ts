import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { closeServer, listen, MAX_HEADER_BYTES } from "../dropbox/origin.js";
import { dispatch } from "./dispatch.js";
import { type Exchange, header, noteMisuse, routeName } from "./exchange.js";
import { shownPath } from "./paths.js";
import { makeEdits } from "./remote.js";
import type { Host, LoggedRequest, RequestLog } from "./request-log.js";
import { send } from "./send.js";
import { throttle } from "./throttle.js";
import { SERVICE_URLS } from "./tls.js";
import type { UploadAttempt } from "./upload-target.js";
import type { World } from "./world.js";

const JSON_BYTES = 1024 * 1024;

/** One host of the service on a port of its own. */
export interface Origin {
  readonly url: string;
  readonly listener: RequestListener;
  close(): Promise<void>;
}

export async function openOrigin(world: World, log: RequestLog, host: Host): Promise<Origin> {
  const served = new WeakSet<Socket>();
  const listener: RequestListener = (request, response) => {
    void serve({ world, log, host, request, response, served });
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
  /** Connections that have carried a request already. */
  readonly served: WeakSet<Socket>;
}

async function serve(serving: Serving): Promise<void> {
  const { host, request, response, world } = serving;
  const url = new URL(request.url ?? "/", "http://emulator");
  const attempt = uploadAttempt(serving, url);
  const logged = beginLog(serving, url, attempt);
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    if (host === "uploader" && !isFreshConnection(serving)) return;
    const exchange = await receive(serving, url, { logged, attempt });
    if (exchange === undefined) return;
    const answer = await dispatch(exchange, attempt);
    if (exchange.isCut) response.destroy();
    else await send(response, answer, exchange.fault);
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing.
    if (!request.destroyed && !response.destroyed) {
      world.misuse.push(
        `${logged.route}: emulator failed: ${error instanceof Error ? String(error.stack) : String(error)}`,
      );
    }
    response.destroy();
  }
}

/** A link counts as used from the moment that anything is sent to it. */
function uploadAttempt({ host, request, world }: Serving, url: URL): UploadAttempt | undefined {
  if (host !== "uploader") return undefined;
  const link = world.links.upload(url.pathname.split("/")[2] ?? "");
  if (link === undefined) return undefined;
  const isRepeat = link.isUsed;
  if (request.method === "PUT") link.isUsed = true;
  return { link, isRepeat };
}

function beginLog({ host, log, request }: Serving, url: URL, attempt: UploadAttempt | undefined): LoggedRequest {
  const method = request.method ?? "";
  const query = Object.fromEntries(url.searchParams);
  const path = attempt === undefined ? query["path"] : shownPath(attempt.link.parts);
  return log.begin({ route: routeName(method, url), host, method, path, query });
}

/** With "breaks" the uploader ends a connection at its second request, as if it had been moved elsewhere. */
function isFreshConnection({ request, response, served, world }: Serving): boolean {
  const { socket } = request;
  if (world.settings.uploaderConnections === "announced") response.setHeader("Connection", "close");
  if (!served.has(socket)) {
    served.add(socket);
    return true;
  }
  socket.destroy();
  return false;
}

/** Takes the request in whole; undefined when a fault cut the connection first. */
async function receive(
  { world, host, request }: Serving,
  url: URL,
  { logged, attempt }: { readonly logged: LoggedRequest; readonly attempt: UploadAttempt | undefined },
): Promise<Exchange | undefined> {
  const fault = world.faults.take({ route: logged.route, host, path: logged.path });
  if (fault?.kind === "edits") makeEdits(world, fault.edits);
  if (fault?.kind === "cut-before") {
    await skipBody(request, fault.afterBodyBytes ?? 0);
    request.socket.destroy();
    return undefined;
  }
  const { settings } = world;
  const body = attempt?.link.isSlow === true ? throttle(request, settings) : request;
  const limit = host === "uploader" ? settings.fileBytes : JSON_BYTES;
  const { content, sizeBytes, isCut } = await world.spool.take(body, limit);
  logged.bodyBytes = sizeBytes;
  const links = request.socket instanceof TLSSocket ? SERVICE_URLS : world.urls;
  const latency = roundTrip(settings.latencyMs);
  const exchange = { world, host, request, url, logged, fault, body: content, isCut, latency, links };
  if (header(exchange, "content-encoding") !== undefined) noteMisuse(exchange, "the body has a Content-Encoding");
  return exchange;
}

async function roundTrip(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
}

async function skipBody(request: AsyncIterable<Buffer>, bytes: number): Promise<void> {
  if (bytes === 0) return;
  let seen = 0;
  for await (const chunk of request) {
    seen += chunk.length;
    if (seen >= bytes) return;
  }
}
