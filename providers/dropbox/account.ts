import * as z from "zod";
import type { DropboxApi, PathRoot } from "./api.js";
import { recall, remember, type Memory } from "../memory.js";
import { currentAccount, type CurrentAccount } from "./schemas.js";

/** Whose Dropbox this is. Asked once and remembered for later runs with the same sign-in. */
export interface Account extends PathRoot {
  /** "dbid:…", the same for every app and every sign-in of one person. */
  id(signal: AbortSignal): Promise<string>;
  /** Names what "/" is. */
  namespace(signal: AbortSignal): Promise<string>;
}

export interface AccountOptions {
  readonly memory: Memory;
  /** Changes with the sign-in; what was remembered under another one does not count. */
  readonly fingerprint: string;
  readonly ask: (signal: AbortSignal) => Promise<CurrentAccount>;
}

const remembered = z.object({
  fingerprint: z.string(),
  id: z.string(),
  home: z.string(),
  /** The namespace of the team space; undefined for accounts without one. */
  team: z.string().optional(),
  /** The app sees only its own folder, and may not name a path root. */
  isConfined: z.boolean(),
});
type Remembered = z.infer<typeof remembered>;

const NAME = "account";

export function createAccount({ memory, fingerprint, ask }: AccountOptions): Account {
  const earlier = recall(memory, NAME, remembered);
  let known = earlier?.fingerprint === fingerprint ? earlier : undefined;
  let asking: Promise<Remembered> | undefined;

  async function get(signal: AbortSignal): Promise<Remembered> {
    if (known !== undefined) return known;
    asking ??= fetchAccount(signal).finally(() => (asking = undefined));
    return await asking;
  }

  async function fetchAccount(signal: AbortSignal): Promise<Remembered> {
    const { account_id: id, root_info: root } = await ask(signal);
    const team = root[".tag"] === "team" ? { team: root.root_namespace_id } : {};
    const isConfined = known?.isConfined ?? false;
    return keep({ fingerprint, id, home: root.home_namespace_id, ...team, isConfined });
  }

  function keep(account: Remembered): Remembered {
    known = account;
    remember(memory, NAME, account);
    return account;
  }

  return {
    id: async (signal) => (await get(signal)).id,
    namespace: async (signal) => {
      const { team, home, isConfined } = await get(signal);
      return team === undefined || isConfined ? home : team;
    },
    // Where a team has a space of its own, official programs show it, not only the member's folder in it.
    header: async (signal) => {
      const { team, isConfined } = await get(signal);
      return team === undefined || isConfined ? undefined : JSON.stringify({ ".tag": "root", root: team });
    },
    refresh: async (signal) => {
      await fetchAccount(signal);
    },
    forbid: () => {
      if (known !== undefined) keep({ ...known, isConfined: true });
    },
  };
}

export async function fetchAccount(api: DropboxApi, signal: AbortSignal): Promise<CurrentAccount> {
  const about = { operation: "ask for the account", subject: undefined, answer: currentAccount };
  return await api.rpc({ ...about, route: "users/get_current_account", arg: undefined, repeatable: true }, signal);
}
