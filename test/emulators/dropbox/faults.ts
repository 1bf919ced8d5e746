import type { FaultTarget, StatusFault } from "../shared/faults.js";
import type { WireFault } from "../shared/wire-fault.js";
import type { WireError } from "./failures.js";

export type FaultEffect =
  | WireFault
  | StatusFault
  /** 429 with `Retry-After`; `omit` leaves out the body's retry_after, the header, or both. */
  | {
      readonly kind: "rate-limit";
      readonly retryAfter?: number | undefined;
      readonly format?: "json" | "text" | undefined;
      readonly reason?: "too_many_requests" | "too_many_write_operations" | undefined;
      readonly omit?: "body" | "header" | "both" | undefined;
    }
  /** 409 with this error; nothing is carried out. */
  | { readonly kind: "error"; readonly error: WireError }
  /** The write is refused as the service would refuse it on this route, whole or for some entries of a batch. */
  | { readonly kind: "refuse"; readonly tag: string; readonly entries?: readonly number[] | undefined }
  /** 200 with a web page, as a captive portal sends it; nothing is carried out. */
  | { readonly kind: "html" }
  /** The token of the request expires now: 401 expired_access_token. */
  | { readonly kind: "expired-token" }
  | { readonly kind: "missing-scope"; readonly scope: string }
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
  | { readonly kind: "failed-job"; readonly error: WireError };

export type Fault = FaultTarget & FaultEffect;
