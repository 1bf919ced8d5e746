import type { Answer } from "../shared/answer.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { answerApi } from "./answer-api.js";
import { answerInstead, statusAnswer } from "./answer-instead.js";
import { answerMedia } from "./answer-media.js";
import { errorAnswer, htmlAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiError } from "./failures.js";
import { authorizePage, deviceEndpoint, revokeEndpoint, tokenEndpoint } from "./oauth.js";

/** Carries a request out and returns its answer, once the emulated round trip is over. */
export async function dispatch(exchange: Exchange): Promise<Answer> {
  const { fault, host, latency, world } = exchange;
  if (host === "api") world.quota.noteRequest();
  if (host === "api" && Date.now() < world.pausedUntilMs) world.earlyRequests += 1;
  const answer = await carryOut(exchange);
  await latency;
  return fault?.kind === "status" && fault.processed === true ? statusAnswer(fault) : answer;
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { host, url } = exchange;
  try {
    if (host === "api") return await answerApi(exchange);
    if (host === "image") return answerMedia(exchange);
    return answerInstead(exchange) ?? (await answerOAuth(exchange));
  } catch (error) {
    if (error instanceof ApiError && error.extra.isMisuse === true) noteMisuse(exchange, error.message);
    if (error instanceof ApiError && error.status === "RESOURCE_EXHAUSTED") noteWait(exchange, error);
    return errorAnswer(error, url.pathname);
  }
}

async function answerOAuth(exchange: Exchange): Promise<Answer> {
  switch (exchange.logged.route) {
    case "oauth.authorize":
      return authorizePage(exchange);
    case "oauth.token":
      return tokenEndpoint(exchange);
    case "oauth.revoke":
      return revokeEndpoint(exchange);
    case "oauth.device":
      return deviceEndpoint(exchange);
    default:
      noteMisuse(exchange, `there is no such page on the ${exchange.host} host`);
      return htmlAnswer(404, "The requested URL was not found on this server.");
  }
}

/** Remembers until when a client was asked to wait, to count those that do not. */
function noteWait({ world }: Exchange, { message, extra }: ApiError): void {
  if (message.includes("per day")) {
    world.quota.noteSpent();
    return;
  }
  const asked = extra.headers?.["Retry-After"];
  world.pausedUntilMs = Date.now() + (asked === undefined ? world.settings.quotaWaitMs : Number(asked) * 1000);
}
