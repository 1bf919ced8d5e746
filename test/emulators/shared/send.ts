import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "./answer.js";
import type { Bytes } from "./bytes.js";
import { isWireFault, type WireFault } from "./wire-fault.js";

/** Puts an answer on the wire, spoilt by a fault if it is one of the wire. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  anyFault: { readonly kind: string } | undefined,
): Promise<void> {
  const fault = anyFault !== undefined && isWireFault(anyFault) ? anyFault : undefined;
  if (fault?.kind === "slow") await delay(fault.ms);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "cut-after") {
    response.socket?.destroy();
    return;
  }
  const { body } = answer;
  if (typeof body === "string") await sendText(response, answer, Buffer.from(body), fault);
  else if (Buffer.isBuffer(body)) await sendText(response, answer, body, fault);
  else await sendBytes(response, answer, body, fault);
}

async function sendText(
  response: ServerResponse,
  answer: Answer,
  body: Buffer,
  fault: WireFault | undefined,
): Promise<void> {
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (fault?.kind === "empty-body") {
    head(response, answer, 0).end();
  } else if (fault?.kind === "half-json" || fault?.kind === "half-body") {
    head(response, answer, half.length).end(half);
  } else if (fault?.kind === "cut-half") {
    head(response, answer, body.length).write(half, () => response.socket?.destroy());
  } else if (fault?.kind === "slow-body") {
    head(response, answer, body.length);
    await writeSlowly(response, body, fault);
    response.end();
  } else {
    head(response, answer, body.length).end(body);
  }
}

async function sendBytes(
  response: ServerResponse,
  answer: Answer,
  body: Bytes,
  fault: WireFault | undefined,
): Promise<void> {
  const length = body.sizeBytes;
  const sent = Math.min(length, cutLength(fault, length));
  const isQuiet = fault?.kind === "truncated-download" && fault.quiet === true;
  head(response, answer, isQuiet ? sent : length);
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  const wrongAt = fault?.kind === "wrong-bytes" ? Math.floor(length / 2) : undefined;
  let at = 0;
  for await (const chunk of body.read(0, sent)) {
    if (response.destroyed) return;
    if (fault?.kind === "slow-body") await writeSlowly(response, chunk, fault);
    else if (!response.write(spoil(chunk, at, wrongAt))) await drained(response);
    at += chunk.length;
  }
  if (sent < length && !isQuiet) response.socket?.destroySoon();
  else response.end();
}

async function writeSlowly(
  response: ServerResponse,
  bytes: Buffer,
  { pieceBytes, pauseMs }: WireFault & { readonly kind: "slow-body" },
): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await delay(pauseMs);
  }
}

function cutLength(fault: WireFault | undefined, length: number): number {
  if (fault?.kind === "truncated-download") return fault.afterBytes ?? Math.floor(length / 2);
  return fault?.kind === "cut-half" ? Math.floor(length / 2) : length;
}

function spoil(chunk: Buffer, at: number, wrongAt: number | undefined): Buffer {
  if (wrongAt === undefined || wrongAt < at || wrongAt >= at + chunk.length) return chunk;
  const spoilt = Buffer.from(chunk);
  spoilt[wrongAt - at] = (spoilt[wrongAt - at] ?? 0) ^ 0xff;
  return spoilt;
}

/** 204 and 304 have no length; an answer to HEAD may give that of what it does not send. */
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
