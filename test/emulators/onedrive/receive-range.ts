import type { Answer } from "../shared/answer.js";
import { emptyAnswer, jsonAnswer } from "./answer.js";
import { matches } from "./call.js";
import { contentOf } from "./content.js";
import type { Exchange } from "./exchange.js";
import { badRequest, notFound, type Refusal, refusal } from "./failures.js";
import { isPersonal } from "./kinds.js";
import type { Session } from "./sessions.js";
import { prepare, storeFile } from "./store.js";
import { itemJson } from "./view.js";

/** Every range but the last is a multiple of this. */
const BLOCK_BYTES = 320 * 1024;
/** Where a range is too large. */
const RANGE_LIMIT_BYTES = 60 * 1024 * 1024;

/** A request to an upload URL. */
export async function answerSession(exchange: Exchange, id: string): Promise<Answer> {
  const { world, method } = exchange;
  const session = world.sessions.find(id);
  if (session === undefined) throw notFound();
  switch (method) {
    case "GET":
      return jsonAnswer(200, progress(session));
    case "DELETE":
      world.sessions.drop(session);
      return emptyAnswer(204);
    case "PUT":
      return await receive(exchange, session);
    case "POST":
      return await commitOnDemand(exchange, session);
    default:
      throw badRequest(`${method} of an upload URL`);
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly total: number;
}

async function receive(exchange: Exchange, session: Session): Promise<Answer> {
  const range = readRange(exchange);
  assertFits(exchange, session, range);
  const { body, world } = exchange;
  if (body === undefined) throw tooLong();
  if (body.sizeBytes !== range.end - range.start + 1) throw badRequest("the body is not as long as its Content-Range");
  const isLast = range.end + 1 === range.total;
  session.isUneven ||= !isLast && body.sizeBytes % BLOCK_BYTES !== 0;
  session.totalBytes = range.total;
  session.blobs.push(body);
  session.receivedBytes += body.sizeBytes;
  world.sessions.keepAlive(session);
  if (!isLast || session.deferCommit) return jsonAnswer(202, progress(session));
  return await commit(exchange, session);
}

function readRange({ headers, world, logged }: Exchange): Range {
  if (headers["content-length"] === undefined) {
    throw refusal(411, "invalidRequest", { message: "Length Required", misuse: "a range without Content-Length" });
  }
  if (headers["content-encoding"] !== undefined) world.misuse.push(`${logged.route}: Content-Encoding on a range`);
  const parts = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "");
  if (parts === null) throw badRequest(`Content-Range ${headers["content-range"] ?? "is missing"}`);
  const [start, end, total] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (end < start || end >= total) throw badRequest("a Content-Range that is empty or ends after the file");
  return { start, end, total };
}

function assertFits({ world }: Exchange, session: Session, { start, end, total }: Range): void {
  const length = end - start + 1;
  if (length >= RANGE_LIMIT_BYTES) throw tooLong();
  if (session.totalBytes !== undefined && total !== session.totalBytes) {
    throw refusal(400, "invalidRange", {
      inner: "fragmentLengthMismatch",
      misuse: "a total that changes between ranges",
    });
  }
  if (start < session.receivedBytes) {
    throw refusal(416, "invalidRange", {
      inner: "fragmentOverlap",
      message: "The uploaded fragment has already been received",
    });
  }
  if (start > session.receivedBytes) {
    throw refusal(416, "invalidRange", {
      inner: "fragmentOutOfOrder",
      misuse: "a range that does not follow the last one",
    });
  }
  if (end + 1 === total || length % BLOCK_BYTES === 0 || world.settings.unevenRanges === "fail-at-commit") return;
  throw badRequest(`a range of ${String(length)} bytes, which is no multiple of 320 KiB`);
}

function tooLong(): Refusal {
  return refusal(413, "invalidRange", { inner: "maxFragmentLengthExceeded", misuse: "a range of 60 MiB or more" });
}

async function commitOnDemand(exchange: Exchange, session: Session): Promise<Answer> {
  if (isPersonal(session.drive.kind)) throw badRequest("POST of an upload URL of a personal drive");
  if (exchange.headers["content-length"] === undefined) {
    throw refusal(411, "invalidRequest", { message: "Length Required", misuse: "a commit without Content-Length" });
  }
  if (session.receivedBytes !== session.totalBytes)
    throw refusal(400, "invalidRequest", { inner: "uploadSessionIncomplete" });
  return await commit(exchange, session);
}

/** Makes the file. When that fails, the session keeps its bytes, but for those of a file that cannot be. */
async function commit(exchange: Exchange, session: Session): Promise<Answer> {
  const { world } = exchange;
  const { drive, parent, name, ifMatch, times } = session;
  if (session.isUneven) {
    world.sessions.drop(session);
    throw refusal(500, "generalException", { misuse: "a file of ranges that are no multiples of 320 KiB" });
  }
  const ready = await prepare(world, session, contentOf(session.blobs));
  if (parent.isDeleted) throw notFound();
  const target = drive.child(parent, name);
  if (ifMatch !== undefined && !matches(drive, target, ifMatch)) throw refusal(409, "resourceModified");
  const { item, isNew } = storeFile({ world, drive, parent, name, behavior: session.conflictBehavior, times, ready });
  world.sessions.drop(session);
  return jsonAnswer(isNew ? 201 : 200, itemJson(item, { exchange, drive, account: undefined }));
}

function progress(session: Session): Record<string, unknown> {
  const isComplete = session.receivedBytes === session.totalBytes;
  return {
    expirationDateTime: new Date(session.expiresMs).toISOString(),
    nextExpectedRanges: isComplete ? [] : [`${String(session.receivedBytes)}-`],
  };
}
