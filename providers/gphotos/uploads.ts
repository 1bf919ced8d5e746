import { ProviderError, RefusedContentError } from "../../lib/model/errors.js";
import type { Attempt, Upload, Uploaded } from "../provider.js";
import { attemptUpload } from "../attempts.js";
import type { Connection } from "./connection.js";
import { toRemoteFile } from "./listing.js";
import { offer, type Offer } from "./offers.js";
import { safeName, type Place } from "./places.js";
import type { Expected, Granted } from "./write-queue.js";

/** Stores one file. */
export async function upload(connection: Connection, file: Upload, signal: AbortSignal): Promise<Uploaded> {
  signal.throwIfAborted();
  const course = begin(connection, file);
  try {
    return await settle(connection, course, await send(connection, file, false, signal), signal);
  } finally {
    course.expected.leave();
  }
}

/**
 * Stores many small files: the bytes of each with one request, and fifty of one album with one more. All contents go first, then
 * the photos in the order given: that is the order in which the album shows them.
 */
export async function uploadBatch(
  connection: Connection,
  files: readonly Upload[],
  signal: AbortSignal,
): Promise<readonly Attempt<Uploaded>[]> {
  signal.throwIfAborted();
  const sent = await Promise.all(files.map((file) => attemptUpload(file, () => prepare(connection, file, signal))));
  return await Promise.all(
    sent.map(async (one) => {
      if (!one.ok) return one;
      const { course, offered } = one.value;
      try {
        return await attemptUpload(course.file, () => settle(connection, course, offered, signal));
      } finally {
        course.expected.leave();
      }
    }),
  );
}

/** What fails here is not waited for by others of its album. */
async function prepare(connection: Connection, file: Upload, signal: AbortSignal) {
  const course = begin(connection, file);
  try {
    return { course, offered: await send(connection, file, false, signal) };
  } catch (error) {
    course.expected.leave();
    throw error;
  }
}

/** One file on its way. */
interface Course {
  readonly file: Upload;
  readonly place: Place;
  readonly expected: Expected;
}

function begin({ places, writes }: Connection, file: Upload): Course {
  const { path, content } = file;
  const reason = places.refusal(path, content.sizeBytes);
  const place = places.of(path);
  if (reason !== undefined || place === undefined) {
    throw new ProviderError("rejected", `upload ${path}: ${reason ?? "it has no place in an album"}`);
  }
  return { file, place, expected: writes.expect(place.title) };
}

async function send(connection: Connection, file: Upload, anew: boolean, signal: AbortSignal): Promise<Offer> {
  return await connection.transfers(() => {
    signal.throwIfAborted();
    return offer(connection, file, anew, signal);
  });
}

/** Temporary failures of one file, besides those of whole calls, which are waited out elsewhere. */
const TRIES = 3;
const PAUSE_MS = 1_000;

/** From bytes to a photo in the album. */
async function settle(connection: Connection, course: Course, sent: Offer, signal: AbortSignal): Promise<Uploaded> {
  const { file } = course;
  let current = sent;
  let isAnew = false;
  let invisibleId: string | undefined;
  if (sent.kind === "known" && sent.item.id === file.replaces?.id) {
    return uploaded(course, sent.item.id, sent);
  }
  for (let tries = 1; ; tries++) {
    const granted = await wish(connection, course, current, signal);
    switch (granted.kind) {
      case "stored": {
        const { id } = granted.item;
        // What is answered with one id and shows nowhere is the user's own, or lies in the bin: it is there, all the same.
        if (granted.isVisible || id === invisibleId) return uploaded(course, id, current);
        if (invisibleId !== undefined) throw notShown(file);
        invisibleId = id;
        break;
      }
      case "send-again":
        if (isAnew) throw refuse(connection, current, granted.error);
        break;
      case "later":
        if (tries >= TRIES) throw keepToken(connection, file, current, granted.error);
        await connection.sleep(PAUSE_MS * 2 ** tries, signal);
        continue;
      case "failed":
        throw refuse(connection, current, granted.error);
    }
    forget(connection, current);
    current = await send(connection, file, true, signal);
    isAnew = true;
  }
}

async function wish(connection: Connection, course: Course, current: Offer, signal: AbortSignal): Promise<Granted> {
  const { file, place, expected } = course;
  const { title, name } = place;
  try {
    const { path, content, replaces } = file;
    const about = { path, sizeBytes: content.sizeBytes, replacesId: replaces?.id };
    return await expected.add({ ...about, title, name: safeName(name), offer: current }, signal);
  } catch (error) {
    throw keepToken(connection, file, current, error);
  }
}

/** What was sent is not sent again by the next run, be that tomorrow's. */
function keepToken<T>({ saved }: Connection, { content }: Upload, { sentHash, ...sent }: Offer, error: T): T {
  if (sent.kind === "token") saved.saveToken({ sentHash, sizeBytes: content.sizeBytes, token: sent.token });
  return error;
}

/** What was known of the content did not hold. */
function forget({ saved, contents }: Connection, { sentHash, ...sent }: Offer): void {
  saved.forgetToken(sentHash);
  if (sent.kind === "known") contents.forget(sent.item.id);
}

function refuse({ saved, refused }: Connection, { sentHash }: Offer, error: ProviderError): ProviderError {
  saved.forgetToken(sentHash);
  if (error instanceof RefusedContentError) refused.note(sentHash, reasonIn(error.message));
  return error;
}

/** Without "upload PATH: ", which is another one next time. */
function reasonIn(message: string): string {
  return message.slice(message.indexOf("Google Photos"));
}

function notShown({ path }: Upload): ProviderError {
  const what = "Google Photos says that it has stored it, and does not show it; run again later";
  return new ProviderError("unavailable", `upload ${path}: ${what}`);
}

function uploaded({ file }: Course, id: string, { sentHash }: Offer): Uploaded {
  return { entry: toRemoteFile(file.path, id), sentHash };
}
