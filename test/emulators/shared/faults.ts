/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /** A route as the request log of the service names it, or "*" for any. */
  readonly route: string;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

/** Any answer; with `processed` the request is carried out all the same. */
export interface StatusFault {
  readonly kind: "status";
  readonly status: number;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly processed?: boolean | undefined;
}

/** Faults waiting for their request. The first one that strikes wins; all of them count the request. */
export class Faults<Fault extends FaultTarget> {
  #waiting: { readonly fault: Fault; seen: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, seen: 0 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Faults that have not struck as often as they should. */
  pending(): readonly Fault[] {
    return this.#waiting.map(({ fault }) => fault);
  }

  /** `isMeant` tells whether a fault is for the request at hand. */
  take(isMeant: (fault: Fault) => boolean): Fault | undefined {
    let struck: Fault | undefined;
    for (const entry of this.#waiting) {
      if (!isMeant(entry.fault)) continue;
      entry.seen += 1;
      if (entry.seen >= (entry.fault.nth ?? 1)) struck ??= entry.fault;
    }
    this.#waiting = this.#waiting.filter(({ fault, seen }) => seen < (fault.nth ?? 1) + (fault.times ?? 1) - 1);
    return struck;
  }
}

export function isForRoute(route: string): (fault: FaultTarget) => boolean {
  return (fault) => fault.route === "*" || fault.route === route;
}

/** Throws what a test has to hear that asks for a fault which would be counted and change nothing. */
export function refuseFault({ kind, route }: { readonly kind: string; readonly route: string }, reason: string): never {
  throw new Error(`the fault ${kind} cannot strike ${route}: ${reason}`);
}
