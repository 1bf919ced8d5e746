import { Chance } from "../dropbox/chance.js";
import { Clock } from "../dropbox/clock.js";
import { Accounts } from "./accounts.js";
import { Faults } from "./faults.js";
import { Ids } from "./ids.js";
import { ImageLane } from "./image-lane.js";
import type { LibraryView } from "./library.js";
import { RateLimit } from "./rate-limit.js";
import type { Settings } from "./settings.js";
import type { Spool } from "./spool.js";
import { Tickets } from "./tickets.js";
import { type App, Tokens } from "./tokens.js";

/** All state of the emulated service. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly spool: Spool;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  readonly rateLimit: RateLimit;
  readonly imageLane: ImageLane;
  readonly faults: Faults;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Until when clients have been asked to wait, in real time, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** The next listing requests show this. */
  frozenListings: { readonly views: ReadonlyMap<string, LibraryView>; requestsLeft: number } | undefined;
  /** Where the image host and the site can be reached. */
  imageUrl: string;
  siteUrl: string;
}

const APP: App = { key: "0123456789abcdef0123456789abcdef", secret: "fedcba9876543210" };

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const clock = new Clock();
  const ids = new Ids(new Chance(seed));
  return {
    settings,
    clock,
    ids,
    spool,
    app: APP,
    accounts: new Accounts(settings, clock, ids),
    tokens: new Tokens(settings, clock, ids),
    tickets: new Tickets(settings, clock),
    rateLimit: new RateLimit(settings, clock),
    imageLane: new ImageLane(settings, clock),
    faults: new Faults(),
    misuse: [],
    pausedUntilMs: 0,
    earlyRequests: 0,
    frozenListings: undefined,
    imageUrl: "",
    siteUrl: "",
  };
}
