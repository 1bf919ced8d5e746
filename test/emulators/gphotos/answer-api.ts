import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { answerInstead } from "./answer-instead.js";
import type { Exchange } from "./exchange.js";
import { ApiError, insufficientScopes, PageNotFound, serviceDisabled, unauthenticated } from "./failures.js";
import type { Call, Route } from "./route.js";
import { matchRoute } from "./routes/index.js";
import type { AccessToken } from "./tokens.js";

/** Checks a request to the API in every way the service does, carries it out and returns the answer. */
export async function answerApi(exchange: Exchange): Promise<Answer> {
  const { url, world } = exchange;
  const match = matchRoute(exchange);
  if (match === undefined) {
    noteMisuse(exchange, "there is no such method");
    throw new PageNotFound();
  }
  const { route, id } = match;
  if (url.pathname.includes("/:")) noteMisuse(exchange, "a slash before the colon of the method");
  const work = await route.prepare(exchange, id);
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const account = authorize(exchange, route);
  spend(exchange, route, account);
  const release = route.isWrite ? world.lock.acquire(account.accountId) : (): void => undefined;
  const held = hold(world.settings.writeHoldMs);
  try {
    await exchange.latency;
    const call: Call = { ...exchange, account };
    return await work(call);
  } finally {
    void held.then(release);
  }
}

/** Finds out who calls, and whether the token may use this route. */
function authorize(exchange: Exchange, route: Route): Account {
  const { world } = exchange;
  const token = bearerToken(exchange);
  const known = world.tokens.access(token);
  const account = known === undefined ? undefined : world.accounts.get(known.accountId);
  if (known === undefined || account === undefined || !isGood(exchange, known)) throw unauthenticated();
  known.usesLeft -= 1;
  if (world.settings.serviceDisabled) throw serviceDisabled(world.app.projectNumber);
  if (!route.scopes.some((scope) => known.scopes.includes(scope))) throw insufficientScopes();
  return account;
}

function isGood({ world }: Exchange, token: AccessToken): boolean {
  return token.expiresMs > world.clock.nowMs() && token.usesLeft > 0 && world.tokens.isAlive(token.grant);
}

function bearerToken(exchange: Exchange): string {
  const value = header(exchange, "authorization");
  const token = /^Bearer (\S+)$/.exec(value ?? "")?.[1];
  if (token !== undefined) return token;
  throw new ApiError(
    401,
    "UNAUTHENTICATED",
    "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other " +
      "valid authentication credential.",
    { isMisuse: true },
  );
}

function spend({ world }: Exchange, route: Route, account: Account): void {
  const { quota, settings } = world;
  const isChunk = route.name === "uploads.upload" || route.name === "uploads.finalize";
  if (!isChunk || settings.countChunks) quota.takeRequest();
  if (route.isUpload) quota.takeUpload();
  if (route.isWrite) quota.takeWrite(account.accountId);
}

function hold(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
