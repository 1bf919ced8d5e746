import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import type { RootIdentity } from "../provider.js";
import { jsonBody, type GraphApi } from "./api.js";
import type { Drive, DriveFacts } from "./drive.js";
import { isNameTaken } from "./errors.js";
import { lookUp } from "./lookup.js";
import { recall, remember, type Memory } from "../memory.js";
import { encodePath, foldPath, itemAddress } from "./paths.js";
import { driveItem, type DriveItem } from "./schemas.js";

/** The folder on the service that the job is about. */
export interface FoundRoot {
  readonly drive: DriveFacts;
  /** The item that everything is named from. */
  readonly id: string;
  /** What the root lies in; undefined for the root of the drive. Listings show it, though it is not below the root. */
  readonly parentId: string | undefined;
}

export interface Root {
  /** "/" or "/Documents/Work". */
  readonly path: string;
  identify(signal: AbortSignal, isAfresh?: boolean): Promise<RootIdentity>;
  /** Undefined while the folder does not exist. */
  find(signal: AbortSignal): Promise<FoundRoot | undefined>;
  /** As `find`, asked for anew: drive and folder. */
  refresh(signal: AbortSignal): Promise<FoundRoot | undefined>;
  /** As `find`, but makes the folder, and those above it, where it does not exist. */
  ensure(signal: AbortSignal): Promise<FoundRoot>;
  /** True when a listing shows the root under another name than the job's, or in another folder than before. */
  isElsewhere(item: DriveItem): boolean;
}

const remembered = z.object({
  account: z.string(),
  path: z.string(),
  id: z.string(),
  parentId: z.string().optional(),
  /** When it was last looked up by its path. */
  provedMs: z.number().optional(),
});
const NAME = "root";

/** A request an hour, at most. */
const PROVED_MS = 3_600_000;

export interface RootOptions {
  readonly path: string;
  readonly drive: Drive;
  readonly api: GraphApi;
  readonly memory: Memory;
  readonly now: () => number;
}

/**
 * The root is looked up and remembered, so that a run without changes costs no request for it. That a folder above it was renamed,
 * or that another one has its path by now, no listing tells: so it is looked up again now and then.
 */
export function createRoot({ path, drive, api, memory, now }: RootOptions): Root {
  let known: FoundRoot | undefined;
  let making: Promise<FoundRoot> | undefined;

  async function find(signal: AbortSignal): Promise<FoundRoot | undefined> {
    const facts = await drive.facts(signal);
    if (known !== undefined) return known;
    const earlier = recall(memory, NAME, remembered);
    if (earlier?.account === facts.account && earlier.path === path && isProved(earlier, now())) {
      known = { drive: facts, id: earlier.id, parentId: earlier.parentId };
      return known;
    }
    return keep(facts, await lookAtRoot(api, facts.id, path, signal));
  }

  function keep(facts: DriveFacts, item: DriveItem | undefined): FoundRoot | undefined {
    if (item === undefined) {
      known = undefined;
      memory.set(NAME, undefined);
      return undefined;
    }
    const parentId = item.root === undefined ? item.parentReference?.id : undefined;
    known = { drive: facts, id: item.id, parentId };
    remember(memory, NAME, {
      account: facts.account,
      path,
      id: item.id,
      ...(parentId === undefined ? {} : { parentId }),
      provedMs: now(),
    } satisfies z.infer<typeof remembered>);
    return known;
  }

  async function make(signal: AbortSignal): Promise<FoundRoot> {
    const facts = await drive.facts(signal);
    const found = keep(facts, await makeFolders(api, facts.id, path, signal));
    if (found === undefined) throw new ProviderError("malformed", `create onedrive:${path}: it is not there after all`);
    return found;
  }

  async function refresh(signal: AbortSignal): Promise<FoundRoot | undefined> {
    const facts = await drive.refresh(signal);
    return keep(facts, await lookAtRoot(api, facts.id, path, signal));
  }

  return {
    path,
    identify: async (signal, isAfresh = false) => {
      const found = await (isAfresh ? refresh(signal) : find(signal));
      const { account } = await drive.facts(signal);
      return { account, root: found?.id };
    },
    find,
    refresh,
    ensure: async (signal) => {
      const found = await find(signal);
      if (found !== undefined) return found;
      making ??= make(signal).finally(() => (making = undefined));
      return await making;
    },
    isElsewhere: (item) => path !== "/" && isElsewhere(item, path, known?.parentId),
  };
}

/** The root of the drive is always where it is. */
function isProved({ path, provedMs }: z.infer<typeof remembered>, nowMs: number): boolean {
  const ageMs = provedMs === undefined ? -1 : nowMs - provedMs;
  return path === "/" || (ageMs >= 0 && ageMs < PROVED_MS);
}

function isElsewhere({ name, parentReference }: DriveItem, path: string, knownParentId: string | undefined): boolean {
  const parentId = parentReference?.id;
  // Ids hold that of the drive, which some drives of persons spell in changing case.
  const isMoved = parentId !== undefined && parentId.toLowerCase() !== (knownParentId ?? parentId).toLowerCase();
  return isMoved || (name !== undefined && foldPath(name) !== foldPath(path.slice(path.lastIndexOf("/") + 1)));
}

/** Undefined when there is no such folder. */
async function lookAtRoot(
  api: GraphApi,
  driveId: string,
  path: string,
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  const item = await lookUp(api, addressOf(driveId, path), { subject: `onedrive:${path}` }, signal);
  if (item === undefined || item.folder !== undefined || item.root !== undefined) {
    if (item?.remoteItem === undefined) return item;
    throw new ProviderError(
      "rejected",
      `onedrive:${path} is a shortcut to a folder of another drive; name that drive in ONEDRIVE_DRIVE_ID instead`,
    );
  }
  throw new ProviderError(
    "rejected",
    `onedrive:${path} is a file, not a folder; choose another folder, or move it away`,
  );
}

/** From the top, one by one: which of them are missing is not known. */
async function makeFolders(api: GraphApi, driveId: string, path: string, signal: AbortSignal): Promise<DriveItem> {
  let folder = await lookAtRoot(api, driveId, "/", signal);
  let above = "";
  for (const name of path.split("/").filter((part) => part !== "")) {
    if (folder === undefined) break;
    above = `${above}/${name}`;
    folder =
      (await makeFolder(api, { driveId, parentId: folder.id, name }, signal)) ??
      (await lookAtRoot(api, driveId, above, signal));
  }
  if (folder === undefined)
    throw new ProviderError("not-found", `create onedrive:${path}: the drive has no root folder`);
  return folder;
}

/** Undefined when there is something of this name already. */
async function makeFolder(
  api: GraphApi,
  { driveId, parentId, name }: { readonly driveId: string; readonly parentId: string; readonly name: string },
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  try {
    const path = `${itemAddress(driveId, parentId)}/children`;
    const body = jsonBody({ name, folder: {}, "@microsoft.graph.conflictBehavior": "fail" });
    const about = { operation: "create folder", subject: name, answer: driveItem };
    return await api.call({ ...about, method: "POST", path, body, repeatable: true }, signal);
  } catch (error) {
    if (isNameTaken(error)) return undefined;
    throw error;
  }
}

function addressOf(driveId: string, path: string): string {
  const root = `/drives/${encodeURIComponent(driveId)}/root`;
  return path === "/" ? root : `${root}:${encodePath(path)}:`;
}
