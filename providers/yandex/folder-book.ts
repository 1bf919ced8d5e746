import { attempt } from "../attempts.js";
import { isParentMissing, isServiceError, isTaken } from "./errors.js";
import { carryOut, type Writing } from "./operations.js";
import { folderOf, isBase, type RemotePath } from "./paths.js";

/** Which folders exist. The service never makes the parents of what is stored; each is made once, by whoever needs it first. */
export interface FolderBook {
  /** Makes a folder, and those above it where they are missing. Resolves to whether it is new; "changed" when a file is there. */
  make(folder: RemotePath, signal: AbortSignal): Promise<"made" | "there">;
  /**
   * Does something that needs the folder, and makes the folder when the service says that it is missing. Until that is
   * settled, one of many goes first and the others wait, so that not all of them are refused.
   */
  within<T>(folder: RemotePath, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createFolderBook(writing: Writing): FolderBook {
  const known = new Set<RemotePath>();
  const making = new Map<RemotePath, Promise<"made" | "there">>();
  const leading = new Map<RemotePath, Promise<unknown>>();

  async function make(folder: RemotePath, signal: AbortSignal): Promise<"made" | "there"> {
    if (isBase(folder)) return "there";
    const underWay = making.get(folder);
    if (underWay !== undefined) return await underWay;
    const work = makeNow(folder, signal).finally(() => making.delete(folder));
    making.set(folder, work);
    return await work;
  }

  async function makeNow(folder: RemotePath, signal: AbortSignal): Promise<"made" | "there"> {
    const outcome = await attempt(() => request(writing, folder, signal));
    if (outcome.ok) {
      known.add(folder);
      return outcome.value;
    }
    // A base is always there, so there it is a file that is in the way.
    if (!isParentMissing(outcome.error) || isBase(folderOf(folder))) throw outcome.error;
    known.delete(folderOf(folder));
    await make(folderOf(folder), signal);
    const made = await request(writing, folder, signal);
    known.add(folder);
    return made;
  }

  async function attemptWithin<T>(folder: RemotePath, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const outcome = await attempt(work);
    // What is in the way of a file shows the folder as well as the file itself does.
    if (outcome.ok || isTaken(outcome.error)) known.add(folder);
    if (outcome.ok) return outcome.value;
    if (!isParentMissing(outcome.error)) throw outcome.error;
    known.delete(folder);
    await make(folder, signal);
    return await work();
  }

  return {
    make,
    within: async (folder, work, signal) => {
      while (!known.has(folder)) {
        const leader = leading.get(folder);
        if (leader === undefined) {
          const lead = attemptWithin(folder, work, signal).finally(() => leading.delete(folder));
          leading.set(folder, lead);
          return await lead;
        }
        await leader.catch(() => undefined);
      }
      return await attemptWithin(folder, work, signal);
    },
  };
}

async function request(writing: Writing, folder: RemotePath, signal: AbortSignal): Promise<"made" | "there"> {
  const about = { operation: "create folder", subject: folder } as const;
  const call = { ...about, method: "PUT", route: "/resources", query: { path: folder }, repeatable: true } as const;
  try {
    await carryOut(writing, call, signal);
    return "made";
  } catch (error) {
    if (isServiceError(error, "DiskPathPointsToExistentDirectoryError")) return "there";
    throw error;
  }
}
