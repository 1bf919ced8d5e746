import type { FaultTarget, StatusFault } from "../shared/faults.js";
import type { WireFault } from "../shared/wire-fault.js";

/** Which limit a 429 speaks of; "uploads-flat" is the 400 with a flat body, "media" the page of the image host. */
export type QuotaLimit = "per-day" | "per-minute" | "writes-per-minute" | "concurrent-write" | "uploads-flat" | "media";

export type FaultEffect =
  | WireFault
  /** The answer of a spent quota; nothing is carried out. `Retry-After` only when asked for, as the service does it. */
  | { readonly kind: "quota"; readonly limit: QuotaLimit; readonly retryAfterSeconds?: number | undefined }
  /** Any answer, by default with the service's own body; with `processed` the request is carried out all the same. */
  | (StatusFault & { readonly message?: string | undefined })
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
  /** The image host answers with a small picture that shows the error. */
  | { readonly kind: "error-image"; readonly status: number };

export type Fault = FaultTarget & FaultEffect;
