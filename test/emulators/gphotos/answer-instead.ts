import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { errorAnswer, htmlAnswer, jsonAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiError, insufficientScopes, quotaError, serviceDisabled, statusWord, unauthenticated } from "./failures.js";
import type { Fault } from "./faults.js";

const SIGN_IN_PAGE = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

/** What a fault answers in place of the request's own answer; undefined when the request is to be carried out. */
export function answerInstead(exchange: Exchange): Answer | undefined {
  const { fault, world } = exchange;
  if (fault?.kind === "status" && fault.processed !== true) return statusAnswer(fault);
  if (fault?.kind === "quota") return quotaAnswer(exchange, fault);
  if (fault?.kind === "html") return pageAnswer(fault.status ?? 200);
  if (fault?.kind === "missing-scope") throw insufficientScopes();
  if (fault?.kind === "service-disabled") throw serviceDisabled(world.app.projectNumber);
  if (fault?.kind === "oauth-error") {
    const description = fault.description ?? "Token has been expired or revoked.";
    return jsonAnswer(fault.status ?? 400, { error: fault.error, error_description: description });
  }
  if (fault?.kind !== "expired-token") return undefined;
  const token = world.tokens.access((header(exchange, "authorization") ?? "").replace(/^Bearer /, ""));
  if (token !== undefined) token.expiresMs = 0;
  throw unauthenticated();
}

export function statusAnswer(fault: Fault & { readonly kind: "status" }): Answer {
  const { status, message = "Internal error encountered.", body, contentType = "text/html", headers } = fault;
  if (body !== undefined) return { status, headers: { "Content-Type": contentType, ...headers }, body };
  return errorAnswer(new ApiError(status, statusWord(status), message, { headers }), "");
}

function quotaAnswer({ world }: Exchange, { limit, retryAfterSeconds }: Fault & { readonly kind: "quota" }): Answer {
  if (limit === "media") return htmlAnswer(429, "Rate-limit exceeded.");
  throw quotaError(limit, world.app.projectNumber, retryAfterSeconds);
}

function pageAnswer(status: number): Answer {
  if (status !== 200) return htmlAnswer(status, "The server encountered a temporary error and could not complete it.");
  return { status, headers: { "Content-Type": "text/html; charset=UTF-8" }, body: SIGN_IN_PAGE };
}
