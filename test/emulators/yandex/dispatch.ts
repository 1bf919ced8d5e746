import type { Answer } from "../shared/answer.js";
import { collectAll } from "../shared/bytes.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import { answerInstead, statusAnswer } from "./answer-instead.js";
import { answerRoute } from "./answer-route.js";
import { errorAnswer, textAnswer } from "./answer.js";
import { answerDownload } from "./download-target.js";
import type { Exchange } from "./exchange.js";
import { answerOAuth } from "./oauth.js";
import { answerUpload, type UploadAttempt } from "./upload-target.js";

/** Carries a request out and returns its answer, once the emulated round trip is over. */
export async function dispatch(exchange: Exchange, attempt: UploadAttempt | undefined): Promise<Answer> {
  const { fault, latency, world } = exchange;
  if (exchange.host === "api" && Date.now() < world.pausedUntilMs) world.earlyRequests += 1;
  const answer = await carryOut(exchange, attempt);
  await latency;
  return fault?.kind === "status" && fault.processed === true ? statusAnswer(fault) : answer;
}

async function carryOut(exchange: Exchange, attempt: UploadAttempt | undefined): Promise<Answer> {
  const { host, logged, world } = exchange;
  try {
    world.schedule.settle();
    if (host === "api") return await answerRoute(exchange);
    if (host !== "oauth") noteToken(exchange);
    const instead = answerInstead(exchange);
    if (instead !== undefined) return instead;
    if (host === "oauth") return answerOAuth(exchange, await textOf(exchange));
    if (host === "uploader" && logged.route.endsWith(" upload-target")) return await answerUpload(exchange, attempt);
    if (host === "downloader" && /^[A-Z]+ (download|storage)$/.test(logged.route)) return answerDownload(exchange);
    noteMisuse(exchange, `does not exist on the ${host} host`);
    return textAnswer(404, "Not found");
  } catch (error) {
    return errorAnswer(error);
  }
}

/** Links stand for themselves; a token at another host has leaked. */
function noteToken(exchange: Exchange): void {
  const said = [exchange.request.url ?? "", ...exchange.request.rawHeaders].join("\n");
  if (header(exchange, "authorization") === undefined && !exchange.world.tokens.occursIn(said)) return;
  noteMisuse(exchange, `a token was sent to the ${exchange.host}`);
}

async function textOf({ body }: Exchange): Promise<string> {
  return body === undefined ? "" : (await collectAll(body)).toString();
}
