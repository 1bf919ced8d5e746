import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import type { RootIdentity } from "../provider.js";
import type { Account } from "./account.js";
import type { DropboxApi } from "./api.js";
import { lookUp } from "./lookup.js";
import { recall, remember, type Memory } from "../memory.js";

/** The folder on the service that the job is about. */
export interface Root {
  /** "" for the whole account, else "/Documents". */
  readonly path: string;
  identify(signal: AbortSignal, isAfresh?: boolean): Promise<RootIdentity>;
  /** The service's own key for the path; undefined while the folder does not exist. */
  lower(signal: AbortSignal): Promise<string | undefined>;
  /** What a listing has shown of the root: its id and key, or that it is gone. */
  saw(found: FoundRoot | undefined): void;
  /** True when a listing showed another folder at the path than the one remembered. */
  isAnother(id: string): boolean;
}

const foundRoot = z.object({ id: z.string(), lower: z.string() });
export type FoundRoot = z.infer<typeof foundRoot>;

const remembered = foundRoot.extend({ owner: z.string(), path: z.string() });
const NAME = "root";

export interface RootOptions {
  readonly path: string;
  readonly account: Account;
  readonly api: DropboxApi;
  readonly memory: Memory;
  /** Tells apart apps that may each see only their own folder as "/"; undefined when it is not known. */
  readonly appKey: string | undefined;
}

/**
 * The id of the root is looked up once and remembered, so that a run without changes costs no request for it. Listings
 * keep it true: they show the root itself, also when it was deleted and made anew, which changes its id.
 */
export function createRoot({ path, account, api, memory, appKey }: RootOptions): Root {
  let known: FoundRoot | undefined;
  let owner: string | undefined;

  async function find(signal: AbortSignal, isAfresh = false): Promise<FoundRoot | undefined> {
    // A path means another folder in another namespace.
    owner = `${await account.id(signal)} ${await account.namespace(signal)}`;
    if (known !== undefined && !isAfresh) return known;
    const earlier = isAfresh ? undefined : recall(memory, NAME, remembered);
    if (earlier?.owner === owner && earlier.path === path) known = { id: earlier.id, lower: earlier.lower };
    else keep(await findOut(signal));
    return known;
  }

  function keep(found: FoundRoot | undefined): void {
    if (path === "" || (found !== undefined && found.id === known?.id)) return;
    known = found;
    if (found === undefined || owner === undefined) memory.set(NAME, undefined);
    else remember(memory, NAME, { ...found, owner, path });
  }

  async function findOut(signal: AbortSignal): Promise<FoundRoot | undefined> {
    const found = await lookUp(api, path, signal);
    if (found?.[".tag"] === "file")
      throw new ProviderError(
        "rejected",
        `dropbox:${path} is a file, not a folder; choose another folder, or move it away`,
      );
    if (found?.[".tag"] !== "folder" || found.path_lower === undefined) return undefined;
    return { id: found.id, lower: found.path_lower };
  }

  async function identifyAccountRoot(id: string, signal: AbortSignal): Promise<RootIdentity> {
    const namespace = await account.namespace(signal);
    return { account: id, root: appKey === undefined ? `ns:${namespace}` : `ns:${namespace} app:${appKey}` };
  }

  return {
    path,
    identify: async (signal, isAfresh) => {
      const id = await account.id(signal);
      if (path === "") return await identifyAccountRoot(id, signal);
      return { account: id, root: (await find(signal, isAfresh))?.id };
    },
    lower: async (signal) => (path === "" ? "" : (await find(signal))?.lower),
    saw: keep,
    isAnother: (id) => known !== undefined && known.id !== id,
  };
}
