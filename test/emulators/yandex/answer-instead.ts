import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { textAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiError, locked, noSpace, PlainError, tooManyRequests, trafficLimit, unauthorized } from "./failures.js";
import type { Fault } from "./faults.js";

const SIGN_IN_PAGE = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

/** What a fault answers in place of the request's own answer; undefined when the request is to be carried out. */
export function answerInstead(exchange: Exchange): Answer | undefined {
  const { fault, host, world } = exchange;
  const error = fault === undefined ? undefined : errorOf(fault);
  if (error !== undefined) throw host === "api" ? error : new PlainError(error.status);
  if (fault?.kind === "status" && fault.processed !== true) return statusAnswer(fault);
  if (fault?.kind === "html") return textAnswer(200, SIGN_IN_PAGE, "text/html");
  if (fault?.kind === "rate-limit") {
    if (fault.retryAfter !== undefined) world.pausedUntilMs = Date.now() + fault.retryAfter * 1000;
    throw tooManyRequests(fault.retryAfter, fault.error);
  }
  if (fault?.kind !== "expired-token") return undefined;
  const token = world.tokens.access((header(exchange, "authorization") ?? "").replace(/^\S+ /, ""));
  if (token !== undefined) token.expiresMs = 0;
  throw unauthorized();
}

export function statusAnswer(fault: Fault & { readonly kind: "status" }): Answer {
  const answer = textAnswer(fault.status, fault.body ?? "", fault.contentType);
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

function errorOf(fault: Fault): ApiError | undefined {
  if (fault.kind === "error") return new ApiError(fault.status, fault.error, `Error ${fault.error}.`);
  if (fault.kind === "locked") return locked();
  if (fault.kind === "no-space") return noSpace();
  if (fault.kind !== "traffic-limit") return undefined;
  return trafficLimit(fault.longName === true ? "DiskResourceUploadTrafficLimitExceededError" : undefined);
}
