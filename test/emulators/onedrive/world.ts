import { Chance } from "../dropbox/chance.js";
import { Clock } from "../dropbox/clock.js";
import { Accounts } from "./accounts.js";
import { Deltas } from "./deltas.js";
import type { Drive } from "./drive.js";
import { Faults } from "./faults.js";
import { newGuid } from "./ids.js";
import type { Item } from "./items.js";
import { isPersonal } from "./kinds.js";
import { Sessions } from "./sessions.js";
import type { Settings } from "./settings.js";
import type { Spool } from "./spool.js";
import { type App, Tokens } from "./tokens.js";
import { Units } from "./units.js";

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
  readonly deltas: Deltas;
  readonly faults: Faults;
  readonly units: Units;
  readonly monitors: Map<string, Monitor>;
  /** What clients did that the service forbids or advises against. */
  readonly misuse: string[];
  /** Files that the service will rewrite, see office.ts. */
  readonly toRewrite: Map<Item, Drive>;
  /** Where the three hosts can be reached, without a slash at the end. */
  readonly urls: Record<"graph" | "login" | "files", string>;
  /** Makes the secret parts of URLs. */
  readonly secret: string;
  /** Upload and download URLs that a fault has spoilt, by their secret part. */
  readonly spoiltUrls: Set<string>;
  /** Until when clients have been asked to wait, and how many requests came earlier. */
  pausedUntilMs: number;
  earlyRequests: number;
  /** How many access tokens the token endpoint gave out. */
  tokenAnswers: number;
  /** Turns over whatever a setting lets change from answer to answer. */
  answers: number;
}

/** What became of a copy. */
export interface Monitor {
  pollsLeft: number;
  readonly itemId: string | undefined;
  readonly errorCode: string | undefined;
}

export function createWorld(settings: Settings, spool: Spool, seed: number): World {
  const clock = new Clock();
  const chance = new Chance(seed);
  const accounts = new Accounts(clock, chance);
  const isPersonalUser = (userId: string): boolean => isPersonal(accounts.byUserId(userId)?.kind ?? "business");
  return {
    settings,
    clock,
    chance,
    spool,
    app: { clientId: newGuid(chance), clientSecret: "Em8Q~s+cr/et.=_-%", certificates: [] },
    accounts,
    tokens: new Tokens(settings, clock, chance, "", isPersonalUser),
    sessions: new Sessions(settings, clock, chance),
    deltas: new Deltas(),
    faults: new Faults(),
    units: new Units(settings, clock),
    monitors: new Map(),
    misuse: [],
    toRewrite: new Map(),
    urls: { graph: "", login: "", files: "" },
    secret: chance.letters(32),
    spoiltUrls: new Set(),
    pausedUntilMs: 0,
    earlyRequests: 0,
    tokenAnswers: 0,
    answers: 0,
  };
}
