import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { REDIRECT_PORT, TURN_PORT } from "./redirect-port.js";

/** A request as it arrived, whole. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Equal for requests on one connection. */
  readonly connection: number;
}

/** What the server does with one request. */
export type Reaction =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: Buffer;
    }
  /** Breaks the connection. */
  | { readonly kind: "reset" }
  /** Promises the whole body, sends its first bytes, and breaks the connection. */
  | { readonly kind: "truncate"; readonly body: Buffer; readonly sentBytes: number }
  /** Sends the first bytes with the headers, then nothing more. */
  | { readonly kind: "stall"; readonly body: Buffer; readonly sentBytes: number }
  /** Sends pieces of the body with a pause before each. */
  | { readonly kind: "trickle"; readonly pieces: readonly Buffer[]; readonly pauseMs: number }
  /** Begins to answer and breaks the connection soon after; as an early reaction, before it has read the body. */
  | { readonly kind: "hang-up"; readonly status: number }
  /** Reads everything and never answers. */
  | { readonly kind: "hang" };

export type Reactor = (received: Received) => Reaction | Promise<Reaction>;

/** Asked when only the head has come; undefined to go on and read the body. */
export type EarlyReactor = (head: Omit<Received, "body">) => Reaction | undefined;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** All requests whose head has come, in that order; the bodies of those cut short are what had come by then. */
  readonly received: readonly Received[];
  readonly connections: number;
  close(): Promise<void>;
}

export function answer(
  status: number,
  body: string | Buffer | object = "",
  headers: Record<string, string> = {},
): Reaction {
  if (Buffer.isBuffer(body)) return { kind: "answer", status, headers, body };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers, body: Buffer.from(text) };
}

/** Takes one reaction after the other; the last one stays. */
export function script(...reactions: readonly Reaction[]): Reactor {
  let at = 0;
  return () => {
    const reaction = reactions[Math.min(at, reactions.length - 1)];
    at += 1;
    return reaction ?? answer(500, "the script is empty");
  };
}

/** A real HTTP server on loopback. Uncaught errors of the reactor become status 599. */
export async function startServer(react: Reactor, early: EarlyReactor = () => undefined): Promise<TestServer> {
  const received: Received[] = [];
  const connections = new Map<Socket, number>();
  const server = createServer((request, response) => {
    const connection = connections.get(request.socket) ?? 0;
    void handle(request, response, { received, connection }, { react, early });
  });
  server.on("connection", (socket) => connections.set(socket, connections.size));
  server.keepAliveTimeout = 60_000;
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    get connections() {
      return connections.size;
    },
    close: () => closeServer(server),
  };
}

/** On any free port, but for those that a sign-in needs. */
export async function listenOnLoopback(server: Server): Promise<number> {
  for (;;) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = server.address();
    if (typeof address !== "object" || address === null) throw new Error("not listening");
    if (address.port !== REDIRECT_PORT && address.port !== TURN_PORT) return address.port;
    await new Promise((resolve) => server.close(resolve));
  }
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  slot: { readonly received: Received[]; readonly connection: number },
  reactors: { readonly react: Reactor; readonly early: EarlyReactor },
): Promise<void> {
  const head = { ...headOf(request), connection: slot.connection };
  const index = slot.received.push({ ...head, body: Buffer.alloc(0) }) - 1;
  const early = reactors.early(head);
  if (early !== undefined) return perform(early, request, response);
  const whole = { ...head, body: await readAll(request) };
  slot.received[index] = whole;
  await perform(await safely(reactors.react, whole), request, response);
}

async function safely(react: Reactor, received: Received): Promise<Reaction> {
  try {
    return await react(received);
  } catch (error) {
    return answer(599, error instanceof Error ? error.message : "failed");
  }
}

async function perform(reaction: Reaction, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (reaction.kind) {
    case "answer":
      response.writeHead(reaction.status, { "content-length": reaction.body.length, ...reaction.headers });
      response.end(reaction.body);
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "truncate":
      response.writeHead(200, { "content-length": reaction.body.length });
      response.write(reaction.body.subarray(0, reaction.sentBytes), () => request.socket.end());
      return;
    case "stall":
      response.writeHead(200, { "content-length": reaction.body.length });
      response.write(reaction.body.subarray(0, reaction.sentBytes));
      return;
    case "trickle":
      return trickle(reaction, response);
    case "hang-up":
      response.writeHead(reaction.status, { "content-length": 10 });
      response.write("12345", () => setTimeout(() => request.socket.resetAndDestroy(), 30));
      return;
    case "hang":
      return;
  }
}

async function trickle(reaction: Extract<Reaction, { kind: "trickle" }>, response: ServerResponse): Promise<void> {
  const sizeBytes = reaction.pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.writeHead(200, { "content-length": sizeBytes });
  for (const piece of reaction.pieces) {
    await delay(reaction.pauseMs);
    response.write(piece);
  }
  response.end();
}

function headOf(request: IncomingMessage): Omit<Received, "body" | "connection"> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  return { method: request.method ?? "", path: request.url ?? "", headers };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => request.once("close", resolve).once("end", resolve));
  return Buffer.concat(chunks);
}
