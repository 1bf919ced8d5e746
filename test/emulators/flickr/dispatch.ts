import type { Answer } from "../shared/answer.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { answerImage, answerVideoPlay } from "./answer-image.js";
import { answerInstead, apiFailure, statusAnswer } from "./answer-instead.js";
import { answerRest } from "./answer-rest.js";
import { answerUpload } from "./answer-upload.js";
import { formAnswer, htmlAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { ApiFailure, OAuthProblem, PageFailure } from "./failures.js";
import { accessTokenEndpoint, authorizePage, requestTokenEndpoint } from "./oauth.js";
import { failureAnswer, formatOf, uploadFailureAnswer } from "./rest-format.js";

/** Carries a request out and returns its answer, once the emulated round trip is over. */
export async function dispatch(exchange: Exchange): Promise<Answer> {
  const { fault, host, latency, world } = exchange;
  world.tickets.settle();
  if (host === "api" && Date.now() < world.pausedUntilMs) world.earlyRequests += 1;
  const answer = await carryOut(exchange);
  await latency;
  if (fault?.kind === "status" && fault.processed === true) return statusAnswer(fault);
  if (fault?.kind === "failure" && fault.processed === true) return asAnswer(exchange, apiFailure(fault));
  return answer;
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  try {
    const instead = answerInstead(exchange);
    if (instead !== undefined) return instead;
    takeCall(exchange);
    return await answerHost(exchange);
  } catch (error) {
    return asAnswer(exchange, error);
  }
}

async function answerHost(exchange: Exchange): Promise<Answer> {
  switch (exchange.host) {
    case "www":
      return answerSite(exchange);
    case "api":
      return answerRest(exchange);
    case "up":
      return await answerUpload(exchange);
    case "image":
      return await answerImage(exchange);
  }
}

function answerSite(exchange: Exchange): Answer {
  switch (exchange.logged.route) {
    case "oauth.request_token":
      return requestTokenEndpoint(exchange);
    case "oauth.authorize":
      return authorizePage(exchange);
    case "oauth.access_token":
      return accessTokenEndpoint(exchange);
    case "video.play":
      return answerVideoPlay(exchange);
    default:
      noteMisuse(exchange, "there is no such page");
      return htmlAnswer(404, "Page Not Found");
  }
}

/** The key's allowance is looked at before anything else. */
function takeCall({ host, world }: Exchange): void {
  const isCounted = host === "api" || (host === "up" && world.settings.uploadsCount);
  if (isCounted && !world.rateLimit.take()) throw new PageFailure(429, "Too Many Requests");
}

/** The answer for anything that was thrown. Rethrows what is a bug of the emulator. */
function asAnswer(exchange: Exchange, error: unknown): Answer {
  const { host, world } = exchange;
  if (error instanceof PageFailure) {
    if (error.status === 429 && host !== "image") world.pausedUntilMs = Date.now() + world.settings.rateLimitWaitMs;
    return htmlAnswer(error.status, error.message, error.headers);
  }
  if (error instanceof OAuthProblem) {
    if (error.isMisuse) noteMisuse(exchange, error.problem);
    return formAnswer(401, { oauth_problem: error.problem, ...error.details });
  }
  if (!(error instanceof ApiFailure)) throw error;
  if (error.extra.isMisuse === true) noteMisuse(exchange, error.message);
  if (host === "up") return uploadFailureAnswer(error);
  return failureAnswer(formatOf(exchange.fields) ?? { kind: "xml" }, error);
}
