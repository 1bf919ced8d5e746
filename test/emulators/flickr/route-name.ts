import type { Fields } from "./fields.js";
import type { LoggedRequest } from "./request-log.js";

/** How a request is called in the log and by faults, as far as its address tells. */
export function pathRoute({ host, method, path }: Pick<LoggedRequest, "host" | "method" | "path">): string {
  if (host === "image")
    return `${path.startsWith("/video/") ? "video" : "image"}.${method === "HEAD" ? "head" : "get"}`;
  if (/^\/photos\/[^/]+\/\d+\/play\//.test(path)) return "video.play";
  return ROUTES.get(`${host} ${path.replace(/\/$/, "")}`) ?? `${method} ${path}`;
}

/** The same once the arguments are known: those of the REST host name a method, called here without `flickr.`. */
export function methodRoute({ route }: LoggedRequest, fields: Fields): string {
  return route === REST ? (fields.get("method") ?? REST).replace(/^flickr\./, "") : route;
}

const REST = "rest";

const ROUTES: ReadonlyMap<string, string> = new Map([
  ["api /services/rest", REST],
  ["up /services/upload", "upload"],
  ["up /services/replace", "replace"],
  ["www /services/oauth/request_token", "oauth.request_token"],
  ["www /services/oauth/authorize", "oauth.authorize"],
  ["www /services/oauth/access_token", "oauth.access_token"],
]);
