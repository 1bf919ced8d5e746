import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { Disk } from "./disk.js";
import type { Schedule } from "./schedule.js";
import type { Settings } from "./settings.js";

export interface Account {
  readonly uid: string;
  readonly login: string;
  readonly disk: Disk;
  /** What uploads have brought so far. */
  uploadedBytes: number;
}

export interface NewAccount {
  readonly login?: string | undefined;
}

export class Accounts {
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly schedule: Schedule,
  ) {}

  add({ login }: NewAccount = {}): Account {
    const number = 1_000_001 + this.#accounts.size;
    const uid = String(number);
    const disk = new Disk(uid, {
      settings: this.settings,
      clock: this.clock,
      chance: this.chance,
      schedule: this.schedule,
    });
    const account = { uid, login: login ?? `user.${uid}`, disk, uploadedBytes: 0 };
    this.#accounts.set(uid, account);
    return account;
  }

  get(uid: string): Account | undefined {
    return this.#accounts.get(uid);
  }
}
