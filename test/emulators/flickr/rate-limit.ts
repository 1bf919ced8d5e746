import type { Clock } from "../shared/clock.js";
import type { Settings } from "./settings.js";

const HOUR_MS = 3_600_000;

/** Counts the calls of the key in a sliding hour. */
export class RateLimit {
  /** How many requests came while the limit was used up. */
  requestsPastLimit = 0;
  #taken: number[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  get requestsInHour(): number {
    const sinceMs = this.clock.nowMs() - HOUR_MS;
    return this.#taken.filter((atMs) => atMs > sinceMs).length;
  }

  /** False when the hour is used up. */
  take(): boolean {
    const nowMs = this.clock.nowMs();
    const fresh = this.#taken.findIndex((atMs) => atMs > nowMs - HOUR_MS);
    if (fresh !== 0) this.#taken = fresh < 0 ? [] : this.#taken.slice(fresh);
    if (this.#taken.length >= this.settings.requestsPerHour) {
      this.requestsPastLimit += 1;
      return false;
    }
    this.#taken.push(nowMs);
    return true;
  }

  /** As if so many calls had been made just now. */
  spend(requests: number): void {
    const nowMs = this.clock.nowMs();
    for (let made = 0; made < requests; made += 1) this.#taken.push(nowMs);
  }
}
