import http from "node:http";
import https from "node:https";
import { proxyFor, type ProxySettings } from "./proxy.js";

/** How one URL is reached. */
export interface Route {
  readonly agent: { readonly http?: http.Agent; readonly https?: https.Agent };
  /** The proxy on the way; undefined when there is none. */
  readonly proxy: URL | undefined;
}

/** The connections of one client, kept alive between requests. */
export interface Agents {
  /** Rejects with `UsageError` when the proxy variable is wrong. */
  route(url: URL): Promise<Route>;
  close(): void;
}

export interface AgentLimits {
  readonly maxSockets: number;
  readonly connectTimeoutMs: number;
}

/**
 * Connections that were idle for this long are closed by us: a service closes them too at some time, and a request that
 * is just then on its way is lost without a word on whether it was carried out.
 */
const IDLE_CONNECTION_MS = 15_000;

export function createAgents(settings: ProxySettings, limits: AgentLimits): Agents {
  const routes = new Map<string, Promise<Route>>();
  return {
    route(url) {
      const proxy = proxyFor(url, settings);
      const key = `${url.protocol} ${proxy?.href ?? ""}`;
      const known = routes.get(key);
      if (known !== undefined) return known;
      const route = createRoute(url, proxy, limits);
      routes.set(key, route);
      return route;
    },
    close() {
      for (const route of routes.values()) void route.then(destroy);
      routes.clear();
    },
  };
}

async function createRoute(url: URL, proxy: URL | undefined, limits: AgentLimits): Promise<Route> {
  const isHttps = url.protocol === "https:";
  const options = {
    keepAlive: true,
    maxSockets: limits.maxSockets,
    maxFreeSockets: limits.maxSockets,
    scheduling: "lifo",
  } as const;
  if (proxy === undefined) {
    const direct = { ...options, timeout: IDLE_CONNECTION_MS };
    return { agent: isHttps ? { https: new https.Agent(direct) } : { http: new http.Agent(direct) }, proxy };
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import("hpagent");
  // Through a proxy this is also how long it may take to answer: nothing else watches over that part of the way.
  const proxied = { ...options, proxy, timeout: limits.connectTimeoutMs };
  return { agent: isHttps ? { https: new HttpsProxyAgent(proxied) } : { http: new HttpProxyAgent(proxied) }, proxy };
}

function destroy(route: Route): void {
  route.agent.http?.destroy();
  route.agent.https?.destroy();
}
