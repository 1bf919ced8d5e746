import type { Clock } from "../shared/clock.js";
import type { Settings } from "./settings.js";

const WINDOW_MS = 60_000;

/** Resource units of the last minute: what the service counts when it throttles. */
export class Units {
  #windowStartMs = 0;
  #spent = 0;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Charges a request. Refused ones count as well. Gives the seconds to wait, or undefined when there is room. */
  charge(units: number): number | undefined {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#spent = 0;
    }
    this.#spent += units;
    const limit = this.settings.unitsPerMinute;
    if (limit === undefined || this.#spent <= limit) return undefined;
    return Math.max(1, this.#secondsLeft());
  }

  /** `RateLimit-*`, once four fifths are spent. */
  headers(): Readonly<Record<string, string>> {
    const limit = this.settings.unitsPerMinute;
    if (limit === undefined || this.#spent < limit * 0.8) return {};
    return {
      "RateLimit-Limit": String(limit),
      "RateLimit-Remaining": String(Math.max(0, limit - this.#spent)),
      "RateLimit-Reset": String(this.#secondsLeft()),
    };
  }

  #secondsLeft(): number {
    return Math.ceil((this.#windowStartMs + WINDOW_MS - this.clock.nowMs()) / 1000);
  }
}

/** What a request of this route costs. */
export function unitsOf(route: string, hasToken: boolean): number {
  if (route === "delta") return hasToken ? 1 : 2;
  return ["item", "content", "drive", "download", "upload-status", "me", "user", "site"].includes(route) ? 1 : 2;
}
