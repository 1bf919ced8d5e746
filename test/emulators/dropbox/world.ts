import { Accounts } from "./accounts.js";
import { Chance } from "./chance.js";
import { Clock } from "./clock.js";
import { Faults } from "./faults.js";
import { Jobs } from "./jobs.js";
import { Listings } from "./listings.js";
import { Sessions } from "./sessions.js";
import type { Settings } from "./settings.js";
import type { Spool } from "./spool.js";
import { type App, Tokens } from "./tokens.js";
import { ListingWatch, WriteLock } from "./write-lock.js";

/** All state of the emulated service. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly spool: Spool;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly jobs: Jobs;
  readonly listings: Listings;
  readonly faults: Faults;
  readonly lock: WriteLock;
  readonly listingWatch: ListingWatch;
  /** Temporary links by their secret part. */
  readonly links: Map<string, TemporaryLink>;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Until when clients have been asked to wait, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** How many access tokens the token endpoint gave out. */
  tokenAnswers: number;
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

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const clock = new Clock();
  const chance = new Chance(seed);
  const accounts = new Accounts(clock, chance);
  return {
    settings,
    clock,
    chance,
    spool,
    app: { key: "emulatedappkey1", secret: "emulatedsecret1" },
    accounts,
    tokens: new Tokens(settings, clock, chance, ""),
    sessions: new Sessions(settings, clock, chance),
    jobs: new Jobs(settings, chance),
    listings: new Listings(settings, chance),
    faults: new Faults(),
    lock: new WriteLock(settings),
    listingWatch: new ListingWatch(),
    pausedUntilMs: 0,
    earlyRequests: 0,
    links: new Map(),
    misuse: [],
    tokenAnswers: 0,
    staleMetadata: undefined,
    contentUrl: "",
  };
}
