import type { IncomingMessage } from "node:http";
import type { Blob } from "./content.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedRequest } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange {
  readonly world: World;
  readonly host: Host;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly logged: LoggedRequest;
  readonly fault: Fault | undefined;
  /** Undefined when the body was larger than a request may be. */
  readonly body: Blob | undefined;
  /** Over when the emulated round trip is: nothing is answered, and no lock given back, before. */
  readonly latency: Promise<void>;
}

/** How a request is called in the log and by faults. */
export function routeName(url: URL): string {
  if (url.pathname.startsWith("/2/")) return url.pathname.slice("/2/".length);
  return url.pathname.startsWith("/cd/0/get/") ? "temporary-link" : url.pathname.slice(1);
}

export function header({ request }: Exchange, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
