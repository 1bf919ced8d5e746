import { rateLimit, tooManyWrites } from "./failures.js";
import type { Settings } from "./settings.js";

/** One commit at a time per account; whoever comes meanwhile is sent away with 429. */
export class WriteLock {
  readonly #held = new Set<string>();
  /** How often a commit was sent away. */
  rejections = 0;

  constructor(private readonly settings: Settings) {}

  /** Takes the lock and returns the function that gives it back. Throws the 429 answer when it is taken. */
  acquire(accountId: string): () => void {
    if (!this.settings.writeLock) return () => undefined;
    if (this.#held.has(accountId)) {
      this.rejections += 1;
      throw tooManyWrites();
    }
    this.#held.add(accountId);
    return () => {
      this.#held.delete(accountId);
    };
  }
}

/** Listing calls that are being answered; an equal one meanwhile is sent away with 429. */
export class ListingWatch {
  readonly #running = new Set<string>();

  begin(key: string): () => void {
    if (this.#running.has(key)) throw rateLimit("too_many_requests", 1);
    this.#running.add(key);
    return () => {
      this.#running.delete(key);
    };
  }
}
