import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { closeServer, listenOnLoopback } from "../../support/http-server.js";
import { dispatch } from "./dispatch.js";
import type { Exchange } from "./exchange.js";
import type { Host, LoggedRequest, RequestLog } from "./request-log.js";
import { routeName } from "./route-name.js";
import { chunkOffset } from "./routes/uploads.js";
import { send } from "./send.js";
import type { World } from "./world.js";

/** The largest body of a request that carries no file. */
const JSON_BYTES = 16 * 1024 * 1024;

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
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, listener);
  const port = await listenOnLoopback(server);
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
  const url = new URL(request.url ?? "/", "http://emulator");
  const { method = "" } = request;
  const logged = log.begin({ route: routeName({ host, request, url }), host, method, path: url.pathname });
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    const exchange = await receive(serving, url, logged);
    if (exchange === undefined) {
      request.socket.destroy();
      return;
    }
    await send(response, await dispatch(exchange), exchange.fault);
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing in the log.
    if (!request.destroyed && !response.destroyed) {
      world.misuse.push(`${logged.route}: emulator failed: ${String(error)}`);
    }
    response.destroy();
  }
}

/** Takes the request in whole; undefined when the connection broke before, or a fault breaks it. */
async function receive(serving: Serving, url: URL, logged: LoggedRequest): Promise<Exchange | undefined> {
  const { world, host, request } = serving;
  const fault = world.faults.take(logged.route);
  const cutBytes = fault?.kind === "cut-before" ? (fault.afterBodyBytes ?? 0) : undefined;
  const limit = logged.route.startsWith("uploads.") ? world.settings.requestBytes : JSON_BYTES;
  const body = await world.bodies.take(request, Math.min(cutBytes ?? limit, limit));
  logged.bodyBytes = body.bytes.sizeBytes;
  if (cutBytes !== undefined || !body.isWhole) {
    keepChunk(serving, url, { logged, bytes: body.bytes });
    return undefined;
  }
  return { world, host, request, url, logged, fault, body, latency: roundTrip(world.settings.latencyMs) };
}

/** What had come of a chunk when its connection broke is not lost. */
function keepChunk(
  { world, request }: Serving,
  url: URL,
  { logged, bytes }: { readonly logged: LoggedRequest; readonly bytes: Exchange["body"]["bytes"] },
): void {
  if (logged.route !== "uploads.upload" && logged.route !== "uploads.finalize") return;
  const offset = chunkOffset({ request });
  if (offset !== undefined) world.uploads.keepPart(url.searchParams.get("upload_id") ?? "", offset, bytes);
}

async function roundTrip(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
}
