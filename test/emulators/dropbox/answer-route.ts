import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import { header } from "../shared/header.js";
import { answerInstead } from "./answer-instead.js";
import { contentAnswer, jsonAnswer } from "./answer.js";
import { authorizeRequest, type Caller } from "./authorize-request.js";
import type { Exchange } from "./exchange.js";
import { BadInput } from "./failures.js";
import { readArgument } from "./read-argument.js";
import type { Call, Route } from "./route.js";
import { ROUTES } from "./routes/index.js";
import { appView, type View, viewAtPathRoot } from "./view.js";

/** Checks a request to the API in every way the service does, carries it out and returns the answer. */
export async function answerRoute(exchange: Exchange): Promise<Answer> {
  const { logged, world } = exchange;
  const route = findRoute(exchange);
  const { value, source } = readArgument(route, await rawRequest(exchange, route));
  const work = route.prepare(value, source);
  if (route.style !== "rpc" || logged.bodyBytes < 65_536) logged.argument = value;
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  const authorization =
    header(exchange, "authorization") ?? exchange.url.searchParams.get("authorization") ?? undefined;
  const caller = authorizeRequest(world, authorization, route.scope);
  const view = viewOf(exchange, caller, route);
  const lock = takeLocks(exchange, route, caller, JSON.stringify(value));
  try {
    await exchange.latency;
    const reply = await work(callOf(exchange, { caller, view, keepLock: lock.keep }));
    const name = (wanted: string): string | undefined => header(exchange, wanted);
    return reply.kind === "json" ? jsonAnswer(200, reply.value) : contentAnswer(reply, name);
  } finally {
    lock.release();
  }
}

function findRoute({ host, logged }: Exchange): Route {
  const route = ROUTES.get(logged.route);
  if (route === undefined) throw new BadInput(`Unknown API function: /2/${logged.route}`);
  if (route.host === host) return route;
  throw new BadInput(
    `Incorrect host for API function ${logged.route}.  You must issue the request to ${route.host}.dropboxapi.com`,
  );
}

async function rawRequest(exchange: Exchange, route: Route): Promise<Parameters<typeof readArgument>[1]> {
  const { body, logged, url, world } = exchange;
  const isText = route.style === "rpc" && body !== undefined;
  return {
    method: logged.method,
    query: url.searchParams,
    header: (name) => header(exchange, name),
    text: isText ? (await collectAll(body)).toString() : "",
    bodyBytes: logged.bodyBytes,
    argHeaderBytes: world.settings.argHeaderBytes,
  };
}

function viewOf(exchange: Exchange, { account }: Caller, route: Route): View {
  const view = appView(account, exchange.world.settings, (what) => {
    exchange.world.misuse.push(`${route.name}: ${what}`);
  });
  const pathRoot = header(exchange, "dropbox-api-path-root");
  return pathRoot === undefined ? view : viewAtPathRoot(view, pathRoot);
}

interface Locks {
  readonly keep: () => () => void;
  readonly release: () => void;
}

/** Commits exclude each other in one account; so do listing calls with the same argument. */
function takeLocks({ world }: Exchange, route: Route, { account }: Caller, argument: string): Locks {
  const isListing = route.name.startsWith("files/list_folder") && world.settings.refuseParallelListings;
  if (isListing) {
    const release = world.listingWatch.begin(`${account.accountId} ${route.name} ${argument}`);
    return { keep: () => release, release };
  }
  if (!route.commits) return { keep: () => () => undefined, release: () => undefined };
  const release = world.lock.acquire(account.accountId);
  let isKept = false;
  const keep = (): (() => void) => {
    isKept = true;
    return release;
  };
  return {
    keep,
    release: () => {
      if (!isKept) release();
    },
  };
}

function callOf(
  { body, fault, world, logged }: Exchange,
  parts: { readonly caller: Caller; readonly view: View; readonly keepLock: Call["keepLock"] },
): Call {
  const { caller, view, keepLock } = parts;
  const misuse = (what: string): void => void world.misuse.push(`${logged.route}: ${what}`);
  return { world, view, body, fault, misuse, keepLock, account: caller.account, accessToken: caller.accessToken };
}
