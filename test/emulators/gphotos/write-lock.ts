import type { Clock } from "../shared/clock.js";
import { quotaError } from "./failures.js";
import type { Settings } from "./settings.js";

/** One write at a time per account; whoever comes meanwhile is sent away with 429, and with a penalty if there is one. */
export class WriteLock {
  readonly #held = new Set<string>();
  readonly #blockedUntilMs = new Map<string, number>();
  /** How often a write was sent away. */
  rejections = 0;

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly projectNumber: string,
  ) {}

  /** Takes the lock and returns the function that gives it back. Throws the 429 answer when it is taken. */
  acquire(accountId: string): () => void {
    if (!this.settings.writeLock) return () => undefined;
    const nowMs = this.clock.nowMs();
    const isTaken = this.#held.has(accountId);
    if (isTaken) this.#blockedUntilMs.set(accountId, nowMs + this.settings.writePenaltyMs);
    if (isTaken || nowMs < (this.#blockedUntilMs.get(accountId) ?? 0)) {
      this.rejections += 1;
      throw quotaError("concurrent-write", this.projectNumber);
    }
    this.#held.add(accountId);
    return () => {
      this.#held.delete(accountId);
    };
  }
}
