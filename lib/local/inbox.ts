/** Hands what a producer pushes to a consumer that takes it in batches, and tells the producer when to wait. */
export interface Inbox<T> {
  put(item: T): void;
  /** Nothing more comes. What waits can still be taken. */
  end(): void;
  fail(error: Error): void;
  isEnded(): boolean;
  /** Resolves when few enough items wait, or when nobody takes them any more. */
  room(): Promise<void>;
  batches(): AsyncGenerator<readonly T[]>;
}

export function createInbox<T>(mostWaiting: number): Inbox<T> {
  let items: T[] = [];
  let failure: Error | undefined;
  let isEnded = false;
  let wakeConsumer: (() => void) | undefined;
  let producers: (() => void)[] = [];

  function wake(): void {
    wakeConsumer?.();
    wakeConsumer = undefined;
  }

  function end(): void {
    isEnded = true;
    wake();
    letProducersOn();
  }

  function letProducersOn(): void {
    const waiting = producers;
    producers = [];
    for (const go of waiting) go();
  }

  async function* batches(): AsyncGenerator<readonly T[]> {
    for (;;) {
      if (failure !== undefined) throw failure;
      const batch = items;
      items = [];
      if (batch.length > 0) yield batch;
      else if (isEnded) return;
      else await nextWake();
      if (items.length < mostWaiting) letProducersOn();
    }
  }

  async function nextWake(): Promise<void> {
    letProducersOn();
    await new Promise<void>((resolve) => {
      wakeConsumer = resolve;
    });
  }

  return {
    put: (item) => {
      items.push(item);
      wake();
    },
    end,
    fail: (error) => {
      failure ??= error;
      end();
    },
    isEnded: () => isEnded,
    room: async () => {
      if (isEnded || items.length < mostWaiting) return;
      await new Promise<void>((resolve) => {
        producers.push(resolve);
      });
    },
    batches,
  };
}
