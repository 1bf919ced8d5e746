import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { closeServer, listenOnLoopback } from "./http-server.js";

export interface TestProxy {
  readonly url: string;
  /** "host:port" of every CONNECT, in order. */
  readonly targets: readonly string[];
  /** Proxy-Authorization of every CONNECT. */
  readonly credentials: readonly (string | undefined)[];
  close(): Promise<void>;
}

export interface TestProxyOptions {
  /** Where tunnels really lead, whatever the target's name: everything stays on loopback. */
  readonly port: number;
  /** Answers CONNECT with this status instead of opening a tunnel. */
  readonly refuseWith?: number;
  /** Takes the connection and never answers. */
  readonly isDumb?: boolean;
}

/** A small proxy that understands CONNECT and nothing else. */
export async function startProxy(options: TestProxyOptions): Promise<TestProxy> {
  const targets: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    targets.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    sockets.add(client);
    client.on("error", () => client.destroy());
    if (options.isDumb === true) return;
    if (options.refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${options.refuseWith} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.add(tunnel(client, options.port));
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    credentials,
    async close() {
      for (const socket of sockets) socket.destroy();
      await closeServer(server);
    },
  };
}

function tunnel(client: Duplex, port: number): Socket {
  const upstream = connect(port, "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.pipe(client);
    client.pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  return upstream;
}
