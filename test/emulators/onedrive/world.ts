import { type CommonWorld, createCommonWorld, type StartOptions } from "../shared/common-world.js";
import { Accounts } from "./accounts.js";
import { Deltas } from "./deltas.js";
import type { Drive } from "./drive.js";
import type { Fault } from "./faults.js";
import { newGuid } from "./ids.js";
import type { Item } from "./items.js";
import { isPersonal } from "./kinds.js";
import { Sessions } from "./sessions.js";
import type { Settings } from "./settings.js";
import { type App, Tokens } from "./tokens.js";
import { Units } from "./units.js";

/** All state of the emulated service. */
export interface World extends CommonWorld<Settings, Fault> {
  readonly app: App;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly deltas: Deltas;
  readonly units: Units;
  readonly monitors: Map<string, Monitor>;
  /** Files that the service will rewrite, see office.ts. */
  readonly toRewrite: Map<Item, Drive>;
  /** Where the three hosts can be reached, without a slash at the end. */
  readonly urls: Record<"graph" | "login" | "files", string>;
  /** Makes the secret parts of URLs. */
  readonly secret: string;
  /** Upload and download URLs that a fault has spoilt, by their secret part. */
  readonly spoiltUrls: Set<string>;
  /** Turns over whatever a setting lets change from answer to answer. */
  answers: number;
}

/** What became of a copy. */
export interface Monitor {
  pollsLeft: number;
  readonly itemId: string | undefined;
  readonly errorCode: string | undefined;
}

export async function createWorld(settings: Settings, options: StartOptions): Promise<World> {
  const common = await createCommonWorld<Settings, Fault>(settings, options);
  const { clock, chance } = common;
  const accounts = new Accounts(clock, chance);
  const isPersonalUser = (userId: string): boolean => isPersonal(accounts.byUserId(userId)?.kind ?? "business");
  return {
    ...common,
    app: { clientId: newGuid(chance), clientSecret: "Em8Q~s+cr/et.=_-%", certificates: [] },
    accounts,
    tokens: new Tokens(settings, clock, chance, "", isPersonalUser),
    sessions: new Sessions(settings, clock, chance),
    deltas: new Deltas(),
    units: new Units(settings, clock),
    monitors: new Map(),
    toRewrite: new Map(),
    urls: { graph: "", login: "", files: "" },
    secret: chance.letters(32),
    spoiltUrls: new Set(),
    answers: 0,
  };
}
