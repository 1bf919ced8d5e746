/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /** As in the request log: "mediaItems.batchCreate", "uploads.raw", "oauth.token", "media.get" and so on; "*" for any. */
  readonly route: string;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

/** Which limit a 429 speaks of; "uploads-flat" is the 400 with a flat body, "media" the page of the image host. */
export type QuotaLimit = "per-day" | "per-minute" | "writes-per-minute" | "concurrent-write" | "uploads-flat" | "media";

export type FaultEffect =
  /** The answer of a spent quota; nothing is carried out. `Retry-After` only when asked for, as the service does it. */
  | { readonly kind: "quota"; readonly limit: QuotaLimit; readonly retryAfterSeconds?: number | undefined }
  /** Any answer, by default with the service's own body; with `processed` the request is carried out all the same. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly message?: string | undefined;
      readonly body?: string | undefined;
      readonly contentType?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly processed?: boolean | undefined;
    }
  /**
   * The connection ends before the request is looked at; `afterBodyBytes` of its body are taken first.
   * A resumable upload keeps the whole blocks of what was taken.
   */
  | { readonly kind: "cut-before"; readonly afterBodyBytes?: number | undefined }
  /** The request is carried out, the connection ends before the answer. */
  | { readonly kind: "cut-after" }
  /** The request is carried out, the connection ends half-way through the answer. */
  | { readonly kind: "cut-half" }
  /** The request is carried out; the answer is complete HTTP, but only half of the text. */
  | { readonly kind: "half-body" }
  /** The request is carried out; the answer is 200 with nothing in it. */
  | { readonly kind: "empty-body" }
  /** A web page instead of an answer, as a captive portal (200) or a broken front end (502) sends it. */
  | { readonly kind: "html"; readonly status?: number | undefined }
  /** The token of the request expires now: 401. */
  | { readonly kind: "expired-token" }
  | { readonly kind: "missing-scope" }
  | { readonly kind: "service-disabled" }
  /** The token endpoint refuses, for example with invalid_grant. */
  | {
      readonly kind: "oauth-error";
      readonly error: string;
      readonly description?: string | undefined;
      readonly status?: number | undefined;
    }
  /**
   * Items of a batchCreate fail inside the 200, chosen by place or by file name, all when neither is given.
   * With `stored` the item is made all the same.
   */
  | {
      readonly kind: "fail-items";
      readonly code: number;
      readonly message?: string | undefined;
      readonly items?: readonly number[] | undefined;
      readonly filenames?: readonly string[] | undefined;
      readonly stored?: boolean | undefined;
    }
  /** The last results of a batchCreate are left out of the answer; the items are made. */
  | { readonly kind: "drop-results"; readonly count: number }
  /** The results of a batchCreate come in another order. */
  | { readonly kind: "shuffle-results" }
  /** batchCreate reports success, with ids, and nothing is stored. */
  | { readonly kind: "phantom-items" }
  /** The upload tokens of a batchCreate have lapsed. */
  | { readonly kind: "lapsed-tokens" }
  /** The session of a resumable upload is gone: 404, and for good. */
  | { readonly kind: "lost-session" }
  /** A page without entries, with a token. */
  | { readonly kind: "empty-page" }
  /** A page with so many entries at most. */
  | { readonly kind: "short-page"; readonly entries: number }
  /** A page that begins with the last entry of the page before. */
  | { readonly kind: "repeat-entry" }
  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** The image host answers with a small picture that shows the error. */
  | { readonly kind: "error-image"; readonly status: number }
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
