import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { closeServer, listenOnLoopback } from "../../support/http-server.js";
import type { Logged, RequestLog } from "./request-log.js";

/** Larger than what any client of ours sends, so that an emulator's own limit is the one that is met. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** One host of the service on a port of its own. */
export interface Origin {
  readonly url: string;
  readonly listener: RequestListener;
  close(): Promise<void>;
}

/** What requests come to. */
export interface Place<World, Start extends { readonly route: string }, Host> {
  readonly world: World;
  readonly log: RequestLog<Start>;
  readonly host: Host;
}

/** A request at the moment that its head has come. */
export type Serving<AnyPlace> = AnyPlace & { readonly request: IncomingMessage; readonly response: ServerResponse };

export async function openOriginAt<AnyPlace extends object>(
  place: AnyPlace,
  serve: (serving: Serving<AnyPlace>) => Promise<void>,
  options: Pick<ServerOptions, "maxHeaderSize"> = {},
): Promise<Origin> {
  const listener: RequestListener = (request, response) => {
    void serve({ ...place, request, response });
  };
  const server = createServer({ ...options, keepAliveTimeout: 30_000, requestTimeout: 0 }, listener);
  const port = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${String(port)}`, listener, close: () => closeServer(server) };
}

interface ServedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly logged: Logged<{ readonly route: string }>;
  readonly misuse: string[];
}

/** Answers a request, and completes its line in the log when the connection is done with it. */
export async function serveLogged(
  { request, response, logged, misuse }: ServedRequest,
  answer: () => Promise<void>,
): Promise<void> {
  response.once("close", () => {
    logged.endedMs = Date.now();
    if (response.headersSent) logged.status = response.statusCode;
  });
  try {
    await answer();
  } catch (error) {
    // A client that goes away in the middle is part of the game; anything else is a bug worth seeing in the log.
    if (!request.destroyed && !response.destroyed) {
      misuse.push(`${logged.route}: emulator failed: ${error instanceof Error ? String(error.stack) : String(error)}`);
    }
    response.destroy();
  }
}
