import * as z from "zod";
import type { FlickrApi } from "./api.js";
import { recall, remember, type Memory } from "../memory.js";
import { tokenCheck } from "./schemas.js";

/** Whose photos these are. */
export interface Account {
  /** Asked once for each sign-in, and remembered for later runs. */
  id(signal: AbortSignal): Promise<string>;
  /** Set once the service has said, in this run, that it gives no original of a photo: those of free accounts have none. */
  lacksOriginals: boolean;
}

const remembered = z.object({ fingerprint: z.string(), id: z.string() });
const NAME = "account";

export interface AccountOptions {
  readonly api: FlickrApi;
  readonly memory: Memory;
  /** Changes with the sign-in; what was remembered under another one does not count. */
  readonly fingerprint: string;
}

export function createAccount({ api, memory, fingerprint }: AccountOptions): Account {
  const earlier = recall(memory, NAME, remembered);
  let known = earlier?.fingerprint === fingerprint ? earlier.id : undefined;
  let asking: Promise<string> | undefined;

  async function ask(signal: AbortSignal): Promise<string> {
    const { user } = await checkToken(api, signal);
    known = user.nsid;
    remember(memory, NAME, { fingerprint, id: known });
    return known;
  }

  return {
    lacksOriginals: false,
    id: async (signal) => {
      signal.throwIfAborted();
      if (known !== undefined) return known;
      asking ??= ask(signal).finally(() => (asking = undefined));
      return await asking;
    },
  };
}

/** Who signed in, and what the sign-in allows. The token that is asked about is the one that every call is signed with. */
export async function checkToken(api: FlickrApi, signal: AbortSignal) {
  const about = { operation: "ask for the account", subject: undefined };
  const call = { ...about, name: "flickr.auth.oauth.checkToken", args: {} };
  return (await api.read(call, tokenCheck, signal)).oauth;
}
