/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /**
   * A route as the request log names it (see address.ts), "batch/" and a route for members of a batch, "*" for every
   * request, "graph/*", "login/*" or "files/*" for every request to one host.
   */
  readonly route: string;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

export type FaultEffect =
  /** 429 or 503 with `Retry-After`, unless it is `null`; nothing is carried out. */
  | {
      readonly kind: "throttle";
      readonly status?: 429 | 503 | 509 | undefined;
      readonly retryAfter?: number | null | undefined;
      readonly format?: "json" | "html" | undefined;
    }
  /** Any answer; with `processed` the request is carried out all the same. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string | undefined;
      readonly contentType?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly processed?: boolean | undefined;
    }
  /** An error in the service's JSON; nothing is carried out unless `processed`. */
  | {
      readonly kind: "error";
      readonly status: number;
      readonly code: string;
      readonly inner?: string | undefined;
      readonly message?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly processed?: boolean | undefined;
    }
  /** The connection ends before the request is looked at; `afterBodyBytes` of its body are taken first. */
  | { readonly kind: "cut-before"; readonly afterBodyBytes?: number | undefined }
  /** The request is carried out, the connection ends before the answer. */
  | { readonly kind: "cut-after" }
  /** The request is carried out, the connection ends half-way through the answer. */
  | { readonly kind: "cut-half" }
  /** The request is carried out; the answer is complete HTTP, but only half of the JSON. */
  | { readonly kind: "half-json" }
  /** A web page with this status, 200 by default, as a captive portal sends it; nothing is carried out. */
  | { readonly kind: "html"; readonly status?: number | undefined }
  /** The token of the request expires now: 401 InvalidAuthenticationToken. */
  | { readonly kind: "expired-token" }
  /** The upload or download URL counts as expired from now on: 401 with expiredToken. */
  | { readonly kind: "expired-url" }
  /** The upload session is gone: 404. */
  | { readonly kind: "lost-session" }
  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** One byte of the download is wrong. */
  | { readonly kind: "wrong-bytes" }
  /** The body comes in pieces of this size with a pause after each. */
  | { readonly kind: "slow-body"; readonly pieceBytes: number; readonly pauseMs: number }
  /** 410 for a delta, with the Location of a fresh enumeration. */
  | { readonly kind: "gone"; readonly inner?: ResyncCode | undefined }
  /** A page of a delta or of children with no items, and a next link. */
  | { readonly kind: "empty-page" }
  /** A page with this many items at most. */
  | { readonly kind: "short-page"; readonly items: number }
  /** Every item of the page comes twice: first as it was before its last change of name, then as it is. */
  | { readonly kind: "repeated-items" }
  /** The next link leads to the same page again. */
  | { readonly kind: "repeated-link" }
  /** Items left out of the page for good: those of these names, or this many. */
  | {
      readonly kind: "missing-items";
      readonly names?: readonly string[] | undefined;
      readonly count?: number | undefined;
    }
  /** Files in the answer have no hash. */
  | { readonly kind: "missing-hash" }
  /** The update is carried out and answered with 204. */
  | { readonly kind: "no-content" }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is carried out, but no answer ever comes. */
  | { readonly kind: "hang" };

export type ResyncCode =
  | "resyncApplyDifferences"
  | "resyncUploadDifferences"
  | "resyncChangesApplyDifferences"
  | "resyncChangesUploadDifferences"
  | "syncStateNotFound"
  | "none";

export type Fault = FaultTarget & FaultEffect;

/** Faults waiting for their request. The first one that strikes wins; all of them count the request. */
export class Faults {
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

  /** `names` are all names a request answers to: its route, and those that stand for many. */
  take(names: readonly string[]): Fault | undefined {
    if (this.#waiting.length === 0) return undefined;
    let struck: Fault | undefined;
    for (const entry of this.#waiting) {
      if (!names.includes(entry.fault.route)) continue;
      entry.seen += 1;
      if (entry.seen >= (entry.fault.nth ?? 1)) struck ??= entry.fault;
    }
    this.#waiting = this.#waiting.filter(({ fault, seen }) => seen < (fault.nth ?? 1) + (fault.times ?? 1) - 1);
    return struck;
  }
}
