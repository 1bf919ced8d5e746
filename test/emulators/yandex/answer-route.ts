import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { answerInstead } from "./answer-instead.js";
import { jsonAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiError, forbidden, tooManyRequests, unauthorized } from "./failures.js";
import { project } from "./fields.js";
import { readQuery } from "./query.js";
import type { Call, Route } from "./route.js";
import { PLACES, ROUTES } from "./routes/index.js";
import type { AccessToken } from "./tokens.js";

/** Checks a request to the API in every way the service does, carries it out and returns the answer. */
export async function answerRoute(exchange: Exchange): Promise<Answer> {
  const { url, world } = exchange;
  assertRate(exchange);
  const onMisuse = (what: string): void => noteMisuse(exchange, what);
  const route = findRoute(exchange);
  const query = readQuery(url.search, [...route.params, "fields"], onMisuse);
  assertBody(exchange, route);
  assertAcceptsJson(exchange);
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const { account, token } = authorize(exchange, route);
  const call: Call = {
    ...exchange,
    account,
    token,
    query,
    header: (name) => header(exchange, name),
    misuse: onMisuse,
  };
  const { status, value } = await route.run(call);
  if (value === undefined) return { status, headers: {}, body: "" };
  return jsonAnswer(status, project(value, query.get("fields") ?? null), world.chance);
}

function assertRate({ world }: Exchange): void {
  if (world.rateLimit.admit(Date.now())) return;
  const { rateRetryAfter } = world.settings;
  if (rateRetryAfter !== undefined) world.pausedUntilMs = Date.now() + rateRetryAfter * 1000;
  throw tooManyRequests(rateRetryAfter);
}

function findRoute(exchange: Exchange): Route {
  const { logged, url } = exchange;
  const route = url.pathname.startsWith("/v1/disk") ? ROUTES.get(logged.route) : undefined;
  if (route !== undefined) return route;
  noteMisuse(exchange, `${url.pathname} does not exist on this host`);
  if (PLACES.has(logged.route.replace(/^[A-Z]+ /, ""))) {
    throw new ApiError(405, "MethodNotAllowedError", "Method Not Allowed");
  }
  throw new ApiError(404, "NotFoundError", "Not Found");
}

/** All arguments stand in the query; only PATCH has a body. An empty one may be called a form. */
function assertBody(exchange: Exchange, route: Route): void {
  const { logged } = exchange;
  if (route.takesBody === true) return;
  if (logged.bodyBytes > 0) {
    noteMisuse(exchange, `has a body of ${String(logged.bodyBytes)} bytes where none belongs`);
    throw new ApiError(415, "UnsupportedMediaTypeError", "Unsupported Media Type");
  }
  const type = header(exchange, "content-type");
  if (type !== undefined && !type.startsWith("application/x-www-form-urlencoded") && logged.method !== "GET") {
    noteMisuse(exchange, `an empty body is announced as ${type}`);
  }
}

function assertAcceptsJson(exchange: Exchange): void {
  const accept = header(exchange, "accept");
  if (accept === undefined || /application\/(json|\*)|\*\/\*/.test(accept)) return;
  noteMisuse(exchange, `accepts ${accept} only`);
  throw new ApiError(406, "NotAcceptableError", "Not Acceptable");
}

/** The word is OAuth; Bearer, which an old and widely used client sends after a refresh, is taken as well. */
function authorize(exchange: Exchange, route: Route): { readonly account: Account; readonly token: AccessToken } {
  const { world } = exchange;
  const value = /^(?:OAuth|Bearer) (\S+)$/i.exec(header(exchange, "authorization") ?? "")?.[1];
  if (value === undefined) noteMisuse(exchange, "the Authorization header is missing or has another form");
  const token = world.tokens.access(value ?? "");
  const account = token === undefined ? undefined : world.accounts.get(token.grant.uid);
  if (token === undefined || account === undefined || !world.tokens.isCurrent(token)) throw unauthorized();
  token.usesLeft -= 1;
  const { scopes } = token.grant;
  const isAllowed =
    route.scope === undefined ||
    scopes.includes(`cloud_api:disk.${route.scope}`) ||
    // Which folder it is about is looked at later.
    (route.scope !== "info" && scopes.includes("cloud_api:disk.app_folder"));
  if (!isAllowed) throw forbidden();
  return { account, token };
}
