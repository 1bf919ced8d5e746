import { Transform } from "node:stream";
import { reasonOf, sleep, type Sleep } from "./sleep.js";

/** Shares a bandwidth among all that take from it, in the order in which they ask. */
export interface Throttle {
  /** Resolves when so many bytes may be moved. Rejects with the signal's reason. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
  /** Passes bytes on at the allowed rate, in pieces small enough that nobody else waits long. */
  stream(signal: AbortSignal): Transform;
}

export interface ThrottleClock {
  /** Milliseconds, from any start. */
  readonly now: () => number;
  readonly sleep: Sleep;
}

/** What was not used lately may be caught up on, up to this much of it. */
const BURST_MS = 250;

const SMALLEST_PIECE_BYTES = 1024;

/** A token bucket, kept as the instant at which it will have paid for everything taken so far. */
export function createThrottle(bytesPerSecond: number, clock: ThrottleClock = REAL_CLOCK): Throttle {
  let paidMs = Number.NEGATIVE_INFINITY;
  const pieceBytes = Math.max(SMALLEST_PIECE_BYTES, Math.floor(bytesPerSecond / 10));
  const takePiece = async (bytes: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const nowMs = clock.now();
    const startMs = Math.max(paidMs, nowMs - BURST_MS);
    paidMs = startMs + (bytes * 1000) / bytesPerSecond;
    if (startMs > nowMs) await clock.sleep(startMs - nowMs, signal);
  };
  // Piece by piece, or a large one would go out at once and be paid for by whoever comes next, who may be nobody.
  const take = async (bytes: number, signal: AbortSignal): Promise<void> => {
    for (let at = 0; at < bytes; at += pieceBytes) await takePiece(Math.min(pieceBytes, bytes - at), signal);
  };
  return { take, stream: (signal) => createThrottledStream(pieceBytes, take, signal) };
}

const REAL_CLOCK: ThrottleClock = { now: () => performance.now(), sleep };

function createThrottledStream(pieceBytes: number, take: Throttle["take"], signal: AbortSignal): Transform {
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passOn(this, chunk).then(
        () => done(),
        () => done(reasonOf(signal)),
      );
    },
  });
  const passOn = async (target: Transform, chunk: Buffer): Promise<void> => {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      await take(piece.length, signal);
      target.push(piece);
    }
  };
  return stream;
}
