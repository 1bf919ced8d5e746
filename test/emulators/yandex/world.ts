import { Chance } from "../shared/chance.js";
import { type CommonWorld, createCommonWorld } from "../shared/common-world.js";
import type { Spool } from "../shared/spool.js";
import { Accounts } from "./accounts.js";
import type { Fault } from "./faults.js";
import { Links } from "./links.js";
import { Operations } from "./operations.js";
import { RateLimit } from "./rate-limit.js";
import type { Host } from "./request-log.js";
import { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { WriteWatch } from "./write-watch.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Fault> {
  readonly settings: Settings;
  readonly chance: Chance;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly links: Links;
  readonly schedule: Schedule;
  readonly operations: Operations;
  readonly rateLimit: RateLimit;
  readonly writeWatch: WriteWatch;
  /** Where the hosts can be reached on loopback. */
  readonly urls: Record<Host, string>;
}

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const common = createCommonWorld<Fault>(spool);
  const { clock } = common;
  const chance = new Chance(seed);
  const schedule = new Schedule(clock);
  return {
    ...common,
    settings,
    chance,
    app: { id: "0123456789abcdef0123456789abcdef", secret: "fedcba9876543210fedcba9876543210" },
    accounts: new Accounts(settings, clock, chance, schedule),
    tokens: new Tokens(settings, clock, chance),
    links: new Links(settings, clock, chance),
    schedule,
    operations: new Operations(settings, schedule, chance),
    rateLimit: new RateLimit(settings),
    writeWatch: new WriteWatch(settings),
    urls: { api: "", oauth: "", uploader: "", downloader: "" },
  };
}
