import { readFile } from "node:fs/promises";
import { request } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { TlsProxy } from "../shared/tls-proxy.js";

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/**
 * Leads every `fetch` of this process through the proxy, whatever client calls it; returns what undoes that. Node's
 * fetch obeys no proxy variable in every version we support; its dispatcher takes a way to connect.
 */
export async function leadThrough({ url, caFile }: TlsProxy): Promise<() => void> {
  await fetch("data:,");
  const before: unknown = Reflect.get(globalThis, DISPATCHER);
  if (typeof before !== "object" || before === null) throw new Error("fetch has no dispatcher");
  const ca = await readFile(caFile);
  const openSocket = (target: Target, done: Done): void => {
    openTunnel(new URL(url), target.hostname, ca, done);
  };
  const agent: unknown = Reflect.construct(before.constructor, [{ connect: openSocket }]);
  Reflect.set(globalThis, DISPATCHER, agent);
  return () => {
    Reflect.set(globalThis, DISPATCHER, before);
  };
}

interface Target {
  readonly hostname: string;
}

type Done = (error: Error | null, socket: Socket | null) => void;

function openTunnel(proxy: URL, hostname: string, ca: Buffer, done: Done): void {
  const fail = (error: Error): void => {
    done(error, null);
  };
  const tunnel = request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${hostname}:443` });
  tunnel.once("error", fail);
  tunnel.once("connect", (_answer, socket) => {
    const secure = connect({ socket, servername: hostname, ca }, () => {
      done(null, secure);
    });
    secure.once("error", fail);
  });
  tunnel.end();
}
