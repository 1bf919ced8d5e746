/** One request as it came in and what became of it. */
export interface LoggedRequest {
  /** The route without "/2/", or "oauth2/token", "oauth2/authorize", "temporary-link", or the raw path if unknown. */
  readonly route: string;
  readonly host: Host;
  readonly method: string;
  /** The decoded argument, once it was understood. Undefined for large ones and for routes without argument. */
  argument: unknown;
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

export type Host = "api" | "content" | "auth";

/** Everything that came in since the counters were last reset. */
export class RequestLog {
  #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  begin(route: string, host: Host, method: string): LoggedRequest {
    const request: LoggedRequest = {
      route,
      host,
      method,
      argument: undefined,
      status: 0,
      startedMs: Date.now(),
      endedMs: undefined,
      bodyBytes: 0,
    };
    this.#requests.push(request);
    return request;
  }

  count(route?: string): number {
    return route === undefined ? this.#requests.length : this.#requests.filter((one) => one.route === route).length;
  }

  reset(): void {
    this.#requests = [];
  }
}
