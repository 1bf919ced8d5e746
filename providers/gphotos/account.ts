import * as z from "zod";
import { fetchAlbum, type AlbumBook } from "./album-book.js";
import type { PhotosApi } from "./api.js";
import { recall, remember, type Memory } from "../memory.js";

/**
 * Whose library this is. The service tells nobody, and nobody may ask for the account beside the photos: a new sign-in counts as the
 * same account and project when it sees an album that the old one used. Costs no request while the sign-in stays the same.
 */
export interface Account {
  id(signal: AbortSignal): Promise<string>;
}

export interface AccountOptions {
  readonly api: PhotosApi;
  readonly memory: Memory;
  readonly albums: AlbumBook;
  /** Changes with the sign-in. */
  readonly fingerprint: string;
}

const remembered = z.object({ fingerprint: z.string(), id: z.string() });

const NAME = "account";

/** A user may have deleted one or two of the albums. */
const LOOKS = 3;

export function createAccount({ api, memory, albums, fingerprint }: AccountOptions): Account {
  const isVisible = async (signal: AbortSignal): Promise<boolean> => {
    const ids = albums.knownIds().slice(0, LOOKS);
    for (const id of ids) if ((await fetchAlbum(api, id, signal)) !== undefined) return true;
    // Where nothing was stored yet, nothing can be mixed up.
    return ids.length === 0;
  };
  return {
    id: async (signal) => {
      const known = recall(memory, NAME, remembered);
      if (known?.fingerprint === fingerprint) return known.id;
      const id = known !== undefined && (await isVisible(signal)) ? known.id : fingerprint;
      remember(memory, NAME, { fingerprint, id });
      return id;
    },
  };
}
