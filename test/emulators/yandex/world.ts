import { Chance } from "../dropbox/chance.js";
import { Clock } from "../dropbox/clock.js";
import { Accounts } from "./accounts.js";
import { Faults } from "./faults.js";
import { Links } from "./links.js";
import { Operations } from "./operations.js";
import { RateLimit } from "./rate-limit.js";
import type { Host } from "./request-log.js";
import { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";
import type { Spool } from "./spool.js";
import { type App, Tokens } from "./tokens.js";
import { WriteWatch } from "./write-watch.js";

/** All state of the emulated service. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly spool: Spool;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly links: Links;
  readonly schedule: Schedule;
  readonly operations: Operations;
  readonly faults: Faults;
  readonly rateLimit: RateLimit;
  readonly writeWatch: WriteWatch;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Until when clients have been asked to wait, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** How many access tokens the token endpoint gave out. */
  tokenAnswers: number;
  /** Where the hosts can be reached on loopback. */
  readonly urls: Record<Host, string>;
}

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const clock = new Clock();
  const chance = new Chance(seed);
  const schedule = new Schedule(clock);
  return {
    settings,
    clock,
    chance,
    spool,
    app: { id: "0123456789abcdef0123456789abcdef", secret: "fedcba9876543210fedcba9876543210" },
    accounts: new Accounts(settings, clock, chance, schedule),
    tokens: new Tokens(settings, clock, chance),
    links: new Links(settings, clock, chance),
    schedule,
    operations: new Operations(settings, schedule, chance),
    faults: new Faults(),
    rateLimit: new RateLimit(settings),
    writeWatch: new WriteWatch(settings),
    misuse: [],
    pausedUntilMs: 0,
    earlyRequests: 0,
    tokenAnswers: 0,
    urls: { api: "", oauth: "", uploader: "", downloader: "" },
  };
}
