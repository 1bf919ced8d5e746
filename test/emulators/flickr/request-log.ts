/** One request as it came in and what became of it. */
export interface LoggedRequest {
  /** "photos.search", "upload", "replace", "oauth.request_token", "image.get", … or method and path if unknown. */
  route: string;
  readonly host: Host;
  readonly method: string;
  readonly path: string;
  /** The decoded arguments without those of OAuth; the name and size of a file in place of its bytes. */
  argument: Readonly<Record<string, string>> | undefined;
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

/** www.flickr.com, api.flickr.com, up.flickr.com and live.staticflickr.com. */
export type Host = "www" | "api" | "up" | "image";

/** Everything that came in since the counters were last reset. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  begin(request: Pick<LoggedRequest, "route" | "host" | "method" | "path">): LoggedRequest {
    const logged: LoggedRequest = {
      ...request,
      argument: undefined,
      status: 0,
      startedMs: Date.now(),
      endedMs: undefined,
      bodyBytes: 0,
    };
    this.#requests.push(logged);
    return logged;
  }

  /** A route by its whole name, or all routes of a group by its beginning: "photos", "photosets", "oauth". */
  count(route?: string): number {
    if (route === undefined) return this.#requests.length;
    return this.#requests.filter((one) => one.route === route || one.route.startsWith(`${route}.`)).length;
  }

  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { route } of this.#requests) counts[route] = (counts[route] ?? 0) + 1;
    return counts;
  }

  reset(): void {
    this.#requests = [];
  }
}
