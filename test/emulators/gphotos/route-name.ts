import type { Exchange } from "./exchange.js";
import { matchRoute } from "./routes/index.js";

/** How a request is called in the log and by faults. */
export function routeName(exchange: Pick<Exchange, "host" | "request" | "url">): string {
  const { host, request, url } = exchange;
  const { method = "" } = request;
  const raw = `${method} ${url.pathname}`;
  if (host === "image") return method === "HEAD" ? "media.head" : "media.get";
  if (host === "api") return matchRoute(exchange)?.route.name ?? raw;
  return OAUTH_ROUTES.get(`${host} ${raw}`) ?? raw;
}

const OAUTH_ROUTES: ReadonlyMap<string, string> = new Map([
  ["accounts GET /o/oauth2/v2/auth", "oauth.authorize"],
  ["accounts GET /o/oauth2/auth", "oauth.authorize"],
  ["oauth POST /token", "oauth.token"],
  ["oauth POST /revoke", "oauth.revoke"],
  ["oauth POST /device/code", "oauth.device"],
]);
