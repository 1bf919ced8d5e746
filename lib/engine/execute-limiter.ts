import pLimit from "p-limit";

/** Bounds what runs at once. Throttling halves the bound, a series of successes lets it grow back. */
export interface Limiter {
  /** Resolves when the work may start; never holds more waiting work than is running. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when another unit would start without waiting long. */
  ready(): Promise<void>;
  /** Resolves when everything started has ended. */
  idle(): Promise<void>;
  /** Called when the service asked for fewer requests. */
  throttled(): void;
  readonly concurrency: number;
}

const SUCCESSES_TO_GROW = 20;

export function createLimiter(most: number): Limiter {
  const limit = pLimit(most);
  const running = new Set<Promise<unknown>>();
  let successes = 0;
  const grow = (): void => {
    successes += 1;
    if (successes < SUCCESSES_TO_GROW || limit.concurrency >= most) return;
    successes = 0;
    limit.concurrency += 1;
  };
  return {
    run: async (work) => {
      const done = limit(work);
      running.add(done);
      try {
        const value = await done;
        grow();
        return value;
      } finally {
        running.delete(done);
      }
    },
    ready: async () => {
      while (limit.activeCount + limit.pendingCount >= limit.concurrency) await settled(running);
    },
    idle: async () => {
      await Promise.allSettled(running);
    },
    throttled: () => {
      successes = 0;
      limit.concurrency = Math.max(1, Math.floor(limit.concurrency / 2));
    },
    get concurrency() {
      return limit.concurrency;
    },
  };
}

/** Resolves when any of them has ended, well or badly. */
async function settled(running: ReadonlySet<Promise<unknown>>): Promise<void> {
  await Promise.race([...running].map((work) => work.then(noop, noop)));
}

function noop(): void {
  // The work's own caller sees how it ended.
}
