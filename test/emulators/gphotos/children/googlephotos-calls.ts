import { request } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { connect } from "node:tls";
import * as z from "zod";

/**
 * Carries out calls of the `googlephotos` package, as it is published, through a proxy:
 * `tsx googlephotos-calls.ts PROXY_URL TOKEN CALLS`, where CALLS is `[["albums", "create", ["Holidays"]], …]` in JSON.
 * An argument that is "#1.id" stands for that member of the first call's result. Prints all results as JSON.
 */
const [proxyUrl = "", accessToken = "", calls = "[]"] = process.argv.slice(2);
const Calls = z.array(z.tuple([z.string(), z.string(), z.array(z.unknown())]));

await leadThrough(new URL(proxyUrl));
const { default: Photos } = await import("googlephotos");
const photos = new Photos(accessToken);
const results: unknown[] = [];
for (const [group, method, args] of Calls.parse(JSON.parse(calls))) results.push(await call(group, method, args));
process.stdout.write(JSON.stringify(results));

async function call(group: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const target: unknown = Reflect.get(photos, group);
  if (typeof target !== "object" || target === null) throw new Error(`no group ${group}`);
  const run: unknown = Reflect.get(target, method);
  if (typeof run !== "function") throw new Error(`no method ${method}`);
  try {
    const value: unknown = await Reflect.apply(run, target, args.map(resolve));
    return value;
  } catch (error) {
    const failure = z.object({ response: z.object({ status: z.number() }) }).safeParse(error);
    return { failed: failure.success ? failure.data.response.status : String(error) };
  }
}

function resolve(argument: unknown): unknown {
  if (Array.isArray(argument)) return argument.map(resolve);
  const parts = typeof argument === "string" ? /^#(\d+)\.(.+)$/.exec(argument) : null;
  if (parts === null) return argument;
  const [, index = "", path = ""] = parts;
  return path.split(".").reduce(member, results[Number(index) - 1]);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) throw new Error(`no member ${name}`);
  return Reflect.get(value, name);
}

/** Node's fetch obeys no proxy variable in every version we support; its dispatcher takes a way to connect. */
async function leadThrough(proxy: URL): Promise<void> {
  const key = Symbol.for("undici.globalDispatcher.1");
  await fetch("data:,");
  const dispatcher: unknown = Reflect.get(globalThis, key);
  if (typeof dispatcher !== "object" || dispatcher === null) throw new Error("fetch has no dispatcher");
  const Agent = dispatcher.constructor;
  const openSocket = (target: Target, done: Done): void => {
    const { hostname } = target;
    const tunnel = request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: `${hostname}:443` });
    tunnel.once("error", (error) => {
      done(error, null);
    });
    tunnel.once("connect", (_answer, socket) => {
      const secure = connect({ socket, servername: hostname }, () => {
        done(null, secure);
      });
      secure.once("error", (error: Error) => {
        done(error, null);
      });
    });
    tunnel.end();
  };
  const agent: unknown = Reflect.construct(Agent, [{ connect: openSocket }]);
  Reflect.set(globalThis, key, agent);
}

interface Target {
  readonly hostname: string;
}

type Done = (error: Error | null, socket: Socket | null) => void;
