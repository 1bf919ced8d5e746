import type { CommonExchange } from "../shared/exchange.js";
import type { Content } from "./content.js";
import type { Fault } from "./faults.js";
import type { Host, LoggedStart } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange extends CommonExchange<World, LoggedStart, Host, Fault> {
  /** Undefined when the body was larger than may be. */
  readonly body: Content | undefined;
  /** Whether the client went away in the middle of the body. */
  readonly isCut: boolean;
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
