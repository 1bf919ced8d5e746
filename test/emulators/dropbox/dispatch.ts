import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import { header } from "../shared/header.js";
import { answerInstead, statusAnswer } from "./answer-instead.js";
import { answerRoute } from "./answer-route.js";
import { contentAnswer, errorAnswer, textAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { BadInput, CommonError } from "./failures.js";
import { authorizePage, tokenEndpoint } from "./oauth.js";

/** Carries a request out and returns its answer, once the emulated round trip is over. */
export async function dispatch(exchange: Exchange): Promise<Answer> {
  const { fault, latency, world } = exchange;
  if (Date.now() < world.pausedUntilMs) world.earlyRequests += 1;
  const answer = await carryOut(exchange);
  await latency;
  return fault?.kind === "status" && fault.processed === true ? statusAnswer(fault) : answer;
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { logged, url, world } = exchange;
  try {
    if (url.pathname.startsWith("/2/")) return await answerRoute(exchange);
    return answerInstead(exchange) ?? (await answerPage(exchange));
  } catch (error) {
    if (error instanceof BadInput) world.misuse.push(`${logged.route}: ${error.detail}`);
    if (error instanceof CommonError && error.status === 429) noteWait(exchange, error);
    return errorAnswer(error, logged.route, world.chance);
  }
}

async function answerPage(exchange: Exchange): Promise<Answer> {
  const { host, logged, url, world } = exchange;
  if (host === "api" && logged.route === "oauth2/token") return await answerToken(exchange);
  if (host === "auth" && logged.route === "oauth2/authorize") return authorizePage(world, url.searchParams);
  if (host === "content" && logged.route === "temporary-link") return answerLink(exchange);
  world.misuse.push(`${url.pathname} does not exist on the ${host} host`);
  return textAnswer(404, "Not found");
}

/** Parameters stand in a form body or in the URL; the official SDKs do the latter. */
async function answerToken(exchange: Exchange): Promise<Answer> {
  const { body, logged, url, world } = exchange;
  if (logged.method !== "POST") throw new BadInput("the token endpoint accepts POST only");
  const text = body === undefined ? "" : (await collectAll(body)).toString();
  const type = header(exchange, "content-type") ?? "";
  if (text !== "" && !type.startsWith("application/x-www-form-urlencoded")) {
    throw new BadInput(`Bad HTTP "Content-Type" header: "${type}".`);
  }
  const params = new URLSearchParams([...url.searchParams, ...new URLSearchParams(text)]);
  return tokenEndpoint(world, params, header(exchange, "authorization"));
}

function answerLink(exchange: Exchange): Answer {
  const { url, world } = exchange;
  const link = world.links.get(url.pathname.split("/")[4] ?? "");
  if (link === undefined) return textAnswer(404, "Not found");
  if (link.expiresMs < world.clock.nowMs()) return textAnswer(410, "Gone");
  const file = world.accounts.get(link.accountId)?.tree.byRev(link.rev);
  if (file === undefined) return textAnswer(404, "Not found");
  const reply = { content: file.content, metadata: {}, etag: `W/"${file.rev}"` };
  return contentAnswer(reply, (name) => header(exchange, name));
}

/** Remembers until when a client was asked to wait, to count those that do not. */
function noteWait({ world }: Exchange, { headers, summary }: CommonError): void {
  if (summary !== "too_many_requests") return;
  world.pausedUntilMs = Date.now() + Number(headers["Retry-After"] ?? 1) * 1000;
}
