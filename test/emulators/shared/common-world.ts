import { Chance } from "./chance.js";
import { Clock } from "./clock.js";
import { Faults, type FaultTarget } from "./faults.js";
import { Spool } from "./spool.js";

/** How each emulator may be started, besides the settings of its service. */
export interface StartOptions {
  /** Where large contents are kept while it runs. Default: the system's directory for temporary files. */
  readonly directory?: string | undefined;
  /** The seed of everything random: ids, secrets, orders, page sizes. Default 1. */
  readonly seed?: number | undefined;
}

/** The part of a service's state that each of them has. */
export interface CommonWorld<Settings, Fault extends FaultTarget> {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly chance: Chance;
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

export async function createCommonWorld<Settings extends { readonly inlineBytes: number }, Fault extends FaultTarget>(
  settings: Settings,
  { directory, seed = 1 }: StartOptions,
): Promise<CommonWorld<Settings, Fault>> {
  return {
    settings,
    clock: new Clock(),
    chance: new Chance(seed),
    spool: await Spool.create(settings, directory),
    faults: new Faults(),
    misuse: [],
    pausedUntilMs: 0,
    earlyRequests: 0,
    tokenAnswers: 0,
  };
}
