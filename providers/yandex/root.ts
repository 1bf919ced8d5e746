import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import type { RootIdentity } from "../provider.js";
import type { Account } from "./account.js";
import type { YandexApi } from "./api.js";
import { lookUp } from "./look.js";
import { recall, remember, type Memory } from "../memory.js";
import type { RemotePath } from "./paths.js";

/** The folder on the service that the job is about. */
export interface Root {
  readonly path: RemotePath;
  identify(signal: AbortSignal, isAfresh?: boolean): Promise<RootIdentity>;
  /** What a listing has shown of the root: its id, or that it is gone. Rejects with "unavailable" when it is another folder by now. */
  saw(id: string | undefined, signal: AbortSignal): Promise<void>;
}

const remembered = z.object({ owner: z.string(), path: z.string(), id: z.string() });
const NAME = "root";

export interface RootOptions {
  readonly path: RemotePath;
  readonly account: Account;
  readonly api: YandexApi;
  readonly memory: Memory;
}

/**
 * The id of the root is looked up once and remembered, so that a run without changes costs no request for it. Listings keep
 * it true: they show the root itself, also when it was deleted and made anew, which changes its id.
 */
export function createRoot({ path, account, api, memory }: RootOptions): Root {
  let known: string | undefined;

  /** One that was missing is looked for again: it may have been made since. */
  async function find(signal: AbortSignal, isAfresh = false): Promise<string | undefined> {
    const owner = await account.id(signal);
    if (known !== undefined && !isAfresh) return known;
    const earlier = isAfresh ? undefined : recall(memory, NAME, remembered);
    const isSame = earlier?.owner === owner && earlier.path === path;
    keep(owner, isSame ? earlier.id : await findOut(signal));
    return known;
  }

  function keep(owner: string, id: string | undefined): void {
    known = id;
    if (id === undefined) memory.set(NAME, undefined);
    else remember(memory, NAME, { owner, path, id });
  }

  async function findOut(signal: AbortSignal): Promise<string | undefined> {
    // The Disk as a whole is always there, and its owner is all that it is told by.
    if (path === "disk:/") return path;
    const found = await lookUp({ api, keepsTimes: false }, path, signal);
    if (found === undefined) return undefined;
    if (found.type !== "dir") throw notAFolder(path);
    return found.resource_id ?? path;
  }

  return {
    path,
    identify: async (signal, isAfresh) => ({ account: await account.id(signal), root: await find(signal, isAfresh) }),
    saw: async (id, signal) => {
      const before = await find(signal);
      if (path === "disk:/" || before === id) return;
      keep(await account.id(signal), id);
      // The caller compares the listing with what it knew of the folder that was identified.
      if (before !== undefined && id !== undefined) throw exchanged(path);
    },
  };
}

function notAFolder(path: RemotePath): ProviderError {
  return new ProviderError("rejected", `${path} is a file, not a folder; choose another folder, or move it away`);
}

function exchanged(path: RemotePath): ProviderError {
  return new ProviderError(
    "unavailable",
    `list ${path}: the folder was deleted and made anew in the meantime; run again`,
  );
}
