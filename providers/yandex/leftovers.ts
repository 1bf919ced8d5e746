import * as z from "zod";
import { attempt } from "../attempts.js";
import { parseJson, recall, remember, type Memory } from "../memory.js";
import { carryOut, type Writing } from "./operations.js";
import type { RemotePath } from "./paths.js";
import type { ListedItem } from "./schemas.js";

/** What trisync has put on the service under names of its own, until it is where it belongs. */
export interface Leftovers {
  /** Remembers, before it is there, that content of this file will be at the path. */
  beginUpload(path: RemotePath, resumeKey: string): void;
  /** Remembers, before it is there, that a replaced version on its way to the trash will be at the path. */
  beginAside(path: RemotePath): void;
  /** Called when the service has been handed all of the content that is to be at the path. */
  noteSent(path: RemotePath): void;
  end(path: RemotePath): void;
  /** True for content on its way that this machine has put there. */
  isOurs(path: RemotePath): boolean;
  /** Where earlier runs may have left the content of this file. */
  findUploads(resumeKey: string): readonly RemotePath[];
  /** How long ago the service was handed all of it; undefined where it was not. */
  sentAgoMs(path: RemotePath): number | undefined;
  /** Called when this file is where it belongs: what else was sent of it, and comes late, is removed by the run that sees it. */
  endUploads(resumeKey: string): void;
  /** Called by listings for every entry with a name of ours. */
  noteListed(item: ListedItem, path: RemotePath): void;
  /** Sends replaced versions to the trash that an earlier run was killed over. */
  finishAsides(signal: AbortSignal): Promise<void>;
  /** Removes content that no run has come back for. */
  tidy(signal: AbortSignal): Promise<void>;
}

const temporary = z.object({
  kind: z.enum(["upload", "aside"]),
  resumeKey: z.string(),
  sinceMs: z.number(),
  sentMs: z.number().optional(),
});
type Temporary = z.infer<typeof temporary>;

const PREFIX = "temporary:";

/** The key of content for which there is no use any more, should it come. */
const NOBODYS = "";

/** A later run may go on with content that is no older. */
const OURS_MS = 3 * 24 * 3_600_000;

/** Other machines may be sending for long; what is older than this is theirs no more. */
const FOREIGN_MS = 7 * 24 * 3_600_000;

/** Of what others have left, so much is removed in one run. */
const MOST_FOREIGN = 100;

export interface LeftoverTools extends Writing {
  readonly memory: Memory;
  readonly now: () => number;
}

export function createLeftovers(tools: LeftoverTools): Leftovers {
  const { memory, now } = tools;
  const foreign = new Set<RemotePath>();
  const late = new Set<RemotePath>();

  const begin = (path: RemotePath, kind: Temporary["kind"], resumeKey: string): void => {
    remember(memory, PREFIX + path, { kind, resumeKey, sinceMs: now() } satisfies Temporary);
  };
  const end = (path: RemotePath): void => memory.set(PREFIX + path, undefined);
  const all = (): readonly (readonly [RemotePath, Temporary | undefined])[] =>
    memory.entries(PREFIX).map(([name, text]) => [name.slice(PREFIX.length), parseJson(text, temporary)] as const);
  const uploadsOf = (resumeKey: string): readonly RemotePath[] =>
    all().flatMap(([path, one]) => (one?.kind === "upload" && one.resumeKey === resumeKey ? [path] : []));

  /** Gone for good only what is a mere copy of a local file; everything else can be brought back from the trash. */
  async function remove(path: RemotePath, permanently: boolean, signal: AbortSignal): Promise<void> {
    const outcome = await attempt(() => removePath(tools, path, permanently, signal));
    if (outcome.ok || outcome.error.code === "not-found") end(path);
  }

  return {
    beginUpload: (path, resumeKey) => begin(path, "upload", resumeKey),
    beginAside: (path) => begin(path, "aside", ""),
    noteSent: (path) => {
      const one = recall(memory, PREFIX + path, temporary);
      if (one !== undefined) remember(memory, PREFIX + path, { ...one, sentMs: now() } satisfies Temporary);
    },
    end,
    isOurs: (path) => memory.get(PREFIX + path) !== undefined,
    findUploads: uploadsOf,
    sentAgoMs: (path) => {
      const sentMs = recall(memory, PREFIX + path, temporary)?.sentMs;
      return sentMs === undefined ? undefined : now() - sentMs;
    },
    endUploads: (resumeKey) => {
      for (const path of uploadsOf(resumeKey)) {
        const one = recall(memory, PREFIX + path, temporary);
        if (one !== undefined) remember(memory, PREFIX + path, { ...one, resumeKey: NOBODYS } satisfies Temporary);
      }
    },
    noteListed: (item, path) => {
      const known = recall(memory, PREFIX + path, temporary);
      if (known?.kind === "upload" && known.resumeKey === NOBODYS) late.add(path);
      const ageMs = now() - Date.parse(item.modified ?? "");
      const isOld = ageMs > FOREIGN_MS && foreign.size < MOST_FOREIGN;
      if (isOld && memory.get(PREFIX + path) === undefined) foreign.add(path);
    },
    finishAsides: async (signal) => {
      for (const [path, one] of all()) if (one?.kind !== "upload") await remove(path, false, signal);
    },
    tidy: async (signal) => {
      for (const [path, one] of all()) {
        if (one?.kind === "upload" && now() - one.sinceMs > OURS_MS) await remove(path, true, signal);
      }
      for (const path of late) await remove(path, true, signal);
      late.clear();
      for (const path of foreign) await remove(path, false, signal);
      foreign.clear();
    },
  };
}

/** Removes one file of ours. Rejects with "not-found" when it is not there. */
export async function removePath(
  writing: Writing,
  path: RemotePath,
  permanently: boolean,
  signal: AbortSignal,
): Promise<void> {
  const about = { operation: "tidy up", subject: path } as const;
  const call = {
    ...about,
    method: "DELETE",
    route: "/resources",
    query: { path, permanently },
    repeatable: true,
  } as const;
  await carryOut(writing, call, signal);
}
