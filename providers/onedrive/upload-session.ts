import { parseAnswer } from "../../lib/http/answers.js";
import { backoffMs } from "../../lib/http/backoff.js";
import type { HttpAnswer, HttpBody } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor } from "../refusals.js";
import { isGood } from "./api.js";
import { attempt } from "../attempts.js";
import type { Connection } from "./connection.js";
import { codesOf, toGraphError } from "./errors.js";
import { driveItem, sessionStatus, type DriveItem } from "./schemas.js";

/** Ranges are cut at multiples of this. */
const UNIT_BYTES = 327_680;

/** A request has to stay below 60 MiB. This much is lost when a connection breaks. */
const RANGE_BYTES = 100 * UNIT_BYTES;

/** The bytes have to be sent anew in another session: this one has ended, or its address does not hold any more. */
export class SessionLost extends ProviderError {
  constructor(subject: string) {
    super("unavailable", `upload ${subject}: the upload session is lost; the next run begins a new one`);
  }
}

export interface SessionUpload {
  /** The upload address. */
  readonly url: string;
  /** For messages. */
  readonly subject: string;
  readonly sizeBytes: number;
  /** Bytes [start, end), opened anew for every attempt. */
  readonly body: (start: number, end: number) => HttpBody;
  /** Called right before the range that makes a file of it. */
  readonly beforeLast?: (() => Promise<void>) | undefined;
}

/** How often in a row a range may fail before the upload does. */
const MOST_TROUBLES = 5;

/** Right after it was made, a session may not be found for some seconds. */
const SETTLING_MS = 5_000;

/**
 * Sends everything from byte `start` on, range after range, and resolves to what was stored. A range whose answer was lost is not sent
 * again before the session was asked where it stands. Rejects with `SessionLost`, or with the refusal.
 */
export async function sendRanges(
  connection: Connection,
  upload: SessionUpload,
  start: number,
  signal: AbortSignal,
): Promise<DriveItem> {
  const course: Course = { at: start, furthest: start, rangeBytes: RANGE_BYTES, troubles: 0 };
  for (;;) {
    const end = Math.min(course.at + course.rangeBytes, upload.sizeBytes);
    if (end === upload.sizeBytes) await upload.beforeLast?.();
    const outcome = await attempt(() => sendRange(connection, upload, { start: course.at, end }, signal));
    if (outcome.ok && (outcome.value.status === 200 || outcome.value.status === 201)) {
      return parseAnswer(driveItem, outcome.value, wordsFor(aboutUpload(upload)));
    }
    course.troubles += 1;
    if (outcome.ok && isGood(outcome.value.status)) {
      advance(course, positionIn(upload, outcome.value) ?? end);
      // Everything was taken, and no file has come of it; or the same bytes are asked for again and again.
      if (course.at >= upload.sizeBytes || course.troubles > MOST_TROUBLES) throw new SessionLost(upload.subject);
      continue;
    }
    if (!outcome.ok) {
      if (outcome.error.code !== "unavailable" || course.troubles > MOST_TROUBLES) throw outcome.error;
      await connection.sleep(backoffMs(course.troubles, 1_000, Math.random), signal);
      advance(course, await askPosition(connection, upload, signal));
    } else await recover(connection, upload, course, outcome.value, signal);
    if (course.at >= upload.sizeBytes) throw new SessionLost(upload.subject);
  }
}

interface Course {
  at: number;
  /** Only what goes beyond this is progress. */
  furthest: number;
  rangeBytes: number;
  troubles: number;
}

function advance(course: Course, position: number): void {
  if (position > course.furthest) {
    course.furthest = position;
    course.troubles = 0;
  }
  course.at = position;
}

async function sendRange(
  { api }: Connection,
  upload: SessionUpload,
  { start, end }: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const headers = { "content-range": `bytes ${start}-${end - 1}/${upload.sizeBytes}` };
  const request = {
    ...aboutUpload(upload),
    method: "PUT",
    url: upload.url,
    headers,
    body: upload.body(start, end),
  } as const;
  return await api.signed({ ...request, repeatable: false, accept: REFUSALS }, signal);
}

