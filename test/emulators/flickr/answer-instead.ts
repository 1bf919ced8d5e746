import type { Answer } from "../shared/answer.js";
import { formAnswer, htmlAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiFailure, commonMessage, PageFailure } from "./failures.js";
import type { Fault } from "./faults.js";

const SIGN_IN_PAGE = "Please sign in to the network";

/** What a fault answers in place of the request's own answer; undefined when the request is to be carried out. */
export function answerInstead({ fault, fields, world }: Exchange): Answer | undefined {
  if (fault?.kind === "revoked-token") world.tokens.revoke(fields.get("oauth_token") ?? "");
  if (fault?.kind === "html") return htmlAnswer(200, SIGN_IN_PAGE);
  if (fault?.kind === "oauth-problem") return formAnswer(fault.status ?? 401, { oauth_problem: fault.problem });
  if (fault?.kind === "status" && fault.processed !== true) return statusAnswer(fault);
  if (fault?.kind === "rate-limit") {
    throw new PageFailure(429, "Too Many Requests", retryAfter(fault.retryAfterSeconds));
  }
  if (fault?.kind === "failure" && fault.processed !== true) throw apiFailure(fault);
  return undefined;
}

export function apiFailure({ code, message, elements }: Fault & { readonly kind: "failure" }): ApiFailure {
  return new ApiFailure(code, message ?? commonMessage(code), { elements });
}

export function statusAnswer(fault: Fault & { readonly kind: "status" }): Answer {
  const { status, body, contentType = "text/html", headers = {} } = fault;
  if (body !== undefined) return { status, headers: { "Content-Type": contentType, ...headers }, body };
  return htmlAnswer(status, STATUS_TEXTS.get(status) ?? "Something went wrong", headers);
}

const STATUS_TEXTS: ReadonlyMap<number, string> = new Map([
  [500, "Internal Server Error"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Time-out"],
]);

function retryAfter(seconds: number | undefined): Readonly<Record<string, string>> {
  return seconds === undefined ? {} : { "Retry-After": String(seconds) };
}
