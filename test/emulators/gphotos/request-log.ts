import type { Logged } from "../shared/request-log.js";

/** One request as it came in. */
export interface LoggedStart {
  /** "albums.list", "uploads.raw", "oauth.token", "media.head" and so on, or method and path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  readonly path: string;
  /** The decoded argument of an API call, once it was understood. */
  argument: unknown;
}

/** accounts.google.com, oauth2.googleapis.com, photoslibrary.googleapis.com and lh3.googleusercontent.com. */
export type Host = "accounts" | "oauth" | "api" | "image";

export type LoggedRequest = Logged<LoggedStart>;
