/** What bounds one request. Times are in milliseconds. */
export interface HttpLimits {
  /** How often a request is sent again after its first try. */
  readonly retries: number;
  /** A service that asks for a longer wait is given up at once, with the time it named. */
  readonly maxRetryAfterMs: number;
  /** All waits of one request together, pauses that other requests caused included. */
  readonly maxWaitMs: number;
  /** The first backoff is drawn from 0 to this, the next from 0 to twice as much, and so on up to 30 s. */
  readonly backoffMs: number;
  /** From the last byte sent to the first byte of the answer. */
  readonly responseTimeoutMs: number;
  /** Without a single byte moving, in either direction. */
  readonly idleTimeoutMs: number;
  /** For each of: finding the address, connecting, agreeing on encryption. */
  readonly connectTimeoutMs: number;
  /** The largest answer that `send` takes into memory. */
  readonly maxAnswerBytes: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  retries: 5,
  maxRetryAfterMs: 300_000,
  maxWaitMs: 300_000,
  backoffMs: 1_000,
  responseTimeoutMs: 180_000,
  idleTimeoutMs: 60_000,
  connectTimeoutMs: 30_000,
  maxAnswerBytes: 64 * 1024 * 1024,
};
