import { Clock } from "./clock.js";
import { Faults, type FaultTarget } from "./faults.js";
import type { Spool } from "./spool.js";

/** The part of a service's state that each of them has. */
export interface CommonWorld<Fault extends FaultTarget> {
  readonly clock: Clock;
  readonly spool: Spool;
  readonly faults: Faults<Fault>;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Until when clients have been asked to wait, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** How many access tokens were given out to clients that asked for them. */
  tokenAnswers: number;
}

export function createCommonWorld<Fault extends FaultTarget>(spool: Spool): CommonWorld<Fault> {
  return {
    clock: new Clock(),
    spool,
    faults: new Faults(),
    misuse: [],
    pausedUntilMs: 0,
    earlyRequests: 0,
    tokenAnswers: 0,
  };
}
