import type { CommonExchange } from "../shared/exchange.js";
import type { Content } from "./content.js";
import type { Fault } from "./faults.js";
import type { Fields } from "./fields.js";
import type { Host, LoggedStart } from "./request-log.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange extends CommonExchange<World, LoggedStart, Host, Fault> {
  readonly fields: Fields;
  /** File parts of a multipart body by their names. */
  readonly files: ReadonlyMap<string, FilePart>;
  /** False when a multipart body was broken. */
  readonly isWellFormed: boolean;
}

export interface FilePart extends Content {
  readonly filename: string;
  readonly contentType: string | undefined;
}

/** The address as the client wrote it: by the port of the origin, or by the real name through TLS. */
export function requestedUrl({ request }: Pick<Exchange, "request">): string {
  const path = (request.url ?? "/").replace(/[?#].*$/s, "");
  return `${isEncrypted({ request }) ? "https" : "http"}://${request.headers.host ?? "localhost"}${path}`;
}

export function isEncrypted({ request }: Pick<Exchange, "request">): boolean {
  return "encrypted" in request.socket;
}
