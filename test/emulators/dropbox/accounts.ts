import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import { toStorePath, type StorePath } from "./paths.js";
import { Tree } from "./tree.js";

/** One Dropbox account with all its files. */
export interface Account {
  /** "dbid:" and 35 characters. */
  readonly accountId: string;
  readonly uid: string;
  readonly displayName: string;
  readonly email: string;
  readonly tree: Tree;
  /** Present when the account belongs to a team with a shared root: the member's own folder lies below it. */
  readonly team: { readonly name: string; readonly homeName: string } | undefined;
  readonly rootNamespaceId: string;
  readonly homeNamespaceId: string;
  /** Other namespaces that may be named in `ns:` paths and path roots, with their place below the root. */
  readonly mounts: Map<string, StorePath>;
  /** Faults tied to paths, by lower-case path: the tag of the error that every access meets. */
  readonly denials: Map<string, Denial>;
}

export interface Denial {
  readonly on: "read" | "write";
  readonly tag: string;
}

export interface NewAccount {
  readonly displayName?: string | undefined;
  readonly teamName?: string | undefined;
}

/** The accounts of the emulated service; the first one is what a test normally works with. */
export class Accounts {
  readonly #accounts: Account[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  add({ displayName = `Person ${String(this.#accounts.length + 1)}`, teamName }: NewAccount = {}): Account {
    const number = this.#accounts.length + 1;
    const homeName = displayName.split(" ")[0] ?? displayName;
    const homeNamespaceId = String(2000 + number);
    const account: Account = {
      accountId: `dbid:${this.chance.letters(35)}`,
      uid: String(100_000 + number),
      displayName,
      email: `person${String(number)}@example.com`,
      tree: new Tree(this.clock, this.chance),
      team: teamName === undefined ? undefined : { name: teamName, homeName },
      rootNamespaceId: teamName === undefined ? homeNamespaceId : String(1000 + number),
      homeNamespaceId,
      mounts: new Map(),
      denials: new Map(),
    };
    if (account.team !== undefined) account.tree.makeFolder(homeOf(account));
    this.#accounts.push(account);
    return account;
  }

  get(accountId: string): Account | undefined {
    return this.#accounts.find((account) => account.accountId === accountId);
  }
}

/** Where the member's own files lie: the root itself, or a folder in the team's space. */
export function homeOf(account: Account): StorePath {
  return toStorePath(account.team === undefined ? [] : [account.team.homeName]);
}

/** As `root_info` describes the account. */
export function rootInfo(account: Account): Readonly<Record<string, string>> {
  const ids = { root_namespace_id: account.rootNamespaceId, home_namespace_id: account.homeNamespaceId };
  if (account.team === undefined) return { ".tag": "user", ...ids };
  return { ".tag": "team", ...ids, home_path: `/${account.team.homeName}` };
}
