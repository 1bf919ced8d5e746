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
  const { body } = answer;
  // There is no half-way through nothing: the answer is cut off as a whole.
  const isCutWhole = fault?.kind === "cut-after" || (fault?.kind === "cut-half" && isNothingSent(response, body));
  if (isCutWhole) {
    response.socket?.destroy();
    return;
  }
  if (typeof body === "string") await sendText(response, answer, Buffer.from(body), fault);
  else if (Buffer.isBuffer(body)) await sendText(response, answer, body, fault);
  else await sendBytes(response, answer, body, fault);
}

function isNothingSent({ req }: ServerResponse, body: Answer["body"]): boolean {
  if (req.method === "HEAD") return true;
  return typeof body === "string" || Buffer.isBuffer(body) ? body.length === 0 : body.sizeBytes === 0;
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
  const { announced, sent } = extentOf(fault, length);
  head(response, answer, announced);
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
  if (sent < announced) response.socket?.destroySoon();
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

/** How many bytes of a content are announced, and how many of them come. */
function extentOf(fault: WireFault | undefined, length: number): { readonly announced: number; readonly sent: number } {
  const half = Math.floor(length / 2);
  if (fault?.kind === "empty-body") return { announced: 0, sent: 0 };
  if (fault?.kind === "half-body" || fault?.kind === "half-json") return { announced: half, sent: half };
  if (fault?.kind === "cut-half") return { announced: length, sent: half };
  if (fault?.kind !== "truncated-download") return { announced: length, sent: length };
  const sent = Math.min(length, fault.afterBytes ?? half);
  return { announced: fault.quiet === true ? sent : length, sent };
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
