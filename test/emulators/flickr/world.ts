import { Chance } from "../shared/chance.js";
import { type CommonWorld, createCommonWorld } from "../shared/common-world.js";
import type { Spool } from "../shared/spool.js";
import { Accounts } from "./accounts.js";
import type { Fault } from "./faults.js";
import { Ids } from "./ids.js";
import { ImageLane } from "./image-lane.js";
import type { LibraryView } from "./library.js";
import { RateLimit } from "./rate-limit.js";
import type { Settings } from "./settings.js";
import { Tickets } from "./tickets.js";
import { type App, Tokens } from "./tokens.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Fault> {
  readonly settings: Settings;
  readonly ids: Ids;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  readonly rateLimit: RateLimit;
  readonly imageLane: ImageLane;
  /** The next listing requests show this. */
  frozenListings: { readonly views: ReadonlyMap<string, LibraryView>; requestsLeft: number } | undefined;
  /** Where the image host and the site can be reached. */
  imageUrl: string;
  siteUrl: string;
}

const APP: App = { key: "0123456789abcdef0123456789abcdef", secret: "fedcba9876543210" };

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const common = createCommonWorld<Fault>(spool);
  const { clock } = common;
  const ids = new Ids(new Chance(seed));
  return {
    ...common,
    settings,
    ids,
    app: APP,
    accounts: new Accounts(settings, clock, ids),
    tokens: new Tokens(settings, clock, ids),
    tickets: new Tickets(settings, clock),
    rateLimit: new RateLimit(settings, clock),
    imageLane: new ImageLane(settings, clock),
    frozenListings: undefined,
    imageUrl: "",
    siteUrl: "",
  };
}
