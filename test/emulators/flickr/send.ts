import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Bytes } from "../gphotos/bytes.js";
import type { Answer } from "./answer.js";
import type { Fault } from "./faults.js";

/** Puts an answer on the wire, spoilt by a fault if there is one. */
export async function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): Promise<void> {
  if (fault?.kind === "slow") await delay(fault.ms);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "cut-after") {
    response.socket?.destroy();
    return;
  }
  const { body } = answer;
  if (typeof body === "string") sendText(response, answer, Buffer.from(body), fault);
  else await sendBytes(response, answer, body, fault);
}

function sendText(response: ServerResponse, answer: Answer, body: Buffer, fault: Fault | undefined): void {
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (fault?.kind === "empty-body") head(response, answer, 0).end();
  else if (fault?.kind === "half-body") head(response, answer, half.length).end(half);
  else if (fault?.kind === "cut-half")
    head(response, answer, body.length).write(half, () => response.socket?.destroy());
  else if (answer.isHeadOnly === true) head(response, answer, body.length).end();
  else head(response, answer, body.length).end(body);
}

async function sendBytes(
  response: ServerResponse,
  answer: Answer,
  body: Bytes,
  fault: Fault | undefined,
): Promise<void> {
  const sent = Math.min(body.sizeBytes, cutLength(fault, body.sizeBytes));
  const isQuiet = fault?.kind === "truncated-download" && fault.quiet === true;
  head(response, answer, isQuiet ? sent : body.sizeBytes);
  if (answer.isHeadOnly === true) {
    response.end();
    return;
  }
  for await (const chunk of body.read(0, sent)) {
    if (response.destroyed) return;
    const shown = fault?.kind === "other-bytes" ? chunk.map((byte) => byte ^ 1) : chunk;
    if (!response.write(shown)) await drained(response);
  }
  if (sent < body.sizeBytes && !isQuiet) response.socket?.destroySoon();
  else response.end();
}

function cutLength(fault: Fault | undefined, length: number): number {
  if (fault?.kind === "truncated-download") return fault.afterBytes ?? Math.floor(length / 2);
  return fault?.kind === "cut-half" ? Math.floor(length / 2) : length;
}

function head(response: ServerResponse, { status, headers }: Answer, length: number): ServerResponse {
  return response.writeHead(status, { ...headers, "Content-Length": String(length) });
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      response.off("drain", goOn).off("close", goOn);
      resolve();
    };
    response.on("drain", goOn).on("close", goOn);
  });
}
