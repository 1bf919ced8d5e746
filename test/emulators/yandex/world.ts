import { type CommonWorld, createCommonWorld, type StartOptions } from "../shared/common-world.js";
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
export interface World extends CommonWorld<Settings, Fault> {
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

export async function createWorld(settings: Settings, options: StartOptions): Promise<World> {
  const common = await createCommonWorld<Settings, Fault>(settings, options);
  const { clock, chance } = common;
  const schedule = new Schedule(clock);
  return {
    ...common,
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
