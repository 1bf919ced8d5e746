import type { Answer } from "../shared/answer.js";
import { textAnswer } from "./answer.js";
import { unauthorized } from "./authorize.js";
import type { Exchange } from "./exchange.js";
import { refusal, SignInRefusal } from "./failures.js";
import type { Fault } from "./faults.js";
import { readToken } from "./links.js";

const SIGN_IN_PAGE = "<!DOCTYPE html><html><body><h1>Please sign in to the network</h1></body></html>";
const BUSY_PAGE = "<html><body><h2>Our services aren't available right now</h2></body></html>";

/** What a fault answers in place of the request's own answer; undefined when the request is to be carried out. */
export function answerInstead(exchange: Exchange): Answer | undefined {
  const { fault } = exchange;
  if (fault?.kind === "throttle") return throttled(exchange, fault);
  if (fault?.kind === "status" && fault.processed !== true) return statusAnswer(fault);
  if (fault?.kind === "error" && fault.processed !== true) throw faultError(exchange, fault);
  if (fault?.kind === "html") return textAnswer(fault.status ?? 200, SIGN_IN_PAGE, "text/html");
  if (fault?.kind === "expired-token") throw expired(exchange);
  if (fault?.kind === "expired-url") spoilUrl(exchange);
  if (fault?.kind === "lost-session") loseSession(exchange);
  return undefined;
}

/** The answer that a fault puts in place of the true one, once the request has been carried out. */
export function replacement(exchange: Exchange): Answer | undefined {
  const { fault } = exchange;
  if (fault?.kind === "status" && fault.processed === true) return statusAnswer(fault);
  if (fault?.kind === "error" && fault.processed === true) throw faultError(exchange, fault);
  return undefined;
}

function statusAnswer(fault: Fault & { readonly kind: "status" }): Answer {
  const answer = textAnswer(fault.status, fault.body ?? "", fault.contentType);
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

function faultError({ host }: Exchange, fault: Fault & { readonly kind: "error" }): Error {
  const { status, code, message = "made up by a fault", inner, headers } = fault;
  if (host === "login") return new SignInRefusal(status, code, { message, suberror: inner });
  return refusal(status, code, { message: fault.message, inner, headers });
}

function throttled({ world, host }: Exchange, fault: Fault & { readonly kind: "throttle" }): Answer {
  const { status = 429, retryAfter = 1, format = "json" } = fault;
  const headers: Record<string, string> = retryAfter === null ? {} : { "Retry-After": String(retryAfter) };
  if (host !== "login") world.pausedUntilMs = world.clock.nowMs() + (retryAfter ?? 0) * 1000;
  if (format === "html") {
    const answer = textAnswer(status, BUSY_PAGE, "text/html");
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }
  if (host === "login") {
    throw new SignInRefusal(status, "temporarily_unavailable", { aadsts: 90055, message: "Busy.", headers });
  }
  throw refusal(status, status === 503 ? "serviceNotAvailable" : "activityLimitReached", {
    inner: "throttledRequest",
    headers,
  });
}

function expired({ world, headers }: Exchange): Error {
  const token = world.tokens.access((headers["authorization"] ?? "").replace(/^Bearer /i, ""));
  if (token !== undefined) token.expiresMs = 0;
  return unauthorized("Lifetime validation failed, the token is expired.");
}

function spoilUrl({ world, query }: Exchange): void {
  world.spoiltUrls.add(query.get("tempauth") ?? "");
}

function loseSession({ world, query }: Exchange): void {
  const session = world.sessions.find(readToken(world, query.get("tempauth") ?? "")?.id ?? "");
  if (session !== undefined) world.sessions.drop(session);
}
