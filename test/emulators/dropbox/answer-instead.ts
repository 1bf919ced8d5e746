import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { jsonAnswer, textAnswer } from "./answer.js";
import { unauthorized } from "./authorize-request.js";
import type { Exchange } from "./exchange.js";
import { CommonError, RouteError } from "./failures.js";
import type { Fault } from "./faults.js";

const SIGN_IN_PAGE = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

/** What a fault answers in place of the request's own answer; undefined when the request is to be carried out. */
export function answerInstead(exchange: Exchange): Answer | undefined {
  const { fault } = exchange;
  if (fault?.kind === "rate-limit") return rateLimitAnswer(exchange, fault);
  if (fault?.kind === "status" && fault.processed !== true) return statusAnswer(fault);
  if (fault?.kind === "html") return textAnswer(200, SIGN_IN_PAGE, "text/html");
  if (fault?.kind === "error") throw new RouteError(fault.error);
  if (fault?.kind === "missing-scope") throw unauthorized("missing_scope", { required_scope: fault.scope });
  if (fault?.kind !== "expired-token") return undefined;
  const token = exchange.world.tokens.access((header(exchange, "authorization") ?? "").replace(/^Bearer /, ""));
  if (token !== undefined) token.expiresMs = 0;
  throw unauthorized("expired_access_token");
}

export function statusAnswer(fault: Fault & { readonly kind: "status" }): Answer {
  const answer = textAnswer(fault.status, fault.body ?? "", fault.contentType);
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

function rateLimitAnswer(exchange: Exchange, fault: Fault & { readonly kind: "rate-limit" }): Answer {
  const { retryAfter = 1, reason = "too_many_requests", omit } = fault;
  const headers: Record<string, string> =
    omit === "header" || omit === "both" ? {} : { "Retry-After": String(retryAfter) };
  exchange.world.pausedUntilMs = Date.now() + retryAfter * 1000;
  if (fault.format === "text") {
    const answer = textAnswer(429, "Too many requests");
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }
  const wait = omit === "body" || omit === "both" ? {} : { retry_after: retryAfter };
  const error = new CommonError(429, reason, { reason: { ".tag": reason }, ...wait });
  return jsonAnswer(429, { error_summary: `${error.summary}/..`, error: error.error }, headers);
}
