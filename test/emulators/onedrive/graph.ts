import type { Answer } from "../shared/answer.js";
import { answerInstead } from "./answer-instead.js";
import { jsonAnswer } from "./answer.js";
import { assertQuery, authorize, openDrive } from "./authorize.js";
import { answerBatch } from "./batch.js";
import type { Call, Caller } from "./call.js";
import { answerDirectory } from "./directory.js";
import type { Exchange } from "./exchange.js";
import { badRequest, Refusal, refusal } from "./failures.js";
import { rewriteWaiting } from "./office.js";
import { ROUTES } from "./routes/index.js";
import { unitsOf } from "./units.js";

/** Checks a request to the API in every way the service does, carries it out and returns the answer. */
export async function answerGraph(exchange: Exchange): Promise<Answer> {
  const caller = authorize(exchange);
  rewriteWaiting(exchange.world);
  if (exchange.address instanceof Refusal) throw exchange.address;
  if (exchange.address?.route === "batch") {
    return answerInstead(exchange) ?? (await answerBatch(exchange, (member) => answerMember(member, caller)));
  }
  return await answerMember(exchange, caller);
}

/** One request to a drive or the directory, alone or as a member of a batch. */
async function answerMember(exchange: Exchange, caller: Caller): Promise<Answer> {
  const { address, world } = exchange;
  if (address instanceof Refusal) throw address;
  if (address === undefined) throw badRequest("no address");
  const instead = answerInstead(exchange);
  if (instead !== undefined) return instead;
  charge(exchange, address.route);
  assertQuery(exchange);
  if (address.drive === undefined) return answerDirectory(exchange, caller, address);
  const { account, drive } = openDrive(exchange, caller, address);
  if (address.route === "drive") return jsonAnswer(200, ROUTES.drive({ exchange, drive, account }));
  const route = ROUTES.items.get(address.route);
  if (route === undefined) throw badRequest(`nothing answers ${address.route}`);
  const call: Call = { world, exchange, address, drive, caller: { ...caller, account } };
  return await route(call);
}

/** Every request counts, those in a batch as well. */
function charge({ world, query }: Exchange, route: string): void {
  const waitSeconds = world.units.charge(unitsOf(route, query.has("token")));
  if (waitSeconds === undefined) return;
  world.pausedUntilMs = world.clock.nowMs() + waitSeconds * 1000;
  throw refusal(429, "activityLimitReached", {
    inner: "throttledRequest",
    headers: { "Retry-After": String(waitSeconds) },
  });
}
