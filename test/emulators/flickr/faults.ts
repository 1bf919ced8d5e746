import type { FaultTarget, StatusFault } from "../shared/faults.js";
import type { WireFault } from "../shared/wire-fault.js";

export type FaultEffect =
  | WireFault
  | StatusFault
  /** The page of a rate limit; nothing is carried out. `Retry-After` only when asked for: it is not promised. */
  | { readonly kind: "rate-limit"; readonly retryAfterSeconds?: number | undefined }
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
  /** A web page with 200, as a captive portal sends it. */
  | { readonly kind: "html" }
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
  /** Other bytes of the same length come, as after an edit that the listing did not show. */
  | { readonly kind: "other-bytes" }
  /** The image host answers as if the address had died. */
  | { readonly kind: "dead-image" };

export type Fault = FaultTarget & FaultEffect;
