import type { IncomingMessage } from "node:http";
import type { Fault } from "./faults.js";
import type { Fields } from "./fields.js";
import type { Host, LoggedRequest } from "./request-log.js";
import type { Content } from "./spool.js";
import type { World } from "./world.js";

/** One request that has come in whole. */
export interface Exchange {
  readonly world: World;
  readonly host: Host;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly logged: LoggedRequest;
  readonly fault: Fault | undefined;
  readonly fields: Fields;
  /** File parts of a multipart body by their names. */
  readonly files: ReadonlyMap<string, FilePart>;
  /** False when a multipart body was broken. */
  readonly isWellFormed: boolean;
  /** Over when the emulated round trip is. */
  readonly latency: Promise<void>;
}

export interface FilePart extends Content {
  readonly filename: string;
  readonly contentType: string | undefined;
}

export function header({ request }: { readonly request: IncomingMessage }, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Notes something that the service forbids or advises against. */
export function noteMisuse({ world, logged }: Pick<Exchange, "world" | "logged">, what: string): void {
  world.misuse.push(`${logged.route}: ${what}`);
}

/** The address as the client wrote it: by the port of the origin, or by the real name through TLS. */
export function requestedUrl({ request }: Pick<Exchange, "request">): string {
  const path = (request.url ?? "/").replace(/[?#].*$/s, "");
  return `${isEncrypted({ request }) ? "https" : "http"}://${request.headers.host ?? "localhost"}${path}`;
}

export function isEncrypted({ request }: Pick<Exchange, "request">): boolean {
  return "encrypted" in request.socket;
}
