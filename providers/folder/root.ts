import { dirname } from "node:path";
import { explainErrors, hasCode } from "../../lib/local/errors.js";
import { createContext } from "../../lib/local/folder-context.js";
import type { FolderContext } from "../../lib/local/folder-context.js";
import { rememberOwner } from "../../lib/local/owner.js";
import { inodeOf } from "../../lib/local/stamp.js";
import { LocalError, ProviderError, UsageError } from "../../lib/model/errors.js";
import type { ProviderContext } from "../context.js";
import type { RootIdentity } from "../provider.js";
import { createEntries } from "./entries.js";
import type { Entries } from "./entries.js";
import { announceMarker, recallRoot, rememberRoot } from "./known-roots.js";
import { newMarkerId, readMarker, writeMarker } from "./marker.js";

/**
 * The remote root. What a run first saw of it holds for the whole run: a root that vanishes, appears or gives way to
 * another one while the run is at work rejects with "unavailable" whatever is asked of it.
 */
export interface Root {
  identify(): Promise<RootIdentity>;
  /** How to read and write its entries; undefined while there is no such folder. */
  find(): Promise<Entries | undefined>;
  /** As `find`, before the first write: makes the folder if need be, and gives it its marker. */
  prepare(): Promise<Entries>;
}

/** One account for all: folders on this machine are told apart by their roots. */
const ACCOUNT = "folder";

export function createRoot(
  options: Pick<ProviderContext, "target" | "files" | "memory" | "runId" | "now" | "mayWrite">,
): Root {
  const { target, files, memory, runId, now, mayWrite } = options;
  const owner = mayWrite ? rememberOwner(memory) : undefined;
  const context = createContext({ root: target, files, runId, now, owner });
  const own: Own = { context, memory, mayWrite };
  let seen: { readonly inode: string | undefined } | undefined;
  let making: Promise<void> | undefined;
  let preparing: Promise<void> | undefined;

  async function look(): Promise<string | undefined> {
    const inode = await inodeOfFolder(context);
    seen ??= { inode };
    // It may be this run that is making the folder right now.
    if (inode !== seen.inode) await making;
    if (inode !== seen.inode) throw notTheSame(target, inode);
    return inode;
  }

  async function make(): Promise<void> {
    seen = { inode: await makeRoot(context) };
  }

  async function makeReady(): Promise<void> {
    if (!mayWrite) throw new Error("planning writes nothing");
    if ((await look()) === undefined) await (making = make());
    const inode = await look();
    if (inode !== undefined) await mark(own, inode);
  }

  async function find(): Promise<Entries | undefined> {
    const inode = await look();
    return inode === undefined ? undefined : createEntries(inode);
  }

  return {
    identify: async () => {
      const inode = await look();
      return { account: ACCOUNT, root: inode === undefined ? undefined : await recall(own, inode) };
    },
    find,
    prepare: async () => {
      preparing ??= makeReady();
      try {
        await preparing;
      } catch (error) {
        preparing = undefined;
        throw error;
      }
      const entries = await find();
      if (entries === undefined) throw notTheSame(target, undefined);
      return entries;
    },
  };
}

interface Own extends Pick<ProviderContext, "memory" | "mayWrite"> {
  readonly context: FolderContext;
}

/** The name of the root in this job. */
async function recall({ context, memory, mayWrite }: Own, inode: string): Promise<string> {
  const signs = { inode, marker: await readMarker(context) };
  const name = recallRoot(memory, signs);
  if (mayWrite) rememberRoot(memory, signs, name);
  return name;
}

/** Gives the root a marker unless it has one. */
async function mark(own: Own, inode: string): Promise<void> {
  const { context, memory } = own;
  const name = await recall(own, inode);
  if ((await readMarker(context)) !== undefined) return;
  const id = newMarkerId();
  announceMarker(memory, id, name);
  try {
    if (await writeMarker(context, id)) rememberRoot(memory, { inode, marker: id }, name);
    else await recall(own, inode);
  } catch (error) {
    // Where nothing may be written, device and inode have to do; whatever was to be written will fail by itself.
    if (!(error instanceof LocalError) || error.code !== "refused") throw error;
  }
}

/** "device:inode"; undefined when nothing is there. The root itself may be a symbolic link to a folder. */
async function inodeOfFolder({ root, files }: FolderContext): Promise<string | undefined> {
  return explainErrors("look at", root, async () => {
    try {
      const stats = await files.lstat(await files.realpath(root));
      if (stats.isDirectory()) return inodeOf(stats);
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
    throw new UsageError(`folder:${root} is not a folder; choose another place, or move it away`);
  });
}

/** Never its parents: a missing one is more likely a disk that is not attached than a folder nobody made yet. */
async function makeRoot(context: FolderContext): Promise<string> {
  const { root, files } = context;
  return explainErrors("create the folder", root, async () => {
    try {
      await files.mkdir(root);
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) throw withoutParent(root);
      if (hasCode(error, "EEXIST")) throw notTheSame(root, "another");
      throw error;
    }
    await context.syncFolder(dirname(root));
    return inodeOf(await files.lstat(await files.realpath(root)));
  });
}

function withoutParent(root: string): ProviderError {
  const parent = JSON.stringify(dirname(root));
  return new ProviderError(
    "unavailable",
    `cannot create folder:${root}, because ${parent} does not exist; is its disk attached? If it is, create ${parent}`,
  );
}

function notTheSame(root: string, inode: string | undefined): ProviderError {
  const what = inode === undefined ? "is no longer there" : "is not the folder that was there when the run began";
  return new ProviderError("unavailable", `folder:${root} ${what}; is its disk attached? Then run again`);
}
