import { attempt } from "../attempts.js";
import { isBusy } from "./errors.js";
import type { RemotePath } from "./paths.js";

/**
 * Lets writes of one folder run side by side until the service says that one is in the way of another; from then on they go
 * one after the other there. Some accounts never see that, and to wait for it always would make them slow.
 */
export interface WriteTurns {
  /** `patiently`: the work, repeated while another operation holds the path. */
  take<T>(folders: readonly RemotePath[], work: () => Promise<T>, patiently: () => Promise<T>): Promise<T>;
}

export function createWriteTurns(): WriteTurns {
  const tails = new Map<RemotePath, Promise<unknown>>();

  async function inTurn<T>([folder, ...others]: readonly RemotePath[], work: () => Promise<T>): Promise<T> {
    if (folder === undefined) return await work();
    const before = tails.get(folder) ?? Promise.resolve();
    const mine = before.then(() => inTurn(others, work));
    tails.set(
      folder,
      mine.catch(() => undefined),
    );
    return await mine;
  }

  return {
    take: async (folders, work, patiently) => {
      const crowded = folders.filter((folder) => tails.has(folder));
      if (crowded.length === 0) {
        const outcome = await attempt(work);
        if (outcome.ok) return outcome.value;
        if (!isBusy(outcome.error)) throw outcome.error;
      }
      // Always in the same order, so that no two wait for each other.
      return await inTurn([...new Set(folders)].sort(), patiently);
    },
  };
}
