import type { Clock } from "../shared/clock.js";
import type { Ids } from "./ids.js";
import { Library } from "./library.js";
import type { Photo } from "./photo.js";
import type { Settings } from "./settings.js";

export interface Account {
  readonly nsid: string;
  readonly username: string;
  readonly fullname: string;
  readonly pathAlias: string | null;
  readonly joinedMs: number;
  readonly library: Library;
}

export class Accounts {
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  add({ username = "jane", fullname = "Jane Doe" }: { username?: string; fullname?: string } = {}): Account {
    const library = new Library(this.settings, this.clock);
    const account = {
      nsid: this.ids.nsid(),
      username,
      fullname,
      pathAlias: null,
      joinedMs: 1_200_000_000_000,
      library,
    };
    this.#accounts.set(account.nsid, account);
    return account;
  }

  get(nsid: string): Account | undefined {
    return this.#accounts.get(nsid);
  }

  all(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  find(matches: (account: Account) => boolean): Account | undefined {
    return this.all().find(matches);
  }

  /** A photo of anyone. */
  photo(id: string): Photo | undefined {
    return this.find(({ library }) => library.photo(id) !== undefined)?.library.photo(id);
  }
}
