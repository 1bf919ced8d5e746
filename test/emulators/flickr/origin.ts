import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { closeServer, listenOnLoopback } from "../../support/http-server.js";
import { htmlAnswer } from "./answer.js";
import { dispatch } from "./dispatch.js";
import type { Fault } from "./faults.js";
import { receive } from "./receive.js";
import type { Host, LoggedRequest, RequestLog } from "./request-log.js";
import { methodRoute, pathRoute } from "./route-name.js";
import { send } from "./send.js";
import type { World } from "./world.js";

/** The largest body of a request that carries no file. */
const FORM_BYTES = 16 * 1024 * 1024;

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
  const logged = log.begin({
    route: pathRoute({ host, method, path: url.pathname }),
    host,
    method,
    path: url.pathname,
  });
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    await answer(serving, url, logged);
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing in the log.
    if (!request.destroyed && !response.destroyed) {
      world.misuse.push(`${logged.route}: emulator failed: ${String(error)}`);
    }
    response.destroy();
  }
}

async function answer({ world, host, request, response }: Serving, url: URL, logged: LoggedRequest): Promise<void> {
  const latency = roundTrip(world.settings.latencyMs);
  const isUpload = host === "up";
  // The name of a REST method stands among the arguments, so its fault is known only when they have come.
  const early = host === "api" ? undefined : world.faults.take(logged.route);
  const limits = { cutBytes: cutBytesOf(early), maxBytes: isUpload ? world.settings.requestBytes : FORM_BYTES };
  const received = await receive(request, world.spool, limits);
  logged.bodyBytes = received.bodyBytes;
  logged.argument = received.fields.arguments();
  logged.route = methodRoute(logged, received.fields);
  const fault = host === "api" ? world.faults.take(logged.route) : early;
  if (received.isTooLarge) {
    response.shouldKeepAlive = false;
    await send(response, htmlAnswer(413, "Request Entity Too Large"), fault);
  } else if (fault?.kind === "cut-before" || !received.isWhole) {
    request.socket.destroy();
  } else {
    const exchange = { world, host, request, url, logged, fault, latency, ...received };
    await send(response, await dispatch(exchange), fault);
  }
}

function cutBytesOf(fault: Fault | undefined): number | undefined {
  return fault?.kind === "cut-before" ? (fault.afterBodyBytes ?? 0) : undefined;
}

async function roundTrip(ms: number): Promise<void> {
  if (ms > 0) await delay(ms);
}
