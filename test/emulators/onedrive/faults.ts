import type { FaultTarget, StatusFault } from "../shared/faults.js";
import type { WireFault } from "../shared/wire-fault.js";

export type FaultEffect =
  | WireFault
  | StatusFault
  /** 429 or 503 with `Retry-After`, unless it is `null`; nothing is carried out. */
  | {
      readonly kind: "throttle";
      readonly status?: 429 | 503 | 509 | undefined;
      readonly retryAfter?: number | null | undefined;
      readonly format?: "json" | "html" | undefined;
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
  /** A web page with this status, 200 by default, as a captive portal sends it; nothing is carried out. */
  | { readonly kind: "html"; readonly status?: number | undefined }
  /** The token of the request expires now: 401 InvalidAuthenticationToken. */
  | { readonly kind: "expired-token" }
  /** The upload or download URL counts as expired from now on: 401 with expiredToken. */
  | { readonly kind: "expired-url" }
  /** The upload session is gone: 404. */
  | { readonly kind: "lost-session" }
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
  | { readonly kind: "no-content" };

export type ResyncCode =
  | "resyncApplyDifferences"
  | "resyncUploadDifferences"
  | "resyncChangesApplyDifferences"
  | "resyncChangesUploadDifferences"
  | "syncStateNotFound"
  | "none";

/**
 * A fault's route may also be "graph/*", "login/*" or "files/*" for every request to one host, "batch/" and a route
 * for members of a batch, or "batch/*". What kinds may go with which routes stands in assert-possible.ts.
 */
export type Fault = FaultTarget & FaultEffect;