const REFUSALS = [400, 401, 403, 404, 409, 410, 412, 413, 416, 423, 507];

/** What a refused range means: see the table of the service's errors. Throws what cannot be mended by sending on. */
async function recover(
  connection: Connection,
  upload: SessionUpload,
  course: Course,
  answer: HttpAnswer,
  signal: AbortSignal,
): Promise<void> {
  const codes = codesOf(answer.text);
  const error = toGraphError(answer, aboutUpload(upload));
  if (course.troubles > MOST_TROUBLES) throw error;
  if (answer.status === 416 && !codes.includes("fragmentLengthMismatch")) {
    advance(course, await askPosition(connection, upload, signal));
    return;
  }
  if (answer.status === 413 || codes.includes("maxFragmentLengthExceeded")) {
    if (course.rangeBytes <= UNIT_BYTES) throw error;
    course.rangeBytes = Math.max(1, Math.floor(course.rangeBytes / 2 / UNIT_BYTES)) * UNIT_BYTES;
    return;
  }
  if (answer.status === 404 && course.troubles === 1) {
    await connection.sleep(SETTLING_MS, signal);
    advance(course, await askPosition(connection, upload, signal));
    return;
  }
  if (answer.status === 423) {
    await connection.sleep(backoffMs(course.troubles, 1_000, Math.random), signal);
    return;
  }
  const isOver = [401, 403, 404, 410, 416].includes(answer.status) || codes.includes("fragmentLengthMismatch");
  throw isOver ? new SessionLost(upload.subject) : error;
}

/** Where the session stands, by its own word. Rejects with `SessionLost` when there is none. */
export async function askPosition(
  { api }: Connection,
  upload: Pick<SessionUpload, "url" | "subject">,
  signal: AbortSignal,
): Promise<number> {
  const request = { ...aboutUpload(upload), method: "GET", url: upload.url, repeatable: true } as const;
  const answer = await api.signed({ ...request, accept: [400, 401, 403, 404, 410, 416] }, signal);
  const position = isGood(answer.status) ? positionIn(upload, answer) : undefined;
  if (position === undefined) throw new SessionLost(upload.subject);
  return position;
}

/** "over": the service has no such session any more. "refused": it did not end it. "unanswered": it was not to be reached. */
export type SessionEnd = "over" | "refused" | "unanswered";

/** Ends a session that nobody will go on with, so that its name is free again. That it is gone already is fine. */
export async function cancelSession(
  { api }: Connection,
  upload: Pick<SessionUpload, "url" | "subject">,
  signal: AbortSignal,
): Promise<SessionEnd> {
  const about = { operation: "cancel the upload of", subject: upload.subject };
  const request = { ...about, method: "DELETE", url: upload.url, repeatable: true } as const;
  // What cannot be ended now ends by itself: no reason to fail for it.
  const outcome = await attempt(() =>
    api.signed({ ...request, accept: [400, 401, 403, 404, 409, 410, 416, 423] }, signal),
  );
  if (!outcome.ok) return "unanswered";
  const { status } = outcome.value;
  return isGood(status) || status === 404 || status === 410 ? "over" : "refused";
}

/** The lower end of the first range that the service waits for. */
function positionIn(upload: Pick<SessionUpload, "subject">, answer: HttpAnswer): number | undefined {
  const { nextExpectedRanges = [] } = parseAnswer(sessionStatus, answer, wordsFor(aboutUpload(upload)));
  const position = /^(\d+)(-|$)/.exec(nextExpectedRanges[0] ?? "")?.[1];
  return position === undefined ? undefined : Number(position);
}

function aboutUpload({ subject }: Pick<SessionUpload, "subject">) {
  return { operation: "upload", subject };
}
