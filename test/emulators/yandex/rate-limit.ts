import type { Settings } from "./settings.js";

const SECOND_MS = 1000;

/** Counts requests to the API. Rejected ones count as well: hammering does not help. */
export class RateLimit {
  /** How many requests were refused, and the most that came within one second. */
  refused = 0;
  peak = 0;
  #times: number[] = [];
  #tokens = Number.POSITIVE_INFINITY;
  #filledMs = 0;

  constructor(private readonly settings: Settings) {}

  /** Whether one more request may be served now. */
  admit(nowMs: number): boolean {
    this.#times = this.#times.filter((timeMs) => timeMs > nowMs - SECOND_MS);
    this.#times.push(nowMs);
    this.peak = Math.max(this.peak, this.#times.length);
    const { requestsPerSecond: most, rateCounting } = this.settings;
    const isAdmitted = most === 0 || (rateCounting === "window" ? this.#times.length <= most : this.#draw(nowMs, most));
    if (!isAdmitted) this.refused += 1;
    return isAdmitted;
  }

  #draw(nowMs: number, most: number): boolean {
    const filled = this.#tokens + ((nowMs - this.#filledMs) / SECOND_MS) * most;
    this.#tokens = Math.min(filled, 2 * most);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
