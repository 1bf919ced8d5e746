import { type Exchange } from "../exchange.js";
import type { Route } from "../route.js";
import { albumRoutes, sharingRoutes } from "./albums.js";
import { mediaItemRoutes } from "./media-items.js";
import { uploadCommand, uploadRoutes } from "./uploads.js";

export interface Match {
  readonly route: Route;
  readonly id: string;
}

/** The route of the API that a request is for; undefined when there is none. */
export function matchRoute(exchange: Pick<Exchange, "request" | "url">): Match | undefined {
  const { request, url } = exchange;
  // An old client writes "mediaItems/:batchCreate", which the service accepts.
  const path = url.pathname.replace(/\/:(?=batch[A-Z])/, ":");
  if (path === "/v1/uploads" && request.method === "POST") {
    const command = uploadCommand(exchange);
    const route = command === undefined ? undefined : uploadRoutes.get(command);
    return route === undefined ? undefined : { route, id: "" };
  }
  for (const { route, pattern } of PATTERNS) {
    const found = route.method === request.method ? pattern.exec(path) : null;
    if (found !== null) return { route, id: decodeURIComponent(found[1] ?? "") };
  }
  return undefined;
}

const PATTERNS = [...mediaItemRoutes, ...albumRoutes, ...sharingRoutes].map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace("{id}", "([^/:]+)")}$`),
}));
