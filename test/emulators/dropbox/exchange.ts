import type { CommonExchange } from "../shared/exchange.js";
import type { Blob } from "./content.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedStart } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange extends CommonExchange<World, LoggedStart, Host, Fault> {
  /** Undefined when the body was larger than a request may be. */
  readonly body: Blob | undefined;
}

/** How a request is called in the log and by faults. */
export function routeName(url: URL): string {
  if (url.pathname.startsWith("/2/")) return url.pathname.slice("/2/".length);
  return url.pathname.startsWith("/cd/0/get/") ? "temporary-link" : url.pathname.slice(1);
}
