export type Host = "graph" | "login" | "files";

/** One request as it came in and what became of it. */
export interface LoggedRequest {
  /** As address.ts and its neighbours name it, or the raw path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  /** Path and query, without the secret parts of upload and download URLs. */
  readonly target: string;
  /** Members of a batch, in the order in which they were carried out. */
  readonly members: LoggedMember[];
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

export interface LoggedMember {
  readonly route: string;
  readonly target: string;
  readonly status: number;
}

/** Everything that came in since the counters were last reset. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  begin(start: Pick<LoggedRequest, "route" | "host" | "method" | "target">): LoggedRequest {
    const request: LoggedRequest = {
      ...start,
      members: [],
      status: 0,
      startedMs: Date.now(),
      endedMs: undefined,
      bodyBytes: 0,
    };
    this.#requests.push(request);
    return request;
  }

  /** Requests of this route, or all. A batch counts as one. */
  count(route?: string): number {
    return route === undefined ? this.#requests.length : this.#requests.filter((one) => one.route === route).length;
  }

  /** How often each route was asked for; members of batches count under "batch/" and their route. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    const add = (route: string): void => void (counts[route] = (counts[route] ?? 0) + 1);
    for (const { route, members } of this.#requests) {
      add(route);
      for (const member of members) add(`batch/${member.route}`);
    }
    return counts;
  }

  reset(): void {
    this.#requests = [];
  }
}
