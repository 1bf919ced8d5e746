import type { ProviderError } from "../model/errors.js";
import { networkError, statusError, type NetworkFailure } from "./errors.js";
import type { HttpRequest } from "./types.js";

/** Why an attempt came to nothing, and whether another one may be made. */
export interface Trouble {
  /** "unless-done": only where the request may be carried out twice, because it is unknown whether it was already. */
  readonly repeat: "always" | "unless-done" | "never";
  toError(tries: number): ProviderError;
}

export function troubleOfStatus(request: HttpRequest, status: number, host: string): Trouble {
  return {
    repeat: repeatOf(status),
    toError: (tries) => statusError(request, { status, host }, tries > 1 ? triedAdvice(tries) : undefined),
  };
}

export function troubleOfFailure(request: HttpRequest, failure: NetworkFailure, host: string): Trouble {
  const repeat = failure.reached === "no" ? "always" : "unless-done";
  return {
    repeat: failure.isLasting ? "never" : repeat,
    toError: (tries) => networkError(request, host, failure, tries),
  };
}

/** Statuses that say: too many calls. */
export function isThrottle(status: number): boolean {
  return status === 429 || status === 503 || status === 509;
}

/** Server errors that stay: not implemented, HTTP version, account full, loop, sign-in page of a network. */
const LASTING: ReadonlySet<number> = new Set([501, 505, 507, 508, 511]);

function repeatOf(status: number): Trouble["repeat"] {
  if (status === 429) return "always";
  const isPassing = status === 408 || (status >= 500 && !LASTING.has(status));
  return isPassing ? "unless-done" : "never";
}

function triedAdvice(tries: number): string {
  return `tried ${tries} times, run again later`;
}
