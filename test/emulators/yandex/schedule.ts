import type { Clock } from "../shared/clock.js";

interface Entry {
  readonly dueMs: number;
  readonly run: () => void;
}

/** What the service does later on. Nothing runs by itself: whoever looks at the state settles first. */
export class Schedule {
  #entries: Entry[] = [];

  constructor(private readonly clock: Clock) {}

  /** Runs at the first look after so many milliseconds. The returned function takes it off the schedule. */
  after(ms: number, run: () => void): () => void {
    const entry = { dueMs: this.clock.nowMs() + ms, run };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Does what is due by now, in its order. */
  settle(): void {
    this.#runUntil(this.clock.nowMs());
  }

  /** Does everything, as if a long time had gone by. */
  settleAll(): void {
    this.#runUntil(Number.POSITIVE_INFINITY);
  }

  #runUntil(nowMs: number): void {
    for (;;) {
      const due = this.#entries.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
      if (due.length === 0) return;
      this.#entries = this.#entries.filter((entry) => !due.includes(entry));
      for (const { run } of due) run();
    }
  }
}
