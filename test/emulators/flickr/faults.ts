/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /** As in the request log: "photos.search", "upload", "oauth.access_token", "image.get" and so on; "*" for any. */
  readonly route: string;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

export type FaultEffect =
  /** The page of a rate limit; nothing is carried out. `Retry-After` only when asked for: it is not promised. */
  | { readonly kind: "rate-limit"; readonly retryAfterSeconds?: number | undefined }
  /** Any status, by default with a page of HTML; with `processed` the request is carried out all the same. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string | undefined;
      readonly contentType?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly processed?: boolean | undefined;
    }
  /** A failure of the API in the format that was asked for, such as 105 and 106. `elements` are for uploads only. */
  | {
      readonly kind: "failure";
      readonly code: number;
      readonly message?: string | undefined;
      readonly elements?: Readonly<Record<string, string>> | undefined;
      readonly processed?: boolean | undefined;
    }
  /** HTTP 401 with a form, as the signature layer answers. */
  | { readonly kind: "oauth-problem"; readonly problem: string; readonly status?: number | undefined }
  /** The token of the request is revoked now. */
  | { readonly kind: "revoked-token" }
  /** The connection ends before the request is looked at; `afterBodyBytes` of an upload are taken first. */
  | { readonly kind: "cut-before"; readonly afterBodyBytes?: number | undefined }
  /** The request is carried out, the connection ends before the answer. */
  | { readonly kind: "cut-after" }
  /** The request is carried out, the connection ends half-way through the answer. */
  | { readonly kind: "cut-half" }
  /** The request is carried out; the answer is complete HTTP, but only half of the text. */
  | { readonly kind: "half-body" }
  /** The request is carried out; the answer is 200 with nothing in it. */
  | { readonly kind: "empty-body" }
  /** A web page with 200, as a captive portal sends it. */
  | { readonly kind: "html" }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is carried out, but no answer ever comes. */
  | { readonly kind: "hang" }
  /** The total of a list is an empty text. */
  | { readonly kind: "blank-total" }
  /** A page with so many entries at most, though there are more. */
  | { readonly kind: "short-page"; readonly entries: number }
  /** A page that ends with its first entry once more, as after a change between two pages. */
  | { readonly kind: "repeat-entry" }
  /** The titles of all sets come back empty. */
  | { readonly kind: "blank-titles" }
  /** An upload is answered with an id, and nothing is stored. */
  | { readonly kind: "phantom" }
  /** The ticket of this upload will fail. */
  | { readonly kind: "fail-ticket" }
  /** The tickets asked for are unknown. */
  | { readonly kind: "lost-tickets" }
  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** Other bytes of the same length come, as after an edit that the listing did not show. */
  | { readonly kind: "other-bytes" }
  /** The image host answers as if the address had died. */
  | { readonly kind: "dead-image" };

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
