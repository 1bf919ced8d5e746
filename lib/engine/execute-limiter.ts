import pLimit from "p-limit";

/** Bounds what runs at once. Throttling halves the bound, a series of successes lets it grow back. */
export interface Limiter {
  /**
   * Resolves when the work has ended. Work that needs the service no more, because all that is left to do is up to this machine's
   * disk, calls `leave`: then something else may start while it goes on.
   */
  run<T>(work: (leave: () => void) => Promise<T>): Promise<T>;
  /** Resolves when another unit would start without waiting long. */
  ready(): Promise<void>;
  /** Resolves when everything started has ended. */
  idle(): Promise<void>;
  /** Called when the service asked for fewer requests. */
  throttled(): void;
  readonly concurrency: number;
}

const SUCCESSES_TO_GROW = 20;

/** So many that have left may still be going on: enough to share what a disk charges for making them durable. */
const MOST_LEFT = 48;

export function createLimiter(most: number): Limiter {
  const limit = pLimit(most);
  const running = new Set<Promise<unknown>>();
  let waiting: (() => void)[] = [];
  let successes = 0;
  const grow = (): void => {
    successes += 1;
    if (successes < SUCCESSES_TO_GROW || limit.concurrency >= most) return;
    successes = 0;
    limit.concurrency += 1;
  };
  const wake = (): void => {
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };
  const isFull = (): boolean =>
    limit.activeCount + limit.pendingCount >= limit.concurrency || running.size >= limit.concurrency + MOST_LEFT;
  return {
    run: async (work) => {
      const done = inTurn(limit, work, wake);
      running.add(done);
      try {
        const value = await done;
        grow();
        return value;
      } finally {
        running.delete(done);
        wake();
      }
    },
    ready: async () => {
      while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve));
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

/** Starts the work when its turn comes; the turn ends when the work has left or ended. */
function inTurn<T>(
  limit: ReturnType<typeof pLimit>,
  work: (leave: () => void) => Promise<T>,
  turnEnded: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const turn = limit(
      () =>
        new Promise<void>((leave) => {
          void work(leave).then(resolve, reject).finally(leave);
        }),
    );
    void turn.then(turnEnded);
  });
}
