import type { Sleep } from "../../../lib/http/sleep.js";

export interface Time {
  readonly sleep: Sleep;
  readonly now: () => number;
}

interface Service {
  advanceClock(ms: number): void;
}

/** All clients of one service share its time. */
const aheadMs = new WeakMap<Service, number>();

/** Waiting costs next to no time: both clocks, the client's and the service's, are set forward instead. */
export function virtualTimeOf(service: Service): Time {
  return {
    sleep: async (ms, aborted) => {
      aborted.throwIfAborted();
      aheadMs.set(service, waitedMs(service) + ms);
      service.advanceClock(ms);
      // What is on its way at the same time goes on for a moment.
      await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)));
      aborted.throwIfAborted();
    },
    now: () => Date.now() + waitedMs(service),
  };
}

/** How long the clients of the service have waited, in its time. */
export function waitedMs(service: Service): number {
  return aheadMs.get(service) ?? 0;
}
