import { type FaultTarget, isForRoute, type StatusFault } from "../shared/faults.js";
import type { WireFault } from "../shared/wire-fault.js";
import type { Host, LoggedStart } from "./request-log.js";

/** When a fault strikes: at a route such as "GET resources" or "PUT upload-target", and besides: */
export interface RequestTarget extends FaultTarget {
  /** Only requests to this host. */
  readonly host?: Host | undefined;
  /** Only requests whose path, as the client spelt it, ends so. For uploads it is the path that the link is for. */
  readonly path?: string | undefined;
}

/** What another client does, in the middle of things. Paths start with "/". */
export type Edit =
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  | { readonly kind: "mkdir"; readonly path: string }
  | { readonly kind: "delete"; readonly path: string }
  | { readonly kind: "move"; readonly from: string; readonly to: string };

export type FaultEffect =
  | WireFault
  | StatusFault
  /** 429 TooManyRequestsError, with Retry-After only where it is given. */
  | {
      readonly kind: "rate-limit";
      readonly retryAfter?: number | undefined;
      readonly error?: "TooManyRequestsError" | "DiskResourceDownloadLimitExceededError" | undefined;
    }
  /** An error object of the API with this code; nothing is carried out. */
  | { readonly kind: "error"; readonly status: number; readonly error: string }
  /** 423 DiskResourceLockedError. */
  | { readonly kind: "locked" }
  /** 423 DiskUploadTrafficLimitExceeded, or the longer name that one client has seen. */
  | { readonly kind: "traffic-limit"; readonly longName?: boolean | undefined }
  /** 507: no space. */
  | { readonly kind: "no-space" }
  /** 200 with a web page, as a captive portal sends it; nothing is carried out. */
  | { readonly kind: "html" }
  /** The token of the request expires now: 401. */
  | { readonly kind: "expired-token" }
  /** Other clients' changes, made before the request is carried out: between two pages, between look and write. */
  | { readonly kind: "edits"; readonly edits: readonly Edit[] }

  /** A page with this many entries at most. */
  | { readonly kind: "short-page"; readonly entries: number }
  /** A page without entries, though the total says that there are more. */
  | { readonly kind: "empty-page" }
  /** Entries left out of the page: of these names, or this many from its start. */
  | {
      readonly kind: "missing-entries";
      readonly names?: readonly string[] | undefined;
      readonly count?: number | undefined;
    }
  /** The page begins with its last entry once more. */
  | { readonly kind: "repeated-entry" }
  /** The page comes without its `_embedded`. */
  | { readonly kind: "no-embedded" }

  /** PUT: the answer is 202; the file is there after so many milliseconds, or never when that is undefined. */
  | { readonly kind: "accepted"; readonly afterMs?: number | undefined }
  /** PUT: the answer is 201; the file is seen after so many milliseconds, or never when that is undefined. */
  | { readonly kind: "late-visible"; readonly afterMs?: number | undefined }
  /** PUT: the answer comes so long after the last byte; the file is seen in the middle of that time. */
  | { readonly kind: "late-answer"; readonly ms: number }
  /** PUT: 201, but one byte of what is stored is wrong. */
  | { readonly kind: "corrupt-upload" }
  /** PUT: 201, but only so many bytes are stored. */
  | { readonly kind: "truncated-upload"; readonly bytes: number }
  /** PATCH: 200 with the new properties, which are then forgotten. */
  | { readonly kind: "lost-patch" }

  /** The operation that this request starts stays in-progress for so many polls, and is carried out at the last. */
  | { readonly kind: "slow-operation"; readonly polls: number }
  /** The operation that this request starts ends as failed; nothing is carried out. */
  | { readonly kind: "failed-operation" }

  /** The link has expired: 410. */
  | { readonly kind: "expired-link" };

export type Fault = RequestTarget & FaultEffect;

/** Whether a fault is for this request, as the log knows it. */
export function isForRequest({ route, host, path }: LoggedStart): (fault: Fault) => boolean {
  const isRoute = isForRoute(route);
  return (fault) => {
    if (!isRoute(fault) || (fault.host !== undefined && fault.host !== host)) return false;
    return fault.path === undefined || path?.endsWith(fault.path) === true;
  };
}
