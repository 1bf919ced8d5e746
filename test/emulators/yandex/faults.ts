import type { Host } from "./request-log.js";

/** When a fault strikes. Requests are counted per fault, from the moment it is set. */
export interface FaultTarget {
  /** A route as the request log names it, such as "GET resources" or "PUT upload-target", or "*" for any. */
  readonly route: string;
  /** Only requests to this host. */
  readonly host?: Host | undefined;
  /** Only requests whose path, as the client spelt it, ends so. For uploads it is the path that the link is for. */
  readonly path?: string | undefined;
  /** The first request it strikes, counted from 1. Default 1. */
  readonly nth?: number | undefined;
  /** How many requests in a row it strikes. Default 1. */
  readonly times?: number | undefined;
}

/** What another client does, in the middle of things. Paths start with "/". */
export type Edit =
  | { readonly kind: "write"; readonly path: string; readonly content: string }
  | { readonly kind: "mkdir"; readonly path: string }
  | { readonly kind: "delete"; readonly path: string }
  | { readonly kind: "move"; readonly from: string; readonly to: string };

export type FaultEffect =
  /** 429 TooManyRequestsError, with Retry-After only where it is given. */
  | {
      readonly kind: "rate-limit";
      readonly retryAfter?: number | undefined;
      readonly error?: "TooManyRequestsError" | "DiskResourceDownloadLimitExceededError" | undefined;
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
  /** An error object of the API with this code; nothing is carried out. */
  | { readonly kind: "error"; readonly status: number; readonly error: string }
  /** 423 DiskResourceLockedError. */
  | { readonly kind: "locked" }
  /** 423 DiskUploadTrafficLimitExceeded, or the longer name that one client has seen. */
  | { readonly kind: "traffic-limit"; readonly longName?: boolean | undefined }
  /** 507: no space. */
  | { readonly kind: "no-space" }
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
  /** The token of the request expires now: 401. */
  | { readonly kind: "expired-token" }
  /** The answer comes so much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is carried out, but no answer ever comes. */
  | { readonly kind: "hang" }
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

  /** The download ends early; `quiet` announces the shorter length, so that HTTP sees nothing wrong. */
  | {
      readonly kind: "truncated-download";
      readonly afterBytes?: number | undefined;
      readonly quiet?: boolean | undefined;
    }
  /** One byte of the download is wrong. */
  | { readonly kind: "wrong-bytes" }
  /** The link has expired: 410. */
  | { readonly kind: "expired-link" };

export type Fault = FaultTarget & FaultEffect;

export interface FaultedRequest {
  readonly route: string;
  readonly host: Host;
  readonly path: string | undefined;
}

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

  take(request: FaultedRequest): Fault | undefined {
    let struck: Fault | undefined;
    for (const entry of this.#waiting) {
      if (!isMeant(entry.fault, request)) continue;
      entry.seen += 1;
      if (entry.seen >= (entry.fault.nth ?? 1)) struck ??= entry.fault;
    }
    this.#waiting = this.#waiting.filter(({ fault, seen }) => seen < (fault.nth ?? 1) + (fault.times ?? 1) - 1);
    return struck;
  }
}

function isMeant(fault: Fault, request: FaultedRequest): boolean {
  if (fault.route !== "*" && fault.route !== request.route) return false;
  if (fault.host !== undefined && fault.host !== request.host) return false;
  return fault.path === undefined || request.path?.endsWith(fault.path) === true;
}
