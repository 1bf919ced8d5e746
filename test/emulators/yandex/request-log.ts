export type Host = "api" | "oauth" | "uploader" | "downloader";

/** One request as it came in and what became of it. */
export interface LoggedRequest {
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
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

/** Everything that came in since the counters were last reset. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  begin(request: Omit<LoggedRequest, "status" | "startedMs" | "endedMs" | "bodyBytes">): LoggedRequest {
    const logged = { ...request, status: 0, startedMs: Date.now(), endedMs: undefined, bodyBytes: 0 };
    this.#requests.push(logged);
    return logged;
  }

  count(route?: string): number {
    return route === undefined ? this.#requests.length : this.#requests.filter((one) => one.route === route).length;
  }

  countsByRoute(): Readonly<Record<string, number>> {
    return countBy(this.#requests, ({ route }) => route);
  }

  countsByHost(): Readonly<Record<string, number>> {
    return countBy(this.#requests, ({ host }) => host);
  }

  reset(): void {
    this.#requests = [];
  }
}

function countBy(
  requests: readonly LoggedRequest[],
  key: (request: LoggedRequest) => string,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const request of requests) counts[key(request)] = (counts[key(request)] ?? 0) + 1;
  return counts;
}
