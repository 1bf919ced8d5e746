import { type CommonWorld, createCommonWorld, type StartOptions } from "../shared/common-world.js";
import { Accounts } from "./accounts.js";
import type { Fault } from "./faults.js";
import { Jobs } from "./jobs.js";
import { Listings } from "./listings.js";
import { Sessions } from "./sessions.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { ListingWatch, WriteLock } from "./write-lock.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Settings, Fault> {
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly jobs: Jobs;
  readonly listings: Listings;
  readonly lock: WriteLock;
  readonly listingWatch: ListingWatch;
  /** Temporary links by their secret part. */
  readonly links: Map<string, TemporaryLink>;
  /** get_metadata shows the state of `sequence` for so many requests more. */
  staleMetadata: { readonly sequence: number; requestsLeft: number } | undefined;
  /** Where the content origin can be reached, for temporary links. */
  contentUrl: string;
}

export interface TemporaryLink {
  readonly accountId: string;
  readonly rev: string;
  readonly expiresMs: number;
}

export async function createWorld(settings: Settings, options: StartOptions): Promise<World> {
  const common = await createCommonWorld<Settings, Fault>(settings, options);
  const { clock, chance } = common;
  const accounts = new Accounts(clock, chance);
  return {
    ...common,
    app: { key: "emulatedappkey1", secret: "emulatedsecret1" },
    accounts,
    tokens: new Tokens(settings, clock, chance, ""),
    sessions: new Sessions(settings, clock, chance),
    jobs: new Jobs(settings, chance),
    listings: new Listings(settings, chance),
    lock: new WriteLock(settings),
    listingWatch: new ListingWatch(),
    links: new Map(),
    staleMetadata: undefined,
    contentUrl: "",
  };
}
