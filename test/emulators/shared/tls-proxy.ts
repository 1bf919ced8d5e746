import { writeFile } from "node:fs/promises";
import { createServer as createProxy, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createCertificate } from "../../support/certificate.js";
import { closeServer, listenOnLoopback } from "../../support/http-server.js";
import { MAX_HEADER_BYTES } from "./origin.js";

/** For clients whose hosts cannot be changed: they are given this proxy and this certificate authority. */
export interface TlsProxy {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** For SSL_CERT_FILE, NODE_EXTRA_CA_CERTS or `--ca-cert`. */
  readonly caFile: string;
  close(): Promise<void>;
}

/**
 * Starts a CONNECT proxy that leads these host names to the emulator, by TLS with a certificate made on the spot; no
 * other name can be reached through it. The certificate of the authority goes to `directory`.
 */
export async function openTlsProxyFor(
  hosts: Readonly<Record<string, RequestListener>>,
  directory: string,
): Promise<TlsProxy> {
  const { caFile, key, cert } = await makeCertificates(directory, Object.keys(hosts));
  const tlsServer = createTlsServer({ key, cert, maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    const listener = hosts[(request.headers.host ?? "").replace(/:\d+$/, "")];
    if (listener === undefined) response.writeHead(421).end();
    else listener(request, response);
  });
  const tlsPort = await listenOnLoopback(tlsServer);
  const proxy = createProxy();
  const tunnels = new Set<Duplex>();
  proxy.on("connect", (request, socket) => {
    if (hosts[(request.url ?? "").split(":")[0] ?? ""] === undefined) {
      socket.end("HTTP/1.1 502 Unknown host\r\n\r\n");
      return;
    }
    const upstream = connect(tlsPort, "127.0.0.1");
    const drop = (): void => {
      socket.destroy();
      upstream.destroy();
    };
    socket.on("error", drop);
    upstream.on("error", drop);
    tunnels.add(socket);
    socket.once("close", () => {
      tunnels.delete(socket);
      drop();
    });
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(upstream).pipe(socket);
  });
  const url = `http://127.0.0.1:${String(await listenOnLoopback(proxy))}`;
  const close = async (): Promise<void> => {
    for (const tunnel of tunnels) tunnel.destroy();
    await Promise.all([closeServer(proxy), closeServer(tlsServer)]);
  };
  return { url, caFile, close };
}

/** An authority of its own, whose certificate goes to a file, and what it has signed for these hosts. */
async function makeCertificates(
  directory: string,
  hosts: readonly string[],
): Promise<{ readonly caFile: string; readonly key: string; readonly cert: string }> {
  const issuer = createCertificate({ name: "Emulator CA", type: "ec" });
  const server = createCertificate({ name: "emulator", type: "ec", hosts, issuer });
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, issuer.certificatePem);
  return { caFile, key: server.keyPem, cert: server.certificatePem };
}
