/** One request as it came in and what became of it. */
export interface LoggedRequest {
  /** "albums.list", "uploads.raw", "oauth.token", "media.head" and so on, or method and path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  readonly path: string;
  /** The decoded argument of an API call, once it was understood. */
  argument: unknown;
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

/** accounts.google.com, oauth2.googleapis.com, photoslibrary.googleapis.com and lh3.googleusercontent.com. */
export type Host = "accounts" | "oauth" | "api" | "image";

/** Everything that came in since the counters were last reset. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  begin(request: Pick<LoggedRequest, "route" | "host" | "method" | "path">): LoggedRequest {
    const logged = {
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

  /** A route by its whole name, or all routes of a group by its beginning: "uploads", "albums". */
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
