import type { WireError } from "./failures.js";

/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /** The route without "/2/", "oauth2/token", "oauth2/authorize", or "*" for any. */
  readonly route: string;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

export type FaultEffect =
  /** 429 with `Retry-After`; `omit` leaves out the body's retry_after, the header, or both. */
  | {
      readonly kind: "rate-limit";
      readonly retryAfter?: number | undefined;
      readonly format?: "json" | "text" | undefined;
      readonly reason?: "too_many_requests" | "too_many_write_operations" | undefined;
      readonly omit?: "body" | "header" | "both" | undefined;
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
  /** 409 with this error; nothing is carried out. */
  | { readonly kind: "error"; readonly error: WireError }
  /** The write is refused as the service would refuse it on this route, whole or for some entries of a batch. */
  | { readonly kind: "refuse"; readonly tag: string; readonly entries?: readonly number[] | undefined }
  /** The connection ends before the request is looked at; `afterBodyBytes` of its body are taken first. */
  | { readonly kind: "cut-before"; readonly afterBodyBytes?: number | undefined }
  /** The request is carried out, the connection ends before the answer. */
  | { readonly kind: "cut-after" }
  /** The request is carried out, the connection ends half-way through the answer. */
  | { readonly kind: "cut-half" }
  /** The request is carried out; the answer is complete HTTP, but only half of the JSON. */
  | { readonly kind: "half-json" }
  /** 200 with a web page, as a captive portal sends it; nothing is carried out. */
  | { readonly kind: "html" }
  /** The token of the request expires now: 401 expired_access_token. */
  | { readonly kind: "expired-token" }
  | { readonly kind: "missing-scope"; readonly scope: string }
  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** One byte of the download is wrong. */
  | { readonly kind: "wrong-bytes" }
  /** A page without entries, with has_more. */
  | { readonly kind: "empty-page" }
  /** A page with this many entries at most. */
  | { readonly kind: "short-page"; readonly entries: number }
  /** A page with one entry more than the limit. */
  | { readonly kind: "extra-entry" }
  /** Entries left out of the page for good: these paths (lower-case) or this many. */
  | {
      readonly kind: "missing-entries";
      readonly paths?: readonly string[] | undefined;
      readonly count?: number | undefined;
    }
  /** The job that this request starts stays in_progress for so many polls. */
  | { readonly kind: "slow-job"; readonly polls: number }
  /** The job that this request starts ends as failed, with this error. */
  | { readonly kind: "failed-job"; readonly error: WireError }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is carried out, but no answer ever comes. */
  | { readonly kind: "hang" };

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

  take(route: string): Fault | undefined {
    let struck: Fault | undefined;
    for (const entry of this.#waiting) {
      const { route: wanted, nth = 1 } = entry.fault;
      if (wanted !== "*" && wanted !== route) continue;
      entry.seen += 1;
      if (entry.seen >= nth) struck ??= entry.fault;
    }
    this.#waiting = this.#waiting.filter(({ fault, seen }) => seen < (fault.nth ?? 1) + (fault.times ?? 1) - 1);
    return struck;
  }
}
