import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer as createProxy, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";
import type { DropboxEmulator } from "./emulator.js";
import { closeServer, listen, MAX_HEADER_BYTES } from "./origin.js";

const run = promisify(execFile);

/** For clients whose hosts cannot be changed: they are given this proxy and this certificate authority. */
export interface TlsProxy {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** For SSL_CERT_FILE, NODE_EXTRA_CA_CERTS or `--ca-cert`. */
  readonly caFile: string;
  close(): Promise<void>;
}

/**
 * Starts a CONNECT proxy that leads the service's host names to the emulator, by TLS with a certificate made on the
 * spot. Files go to `directory`; openssl has to be installed.
 */
export async function openTlsProxy(emulator: DropboxEmulator, directory: string): Promise<TlsProxy> {
  const hosts = {
    "api.dropboxapi.com": emulator.origins.api.listener,
    "content.dropboxapi.com": emulator.origins.content.listener,
    "www.dropbox.com": emulator.origins.auth.listener,
  };
  return await openTlsProxyFor(hosts, directory);
}

/** The same for any host names; no other name can be reached through it. */
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
  const tlsPort = await listen(tlsServer);
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
  const url = `http://127.0.0.1:${String(await listen(proxy))}`;
  const close = async (): Promise<void> => {
    for (const tunnel of tunnels) tunnel.destroy();
    await Promise.all([closeServer(proxy), closeServer(tlsServer)]);
  };
  return { url, caFile, close };
}

async function makeCertificates(
  directory: string,
  hosts: readonly string[],
): Promise<{ readonly caFile: string; readonly key: Buffer; readonly cert: Buffer }> {
  const at = (name: string): string => join(directory, name);
  const openssl = async (...args: string[]): Promise<void> => {
    await run("openssl", args);
  };
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await writeFile(
    at("server.ext"),
    `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}\nextendedKeyUsage=serverAuth\n`,
  );
  await openssl(
    "req",
    "-x509",
    ...ec,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-days",
    "7",
    "-subj",
    "/CN=Emulator CA",
  );
  await openssl("req", ...ec, "-keyout", at("server.key"), "-out", at("server.csr"), "-subj", "/CN=emulator");
  await openssl(
    ...["x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"],
    ...["-out", at("server.pem"), "-days", "7", "-extfile", at("server.ext")],
  );
  return { caFile: at("ca.pem"), key: await readFile(at("server.key")), cert: await readFile(at("server.pem")) };
}
