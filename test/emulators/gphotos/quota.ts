import type { Clock } from "../shared/clock.js";
import { quotaError } from "./failures.js";
import type { Settings } from "./settings.js";

const MINUTE_MS = 60_000;
const PACIFIC_DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Los_Angeles", dateStyle: "short" });

/** What the project, and each account, has spent of its allowances. Days end at midnight Pacific time. */
export class Quota {
  #day = "";
  #requests = 0;
  #mediaRequests = 0;
  #uploadTimes: number[] = [];
  readonly #writeTimes = new Map<string, number[]>();
  #hasSaidSpent = false;
  /** Requests that came although the day's allowance had been said to be spent: a careful client has stopped. */
  requestsPastDay = 0;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly projectNumber: string,
  ) {}

  get requestsToday(): number {
    this.#turnDay();
    return this.#requests;
  }

  get mediaRequestsToday(): number {
    this.#turnDay();
    return this.#mediaRequests;
  }

  /** As if so much had been spent before. */
  spend({ requests = 0, mediaRequests = 0 }: { readonly requests?: number; readonly mediaRequests?: number }): void {
    this.#turnDay();
    this.#requests += requests;
    this.#mediaRequests += mediaRequests;
  }

  /** Counts one request to the API; throws the 429 of the day. */
  takeRequest(): void {
    this.#turnDay();
    if (this.#requests >= this.settings.requestsPerDay) throw quotaError("per-day", this.projectNumber);
    this.#requests += 1;
  }

  /** A request to the API came in, whatever becomes of it. */
  noteRequest(): void {
    this.#turnDay();
    if (this.#hasSaidSpent) this.requestsPastDay += 1;
  }

  /** The client was told that the day's allowance is spent. */
  noteSpent(): void {
    this.#turnDay();
    this.#hasSaidSpent = true;
  }

  /** Counts one request for media bytes; false when the day's allowance is spent. */
  takeMediaRequest(): boolean {
    this.#turnDay();
    if (this.#mediaRequests >= this.settings.mediaRequestsPerDay) return false;
    this.#mediaRequests += 1;
    return true;
  }

  takeUpload(): void {
    this.#uploadTimes = this.#lastMinute(this.#uploadTimes);
    if (this.#uploadTimes.length >= this.settings.uploadsPerMinute)
      throw quotaError("uploads-flat", this.projectNumber);
    this.#uploadTimes.push(this.clock.nowMs());
  }

  takeWrite(accountId: string): void {
    const times = this.#lastMinute(this.#writeTimes.get(accountId) ?? []);
    this.#writeTimes.set(accountId, times);
    if (times.length >= this.settings.writesPerMinute) throw quotaError("writes-per-minute", this.projectNumber);
    times.push(this.clock.nowMs());
  }

  #lastMinute(times: readonly number[]): number[] {
    const sinceMs = this.clock.nowMs() - MINUTE_MS;
    // Times are in order: what is too old stands at the beginning.
    const first = times.findIndex((ms) => ms > sinceMs);
    return first === -1 ? [] : times.slice(first);
  }

  #turnDay(): void {
    const day = PACIFIC_DAY.format(this.clock.nowMs());
    if (day === this.#day) return;
    this.#day = day;
    this.#requests = 0;
    this.#mediaRequests = 0;
    this.#hasSaidSpent = false;
  }
}
