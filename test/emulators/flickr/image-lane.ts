import type { Clock } from "../shared/clock.js";
import type { Settings } from "./settings.js";

/** The image host's own limit, apart from that of the API and far lower: by address and user agent. */
export class ImageLane {
  /** The most downloads that were under way at once. */
  peak = 0;
  rejections = 0;
  #underWay = 0;
  readonly #taken = new Map<string, readonly number[]>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** False when the answer is 429. */
  take(client: string): boolean {
    const nowMs = this.clock.nowMs();
    const { imageDownloads, imageParallel, imageWindowMs } = this.settings;
    const recent = (this.#taken.get(client) ?? []).filter((atMs) => atMs > nowMs - imageWindowMs);
    if (recent.length >= imageDownloads || this.#underWay >= imageParallel) {
      this.rejections += 1;
      return false;
    }
    this.#taken.set(client, [...recent, nowMs]);
    return true;
  }

  begin(): void {
    this.#underWay += 1;
    this.peak = Math.max(this.peak, this.#underWay);
  }

  end(): void {
    this.#underWay -= 1;
  }

  reset(): void {
    this.peak = this.#underWay;
    this.rejections = 0;
  }
}
