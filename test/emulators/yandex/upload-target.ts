import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { textAnswer } from "./answer.js";
import { type Content, joinContents, spoiltContent } from "./content.js";
import type { Exchange } from "./exchange.js";
import { ApiError, PlainError } from "./failures.js";
import { type UploadLink } from "./links.js";

const MIB = 1024 * 1024;

/** What is known of an upload before its body has come. */
export interface UploadAttempt {
  readonly link: UploadLink;
  /** Something was sent to this link before. */
  readonly isRepeat: boolean;
}

/** PUT and HEAD of the uploader. */
export async function answerUpload(exchange: Exchange, attempt: UploadAttempt | undefined): Promise<Answer> {
  const { logged, world } = exchange;
  if (attempt === undefined || attempt.link.expiresMs <= world.clock.nowMs()) throw new PlainError(404);
  const account = world.accounts.get(attempt.link.uid);
  if (account === undefined) throw new PlainError(404);
  if (logged.method === "HEAD") return answerResume(exchange, attempt.link);
  if (logged.method !== "PUT") {
    noteMisuse(exchange, "the uploader takes PUT");
    throw new PlainError(405);
  }
  assertFirstUse(exchange, attempt);
  const content = await receivedContent(exchange, attempt.link);
  if (content === undefined) return textAnswer(202, "");
  return await store(exchange, { account, link: attempt.link, content });
}

function assertFirstUse(exchange: Exchange, { link, isRepeat }: UploadAttempt): void {
  const isContinued = exchange.world.settings.resumableUploads && link.operation.status === "in-progress";
  if (!isRepeat || isContinued) return;
  noteMisuse(exchange, "an upload link was used twice");
  throw new PlainError(404);
}

/** How much has come so far. The client names what it wants to send, by its hashes. */
function answerResume(exchange: Exchange, link: UploadLink): Answer {
  const names = ["etag", "sha256", "size"].map((name) => header(exchange, name));
  if (!exchange.world.settings.resumableUploads || names.includes(undefined)) throw new PlainError(404);
  return { status: 200, headers: { "Content-Length": String(receivedBytes(link)) }, body: "" };
}

/** The whole content, once it is there; undefined while parts of it are missing. */
async function receivedContent(exchange: Exchange, link: UploadLink): Promise<Content | undefined> {
  const { body, isCut, logged, world } = exchange;
  const range = parseRange(exchange);
  const isPart = range !== undefined;
  if (isPart && (!world.settings.resumableUploads || range.from !== receivedBytes(link))) throw new PlainError(412);
  if (body === undefined || receivedBytes(link) + body.sizeBytes > world.settings.fileBytes) throw new PlainError(413);
  if (header(exchange, "content-length") === undefined && logged.bodyBytes > 0) {
    noteMisuse(exchange, "the upload has no Content-Length");
  }
  if (isCut && !world.settings.resumableUploads) throw new PlainError(400);
  if (!isPart) link.received = [];
  link.received.push(body);
  if (isCut || (isPart && receivedBytes(link) < range.total)) return undefined;
  const whole = await joinContents(link.received);
  if (exchange.fault?.kind === "corrupt-upload") return await spoiltContent(whole, {});
  if (exchange.fault?.kind === "truncated-upload") return await spoiltContent(whole, { bytes: exchange.fault.bytes });
  return whole;
}

interface Upload {
  readonly account: Account;
  readonly link: UploadLink;
  readonly content: Content;
}

async function store(exchange: Exchange, upload: Upload): Promise<Answer> {
  const { world } = exchange;
  const { account, link, content } = upload;
  if (account.uploadedBytes >= world.settings.uploadTrafficBytes) throw new PlainError(423);
  if (content.sizeBytes > account.disk.freeBytes) throw new PlainError(507);
  assertNoConflict(upload);
  const { answerMs, storeMs, seenMs, isAccepted } = timesOf(exchange, content.sizeBytes);
  const put = (): void => {
    try {
      account.disk.putFile(link.parts, content, link.overwrite);
      account.uploadedBytes += content.sizeBytes;
      link.operation.status = "success";
    } catch {
      link.operation.status = "failed";
    }
  };
  if (seenMs === 0) put();
  else if (seenMs !== undefined) {
    const cancel = world.schedule.after(seenMs, put);
    if (storeMs !== undefined && storeMs < seenMs) {
      // The operation is over before the file is seen.
      world.schedule.after(storeMs, () => (link.operation.status = "success"));
    }
    if (isAccepted) {
      link.operation.pollsLeft = world.settings.operationPolls;
      link.operation.finish = () => {
        cancel();
        put();
      };
    }
  }
  if (answerMs > 0) await delay(answerMs);
  return textAnswer(isAccepted ? 202 : 201, "");
}

interface Times {
  readonly answerMs: number;
  /** When the operation counts as done, and when the file is seen; undefined: never. */
  readonly storeMs: number | undefined;
  readonly seenMs: number | undefined;
  readonly isAccepted: boolean;
}

function timesOf({ fault, world }: Exchange, sizeBytes: number): Times {
  const { settings } = world;
  const settleMs = settings.uploadSettleMs + (settings.uploadSettleMsPerMib * sizeBytes) / MIB;
  if (fault?.kind === "late-answer") {
    return { answerMs: fault.ms, storeMs: fault.ms / 2, seenMs: fault.ms / 2, isAccepted: false };
  }
  if (fault?.kind === "accepted") {
    return { answerMs: settleMs, storeMs: fault.afterMs, seenMs: fault.afterMs, isAccepted: true };
  }
  if (fault?.kind === "late-visible") {
    return { answerMs: settleMs, storeMs: settleMs, seenMs: fault.afterMs, isAccepted: false };
  }
  if (settings.uploadAnswer === "accepted") {
    const doneMs = settleMs + settings.operationRunsAfterMs;
    return { answerMs: settleMs, storeMs: doneMs, seenMs: doneMs, isAccepted: true };
  }
  return { answerMs: settleMs, storeMs: settleMs, seenMs: settleMs + settings.visibilityDelayMs, isAccepted: false };
}

/** Since the link was made, the folder may have gone and a file may have come. */
function assertNoConflict({ account, link }: Upload): void {
  try {
    account.disk.assertUpload(link.parts, link.overwrite);
  } catch (error) {
    if (error instanceof ApiError) throw new PlainError(409);
    throw error;
  }
}

function receivedBytes({ received }: UploadLink): number {
  return received.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Throws 412 when the range does not fit the body. */
function parseRange(exchange: Exchange): { readonly from: number; readonly total: number } | undefined {
  const text = header(exchange, "content-range");
  if (text === undefined) return undefined;
  const [, from, last, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (from === undefined || last === undefined || total === undefined) throw new PlainError(412);
  const isWhole = exchange.isCut || last - from + 1 === exchange.logged.bodyBytes;
  if (!isWhole || last >= total) throw new PlainError(412);
  return { from, total };
}
