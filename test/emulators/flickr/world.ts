import { type CommonWorld, createCommonWorld, type StartOptions } from "../shared/common-world.js";
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
export interface World extends CommonWorld<Settings, Fault> {
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

export async function createWorld(settings: Settings, options: StartOptions): Promise<World> {
  const common = await createCommonWorld<Settings, Fault>(settings, options);
  const { clock } = common;
  const ids = new Ids(common.chance);
  return {
    ...common,
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
