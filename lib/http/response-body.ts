import { Readable } from "node:stream";

export interface BodyWatch {
  /** Fails when no byte comes for so long although the reader is waiting for one. */
  readonly idleTimeoutMs: number;
  /** What a reader gets to see of an error; `undefined` stands for silence. */
  readonly translate: (error: unknown) => Error;
  readonly onClose: () => void;
}

/** That wait for the reader: sixteen to sixty-four KiB each, as the network brings them. */
const MOST_PIECES = 8;

/** What the body fails with when it went silent; goes through `translate`. */
class SilenceError extends Error {
  readonly code = "ETIMEDOUT";
  readonly event = "socket";
}

/**
 * The body of an answer as its reader gets it. Time counts only while the reader waits: a reader that is slow on purpose, for
 * example to keep to a bandwidth, is no broken connection.
 */
export function watchBody(source: Readable, watch: BodyWatch): Readable {
  let timer: NodeJS.Timeout | undefined;
  const body = new Readable({
    // Pieces are handed on as they came. Joined to larger ones they would be copied once more.
    objectMode: true,
    highWaterMark: MOST_PIECES,
    read() {
      timer ??= setTimeout(() => fail(new SilenceError("silent")), watch.idleTimeoutMs);
      source.resume();
    },
    destroy(error, done) {
      stopClock();
      source.destroy();
      watch.onClose();
      done(error);
    },
  });

  const stopClock = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const fail = (error: unknown): void => {
    if (!body.destroyed) body.destroy(watch.translate(error));
  };

  source.pause();
  source.on("data", (chunk: Buffer) => {
    stopClock();
    if (!body.push(chunk)) source.pause();
  });
  source.once("end", () => {
    stopClock();
    body.push(null);
  });
  source.on("error", fail);
  source.once("close", () => {
    if (!source.readableEnded) fail(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
  });
  return body;
}
