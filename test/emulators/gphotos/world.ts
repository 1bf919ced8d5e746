import { type CommonWorld, createCommonWorld, type StartOptions } from "../shared/common-world.js";
import { Accounts } from "./accounts.js";
import type { Fault } from "./faults.js";
import { Pages } from "./pages.js";
import { Quota } from "./quota.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { Uploads } from "./uploads.js";
import { WriteLock } from "./write-lock.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Settings, Fault> {
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

export async function createWorld(settings: Settings, options: StartOptions): Promise<World> {
  const common = await createCommonWorld<Settings, Fault>(settings, options);
  const { clock, chance } = common;
  return {
    ...common,
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
