import type { Logged } from "../shared/request-log.js";

/** One request as it came in. */
export interface LoggedStart {
  /** The route without "/2/", or "oauth2/token", "oauth2/authorize", "temporary-link", or the raw path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  /** The decoded argument, once it was understood. Undefined for large ones and for routes without argument. */
  argument: unknown;
}

export type Host = "api" | "content" | "auth";

export type LoggedRequest = Logged<LoggedStart>;
