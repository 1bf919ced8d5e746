import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, ContentPart } from "./answer.js";
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
  if (typeof body === "string") sendText(response, answer, body, fault);
  else await sendContent(response, answer, body, fault);
}

function sendText(response: ServerResponse, answer: Answer, body: string, fault: Fault | undefined): void {
  const bytes = Buffer.from(body);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  if (fault?.kind === "half-json") {
    head(response, answer, half.length).end(half);
  } else if (fault?.kind === "cut-half") {
    head(response, answer, bytes.length).write(half, () => response.socket?.destroy());
  } else {
    head(response, answer, bytes.length).end(bytes);
  }
}

async function sendContent(
  response: ServerResponse,
  answer: Answer,
  part: ContentPart,
  fault: Fault | undefined,
): Promise<void> {
  const length = part.endByte - part.startByte;
  const sent = Math.min(length, cutLength(fault, length));
  const isQuiet = fault?.kind === "truncated-download" && fault.quiet === true;
  head(response, answer, isQuiet ? sent : length);
  const wrongAt = fault?.kind === "wrong-bytes" ? Math.floor(length / 2) : undefined;
  let at = 0;
  for await (const chunk of part.content.read(part.startByte, part.startByte + sent)) {
    if (response.destroyed) return;
    if (!response.write(spoil(chunk, at, wrongAt))) await drained(response);
    at += chunk.length;
  }
  if (sent < length && !isQuiet) response.socket?.destroySoon();
  else response.end();
}

function cutLength(fault: Fault | undefined, length: number): number {
  if (fault?.kind === "truncated-download") return fault.afterBytes ?? Math.floor(length / 2);
  return fault?.kind === "cut-half" ? Math.floor(length / 2) : length;
}

function spoil(chunk: Buffer, at: number, wrongAt: number | undefined): Buffer {
  if (wrongAt === undefined || wrongAt < at || wrongAt >= at + chunk.length) return chunk;
  const spoilt = Buffer.from(chunk);
  spoilt[wrongAt - at] = (spoilt[wrongAt - at] ?? 0) ^ 0xff;
  return spoilt;
}

/** 204 and 304 have no length; HEAD has that of what it does not send. */
function head(response: ServerResponse, { status, headers }: Answer, length: number): ServerResponse {
  if (status === 204 || status === 304) return response.writeHead(status, headers);
  return response.writeHead(status, { "Content-Length": String(length), ...headers });
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
