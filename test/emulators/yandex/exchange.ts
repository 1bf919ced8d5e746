import type { IncomingMessage } from "node:http";
import type { Content } from "./content.js";
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
  /** Undefined when the body was larger than may be. */
  readonly body: Content | undefined;
  /** Whether the client went away in the middle of the body. */
  readonly isCut: boolean;
  /** Over when the emulated round trip is: nothing is answered before. */
  readonly latency: Promise<void>;
  /** The beginnings of links to the hosts, as this client reaches them. */
  readonly links: Readonly<Record<Host, string>>;
}

/** How a request is called in the log and by faults. */
export function routeName(method: string, { pathname }: URL): string {
  if (pathname.startsWith("/upload-target/")) return `${method} upload-target`;
  if (pathname.startsWith("/disk/")) return `${method} download`;
  if (pathname.startsWith("/storage/")) return `${method} storage`;
  const place = pathname.replace(/^\/v1\/disk\/?/, "").replace(/^\//, "");
  if (/^operations\//.test(place)) return `${method} operations`;
  return `${method} ${place === "" ? "disk" : place.replace(/\/$/, "")}`;
}

export function header({ request }: Pick<Exchange, "request">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

export function noteMisuse({ logged, world }: Pick<Exchange, "logged" | "world">, what: string): void {
  world.misuse.push(`${logged.route}: ${what}`);
}
