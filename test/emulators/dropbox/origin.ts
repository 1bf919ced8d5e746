import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { dispatch } from "./dispatch.js";
import { type Exchange, routeName } from "./exchange.js";
import type { Host, LoggedRequest, RequestLog } from "./request-log.js";
import { send } from "./send.js";
import type { World } from "./world.js";

/** Larger than what any client of ours sends, so that the emulator's own limit is the one that is met. */
export const MAX_HEADER_BYTES = 256 * 1024;
const RPC_BYTES = 64 * 1024 * 1024;

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

export async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
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
  const route = routeName(url);
  const logged = log.begin(route, host, request.method ?? "");
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    const exchange = await receive(serving, url, logged);
    if (exchange === undefined) return;
    response.setHeader("X-Dropbox-Request-Id", world.chance.letters(32));
    await send(response, await dispatch(exchange), exchange.fault);
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing in the log.
    if (!request.destroyed && !response.destroyed) world.misuse.push(`${route}: emulator failed: ${String(error)}`);
    response.destroy();
  }
}

/** Takes the request in whole; undefined when a fault cut the connection first. */
async function receive(
  { world, host, request }: Serving,
  url: URL,
  logged: LoggedRequest,
): Promise<Exchange | undefined> {
  const fault = world.faults.take(logged.route);
  if (fault?.kind === "cut-before") {
    await skipBody(request, fault.afterBodyBytes ?? 0);
    request.socket.destroy();
    return undefined;
  }
  const limit = host === "content" ? world.settings.requestBytes : RPC_BYTES;
  const { blob, sizeBytes } = await world.spool.take(request, limit);
  logged.bodyBytes = sizeBytes;
  return { world, host, request, url, logged, fault, body: blob, latency: roundTrip(world.settings.latencyMs) };
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
