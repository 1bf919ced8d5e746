import type { Chance } from "../shared/chance.js";
import { Library } from "./library.js";

/** One Google account with its photos. */
export interface Account {
  readonly accountId: string;
  readonly email: string;
  readonly library: Library;
  /** A consent was given before: the next one brings a refresh token only when it is asked for anew. */
  hasConsented: boolean;
}

/** The accounts of the emulated service; the first one is what a test normally works with. */
export class Accounts {
  readonly #accounts: Account[] = [];

  constructor(private readonly chance: Chance) {}

  add(): Account {
    const number = this.#accounts.length + 1;
    const account = {
      accountId: String(100_000_000_000_000_000_000n + BigInt(number)),
      email: `person${String(number)}@example.com`,
      library: new Library(this.chance),
      hasConsented: false,
    };
    this.#accounts.push(account);
    return account;
  }

  get(accountId: string): Account | undefined {
    return this.#accounts.find((account) => account.accountId === accountId);
  }
}
