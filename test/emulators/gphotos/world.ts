import { Chance } from "../shared/chance.js";
import { type CommonWorld, createCommonWorld } from "../shared/common-world.js";
import type { Spool } from "../shared/spool.js";
import { Accounts } from "./accounts.js";
import type { Fault } from "./faults.js";
import { Pages } from "./pages.js";
import { Quota } from "./quota.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { Uploads } from "./uploads.js";
import { WriteLock } from "./write-lock.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Fault> {
  readonly settings: Settings;
  readonly chance: Chance;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly uploads: Uploads;
  readonly pages: Pages;
  readonly quota: Quota;
  readonly lock: WriteLock;
  /** Where bytes can be fetched for a while, by the secret part of the address. */
  readonly mediaLinks: Map<string, MediaLink>;
  /** The next listing requests show what there was at this time. */
  frozenListings: { readonly atMs: number; requestsLeft: number } | undefined;
  /** Where the image host can be reached. */
  imageUrl: string;
}

export interface MediaLink {
  readonly accountId: string;
  readonly itemId: string;
  readonly expiresMs: number;
}

const APP: App = {
  clientId: "123456789012-emulated.apps.googleusercontent.com",
  clientSecret: "GOCSPX-EMULATED",
  projectId: "emulated-project",
  projectNumber: "123456789012",
};

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const common = createCommonWorld<Fault>(spool);
  const { clock } = common;
  const chance = new Chance(seed);
  return {
    ...common,
    settings,
    chance,
    app: APP,
    accounts: new Accounts(chance),
    tokens: new Tokens(settings, clock, chance),
    uploads: new Uploads(settings, clock, chance),
    pages: new Pages(settings, clock, chance),
    quota: new Quota(settings, clock, APP.projectNumber),
    lock: new WriteLock(settings, clock, APP.projectNumber),
    mediaLinks: new Map(),
    frozenListings: undefined,
    imageUrl: "",
  };
}
