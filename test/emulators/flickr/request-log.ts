import type { Logged } from "../shared/request-log.js";

/** One request as it came in. */
export interface LoggedStart {
  /** "photos.search", "upload", "replace", "oauth.request_token", "image.get", … or method and path if unknown. */
  route: string;
  readonly host: Host;
  readonly method: string;
  readonly path: string;
  /** The decoded arguments without those of OAuth; the name and size of a file in place of its bytes. */
  argument: Readonly<Record<string, string>> | undefined;
}

/** www.flickr.com, api.flickr.com, up.flickr.com and live.staticflickr.com. */
export type Host = "www" | "api" | "up" | "image";

export type LoggedRequest = Logged<LoggedStart>;
