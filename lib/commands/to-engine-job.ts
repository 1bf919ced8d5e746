import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import type { Budget } from "../engine/execute-budget.js";
import type { Limiter } from "../engine/execute-limiter.js";
import { assertLocalRoot } from "../engine/identity.js";
import type { EngineJob } from "../engine/run.js";
import type { RunEvents } from "../engine/types.js";
import { createArchive, createErrorFolder } from "../local/archive.js";
import { readIgnoreFile } from "../local/ignore-file.js";
import { createPathFilter } from "../local/path-filter.js";
import type { Folder, PathFilter } from "../local/types.js";
import { parseSyncPath } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { isInside } from "../state/job-directory.js";
import type { OpenJob } from "./open-job.js";
import { relative } from "node:path";

export interface RunFacts {
  readonly job: JobOptions;
  readonly world: Pick<World, "files" | "hostname">;
  readonly events: RunEvents;
  readonly localRoot: string;
  readonly startedMs: number;
}

export interface Controls {
  readonly limiter: Limiter;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** What the engine needs to know, from what the user said. */
export async function toEngineJob(run: RunFacts, opened: OpenJob, controls: Controls): Promise<EngineJob> {
  const { job, world, events, startedMs } = run;
  const { state, folder, provider } = opened;
  await assertLocalRoot(state, folder);
  const foldCase = provider.capabilities.ignoresCase || (await folder.ignoresCase());
  agreeOnCase(opened, foldCase, events);
  const date = new Date(startedMs).toISOString().slice(0, 10);
  const place = { files: world.files, root: run.localRoot, date };
  return {
    ...controls,
    state,
    folder,
    provider,
    events,
    foldCase,
    date,
    filter: await createFilter(run, folder, foldCase),
    mode: job.mode,
    conflictRule: job.conflict,
    maxSizeBytes: job.maxSizeBytes,
    permanentDeletes: job.permanentDeletes,
    emptyFolders: job.include.length === 0 && job.media === undefined,
    rehash: job.rehash,
    host: hostOf(world.hostname),
    maxDelete: job.maxDelete,
    approval: job.approve,
    archive: job.archive === undefined ? undefined : createArchive({ ...place, folder: job.archive }),
    errorFolder: job.errorFolder === undefined ? undefined : createErrorFolder({ ...place, folder: job.errorFolder }),
  };
}

/** Keys written with other case rules cannot be compared: without them this is a first run, which deletes nothing. */
function agreeOnCase({ state }: OpenJob, foldCase: boolean, events: RunEvents): void {
  const remembered = state.facts.get("fold-case");
  if (remembered !== undefined && remembered !== String(foldCase)) {
    events.notice(
      "one side treats upper and lower case differently than before; this counts as a first run, which deletes nothing",
    );
    state.forgetEverything();
  }
  state.facts.set("fold-case", String(foldCase));
}

async function createFilter({ job, localRoot }: RunFacts, folder: Folder, ignoreCase: boolean): Promise<PathFilter> {
  const own = [job.stateDir, job.logFile].flatMap((path) => placeInside(localRoot, path));
  const { include, exclude, media } = job;
  return createPathFilter({ include, exclude, media, own, ignoreCase, ignoreFile: await readIgnoreFile(folder) });
}

function placeInside(root: string, path: string | undefined): SyncPath[] {
  if (path === undefined || !isInside(path, root)) return [];
  const place = parseSyncPath(relative(root, path));
  return place === undefined ? [] : [place];
}

/** Fit for a file name. */
function hostOf(hostname: string): string {
  const name = hostname.split(".")[0] ?? "";
  return name.replace(/[^A-Za-z0-9_-]/g, "") || "unnamed";
}
