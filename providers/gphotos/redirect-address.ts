import { UsageError } from "../../lib/model/errors.js";
import type { Client } from "./client-file.js";

/** Where the browser comes back to. */
export interface RedirectAddress {
  readonly host: "127.0.0.1" | "localhost";
  /** 0 for any free port. */
  readonly port: number;
  readonly path: string;
  /** To be sent as it was registered, to the character; undefined where any loopback address is taken. */
  readonly exact: string | undefined;
}

/** Throws `UsageError` for a client that Google never leads back to this machine. */
export function redirectFor({ kind, redirectUris }: Client): RedirectAddress {
  if (kind === "installed") return { host: "127.0.0.1", port: 0, path: "/", exact: undefined };
  for (const exact of redirectUris) {
    const url = URL.canParse(exact) ? new URL(exact) : undefined;
    const host = url?.hostname === "localhost" || url?.hostname === "127.0.0.1" ? url.hostname : undefined;
    if (url === undefined || host === undefined || url.protocol !== "http:") continue;
    return { host, port: url.port === "" ? 80 : Number(url.port), path: url.pathname, exact };
  }
  throw new UsageError(
    'this client is a "Web application" without a redirect URI of this machine: add http://localhost:53682/ to it in Google\'s ' +
      'console and download its file again, or make a client of the type "Desktop app", which needs none',
  );
}
