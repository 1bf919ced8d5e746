import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Answer, ContentPart } from "./answer.js";
import { readContent } from "./content.js";
import type { Fault } from "./faults.js";

const GZIP_FROM_BYTES = 1400;

/** Puts an answer on the wire, spoilt by a fault if there is one. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  { fault, mayCompress }: { readonly fault: Fault | undefined; readonly mayCompress: boolean },
): Promise<void> {
  if (fault?.kind === "slow") await delay(fault.ms);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "cut-after") {
    response.socket?.destroy();
    return;
  }
  const { body } = answer;
  if (typeof body === "string") await sendText(response, mayCompress ? compressed(answer, body) : answer, fault);
  else await sendContent(response, answer, body, fault);
}

interface BytesAnswer extends Omit<Answer, "body"> {
  readonly body: string | Buffer | ContentPart;
}

function compressed(answer: Answer, body: string): BytesAnswer {
  if (body.length < GZIP_FROM_BYTES) return answer;
  const headers = { ...answer.headers, "Content-Encoding": "gzip", Vary: "Accept-Encoding" };
  return { ...answer, headers, body: gzipSync(body, { level: 1 }) };
}

async function sendText(response: ServerResponse, answer: BytesAnswer, fault: Fault | undefined): Promise<void> {
  const bytes = Buffer.isBuffer(answer.body)
    ? answer.body
    : Buffer.from(typeof answer.body === "string" ? answer.body : "");
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  if (fault?.kind === "half-json") {
    head(response, answer, half.length).end(half);
  } else if (fault?.kind === "cut-half") {
    head(response, answer, bytes.length).write(half, () => response.socket?.destroy());
  } else if (fault?.kind === "slow-body") {
    head(response, answer, bytes.length);
    await writeSlowly(response, bytes, fault);
    response.end();
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
  for await (const chunk of readContent(part.content, part.startByte, part.startByte + sent)) {
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
  { pieceBytes, pauseMs }: Fault & { readonly kind: "slow-body" },
): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await delay(pauseMs);
  }
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

function head(response: ServerResponse, { status, headers }: BytesAnswer, length: number): ServerResponse {
  const hasBody = status !== 204 && status !== 304;
  return response.writeHead(status, { ...headers, ...(hasBody ? { "Content-Length": String(length) } : {}) });
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
