import type { Answer } from "../shared/answer.js";
import { replacement } from "./answer-instead.js";
import { refusalAnswer, signInRefusalAnswer } from "./answer.js";
import type { Exchange } from "./exchange.js";
import { Refusal, SignInRefusal } from "./failures.js";
import { answerFiles } from "./files-host.js";
import { answerGraph } from "./graph.js";
import { answerSignIn } from "./sign-in-host.js";

/** Carries a request out and returns its answer, once the emulated round trip is over. */
export async function dispatch(exchange: Exchange): Promise<Answer> {
  const { latency, world, host } = exchange;
  if (host !== "login" && world.clock.nowMs() < world.pausedUntilMs) world.earlyRequests += 1;
  const answer = await answerSafely(exchange);
  await latency;
  return host === "graph" ? withGraphHeaders(exchange, answer) : answer;
}

async function answerSafely(exchange: Exchange): Promise<Answer> {
  const { host, logged, world, headers, requestId } = exchange;
  const nowMs = world.clock.nowMs();
  const context = { requestId, clientRequestId: headers["client-request-id"], nowMs };
  try {
    const answer = await carryOut(exchange);
    return replacement(exchange) ?? answer;
  } catch (error) {
    if (error instanceof SignInRefusal) {
      if (error.details.misuse === true) world.misuse.push(`${logged.route}: ${error.message}`);
      return signInRefusalAnswer(error, { ...context, innerName: "innerError" });
    }
    if (!(error instanceof Refusal)) throw error;
    if (error.details.misuse !== undefined) world.misuse.push(`${logged.route}: ${error.details.misuse}`);
    return refusalAnswer(error, { ...context, innerName: host === "files" ? "innererror" : "innerError" });
  }
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  switch (exchange.host) {
    case "graph":
      return await answerGraph(exchange);
    case "files":
      return await answerFiles(exchange);
    case "login":
      return await answerSignIn(exchange);
  }
}

function withGraphHeaders({ world, requestId, headers }: Exchange, answer: Answer): Answer {
  const server = {
    DataCenter: "West Europe",
    Slice: "E",
    Ring: "5",
    ScaleUnit: "002",
    RoleInstance: "AM1PEPF00000001",
  };
  return {
    ...answer,
    headers: {
      "request-id": requestId,
      "client-request-id": headers["client-request-id"] ?? requestId,
      "x-ms-ags-diagnostic": JSON.stringify({ ServerInfo: server }),
      "OData-Version": "4.0",
      "Cache-Control": "private",
      "Strict-Transport-Security": "max-age=31536000",
      ...world.units.headers(),
      ...answer.headers,
    },
  };
}
