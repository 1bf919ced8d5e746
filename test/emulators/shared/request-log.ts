/** What the log adds to the beginning of a request. */
export interface LoggedAnswer {
  /** 0 until answered, and for ever when the connection was cut first. */
  status: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  bodyBytes: number;
}

/** One request as it came in and what became of it. */
export type Logged<Start> = Start & LoggedAnswer;

/** Everything that came in since the counters were last reset. */
export class RequestLog<Start extends { readonly route: string }> {
  #requests: Logged<Start>[] = [];

  get requests(): readonly Logged<Start>[] {
    return this.#requests;
  }

  begin(request: Start): Logged<Start> {
    const logged = { ...request, status: 0, startedMs: Date.now(), endedMs: undefined, bodyBytes: 0 };
    this.#requests.push(logged);
    return logged;
  }

  /** A route by its whole name, or all routes of a group by its beginning: "photos" for "photos.search". */
  count(route?: string): number {
    if (route === undefined) return this.#requests.length;
    return this.#requests.filter((one) => one.route === route || one.route.startsWith(`${route}.`)).length;
  }

  counts(): Readonly<Record<string, number>> {
    return tally(this.#requests.map(({ route }) => route));
  }

  reset(): void {
    this.#requests = [];
  }
}

/** How often each name occurs. */
export function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
