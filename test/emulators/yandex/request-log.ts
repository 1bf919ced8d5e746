import type { Logged } from "../shared/request-log.js";

export type Host = "api" | "oauth" | "uploader" | "downloader";

/** One request as it came in. */
export interface LoggedStart {
  /**
   * Method and place: "GET disk", "GET resources" (metadata and listings), "PUT resources" (new folder), "DELETE resources",
   * "PATCH resources", "GET resources/upload", "POST resources/move", "GET operations", "GET trash/resources", "POST token",
   * "POST device/code", "GET authorize", "PUT upload-target", "GET download", "GET storage", or the raw path if unknown.
   */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  /** The `path` parameter as it was decoded, or the path that an upload link is for. */
  readonly path: string | undefined;
  /** The parameters as they were decoded. */
  readonly query: Readonly<Record<string, string>>;
}

export type LoggedRequest = Logged<LoggedStart>;
