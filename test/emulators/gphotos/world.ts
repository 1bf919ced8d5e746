import { Chance } from "../dropbox/chance.js";
import { Clock } from "../dropbox/clock.js";
import { Accounts } from "./accounts.js";
import type { BodyStore } from "./body-store.js";
import { Faults } from "./faults.js";
import { Pages } from "./pages.js";
import { Quota } from "./quota.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { Uploads } from "./uploads.js";
import { WriteLock } from "./write-lock.js";

/** All state of the emulated service. */
export interface World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly bodies: BodyStore;
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly uploads: Uploads;
  readonly pages: Pages;
  readonly quota: Quota;
  readonly lock: WriteLock;
  readonly faults: Faults;
  /** Where bytes can be fetched for a while, by the secret part of the address. */
  readonly mediaLinks: Map<string, MediaLink>;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Until when clients have been asked to wait, in real time, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** How many access tokens the token endpoint gave out. */
  tokenAnswers: number;
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

export function createWorld(settings: Settings, bodies: BodyStore, seed: number): World {
  const clock = new Clock();
  const chance = new Chance(seed);
  return {
    settings,
    clock,
    chance,
    bodies,
    app: APP,
    accounts: new Accounts(chance),
    tokens: new Tokens(settings, clock, chance),
    uploads: new Uploads(settings, clock, chance),
    pages: new Pages(settings, clock, chance),
    quota: new Quota(settings, clock, APP.projectNumber),
    lock: new WriteLock(settings, clock, APP.projectNumber),
    faults: new Faults(),
    mediaLinks: new Map(),
    misuse: [],
    pausedUntilMs: 0,
    earlyRequests: 0,
    tokenAnswers: 0,
    frozenListings: undefined,
    imageUrl: "",
  };
}
