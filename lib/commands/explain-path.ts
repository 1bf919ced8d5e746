import { isAbsolute, relative, resolve } from "node:path";
import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import { createBudget } from "../engine/execute-budget.js";
import { createLimiter } from "../engine/execute-limiter.js";
import { planOnly } from "../engine/run.js";
import type { EngineJob } from "../engine/run.js";
import type { RunEvents } from "../engine/types.js";
import type { Action } from "../model/action.js";
import type { BaseEntry, LocalEntry, Problem } from "../model/entry.js";
import { UsageError } from "../model/errors.js";
import { isBelow, parentOf, parseSyncPath, toPathKey } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { MirrorEntry } from "../state/types.js";
import { lockJob } from "./lock-job.js";
import { openJob } from "./open-job.js";
import { createRunId } from "./run-id.js";
import { toEngineJob } from "./to-engine-job.js";

/** Lines that say what each side holds at the path, why, and what the next run would do. Plans a whole run and changes nothing. */
export async function explainPath(
  job: JobOptions,
  text: string,
  world: World,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { localRoot, dir } = await lockJob(job, true, world, signal);
  const path = toPath(text, { localRoot, job, world });
  const startedMs = world.now();
  const opened = await openJob({
    job,
    world,
    dir,
    runId: createRunId(startedMs),
    dryRun: true,
    onThrottle: () => undefined,
  });
  try {
    const findings = createFindings(path);
    const controls = {
      limiter: createLimiter(1),
      budget: createBudget({ maxTransferBytes: undefined, isTimeUp: () => false }),
      signal,
    };
    const run = { job, world, events: findings.events, localRoot, startedMs };
    const engineJob = await toEngineJob(run, opened, controls);
    const { refusal } = await planOnly(engineJob);
    return describe(path, engineJob, { ...findings, refusal });
  } finally {
    opened.close();
  }
}

/** Relative to the local folder, or a path that leads into it from where the user is. */
function toPath(
  text: string,
  { localRoot, job, world }: { localRoot: string; job: JobOptions; world: World },
): SyncPath {
  const fromHere = [localRoot, job.local].map((root) => relative(root, resolve(world.cwd, text)));
  const inside = fromHere.find((way) => way !== "" && !way.startsWith("..") && !isAbsolute(way));
  const path = parseSyncPath((inside ?? text).replace(/\/+$/, ""));
  if (path === undefined) throw new UsageError(`${JSON.stringify(text)} is not a path below ${job.local}`);
  return path;
}

interface Findings {
  readonly actions: readonly Action[];
  readonly problems: readonly Problem[];
  readonly refusal: string | undefined;
}

/** Keeps what concerns the path: itself, what is below it, and folders above that are renamed or unreadable. */
function createFindings(path: SyncPath): {
  readonly events: RunEvents;
  readonly actions: Action[];
  readonly problems: Problem[];
} {
  const actions: Action[] = [];
  const problems: Problem[] = [];
  const nothing = (): void => undefined;
  const events: RunEvents = {
    started: nothing,
    outcome: nothing,
    notice: nothing,
    phase: nothing,
    planned: nothing,
    progress: nothing,
    action: (action) => {
      if (actions.length < MOST_ACTIONS && concerns(action, path)) actions.push(action);
    },
    problem: (problem) => {
      const place = typeof problem.covers === "object" ? problem.covers.path : undefined;
      if (problem.path === path || place === path || (place !== undefined && isBelow(path, place)))
        problems.push(problem);
    },
  };
  return { events, actions, problems };
}

const MOST_ACTIONS = 20;

function concerns(action: Action, path: SyncPath): boolean {
  const places = "from" in action && action.from !== undefined ? [action.path, action.from] : [action.path];
  return places.some((place) => place === path || isBelow(place, path) || ("from" in action && isBelow(path, place)));
}

function describe(path: SyncPath, job: EngineJob, { actions, problems, refusal }: Findings): readonly string[] {
  const { state, foldCase } = job;
  const key = toPathKey(path, foldCase);
  const local = state.scan.get(key);
  const remote = state.mirror.get(key);
  const base = state.base.get(key);
  const isFolder = (local ?? remote ?? base)?.kind === "folder";
  const lines = [`local: ${localText(local)}`, `remote: ${remoteText(remote)}`, `last agreed: ${baseText(base)}`];
  const excluded = excludedBy(path, isFolder, job);
  if (excluded !== undefined) lines.push(`left out: ${excluded}`);
  const tooLarge = [local, remote].some(
    (entry) => entry?.kind === "file" && (entry.sizeBytes ?? 0) > (job.maxSizeBytes ?? Infinity),
  );
  if (tooLarge) lines.push("left out: larger than --max-size");
  for (const { side, message } of problems) lines.push(`problem (${side}): ${message}`);
  for (const action of actions) lines.push(`next run: ${action.kind} ${action.path} (${action.reason})`);
  if (actions.length === 0) lines.push("next run: nothing to do here");
  if (refusal !== undefined) lines.push(`the next run would be refused: ${refusal}`);
  return lines;
}

function excludedBy(path: SyncPath, isFolder: boolean, { filter }: EngineJob): string | undefined {
  const above: SyncPath[] = [];
  for (let folder = parentOf(path); folder !== undefined; folder = parentOf(folder)) above.unshift(folder);
  const folder = above.find((place) => !filter.includes(place, true));
  if (folder !== undefined) return `its folder ${folder} is excluded by a pattern, or belongs to trisync`;
  return filter.includes(path, isFolder)
    ? undefined
    : "excluded by a pattern (.trisyncignore, --include, --exclude, --media), or trisync's own";
}

function localText(entry: LocalEntry | undefined): string {
  if (entry === undefined) return "nothing";
  if (entry.kind === "special") return `a ${entry.type}, which is not synchronised`;
  return entry.kind === "folder" ? "a folder" : fileText(entry);
}

function remoteText(entry: MirrorEntry | undefined): string {
  if (entry === undefined) return "nothing";
  if (entry.kind === "gone") return "deleted there";
  if (entry.kind === "special") return `${entry.type}, which is not synchronised`;
  return entry.kind === "folder" ? "a folder" : fileText(entry);
}

function baseText(entry: BaseEntry | undefined): string {
  if (entry === undefined) return "never, so nothing here counts as deleted";
  if (entry.kind === "folder") return "a folder";
  return fileText(entry.local);
}

/** Some services tell neither the size nor the time of a file. */
function fileText(file: { readonly sizeBytes: number | undefined; readonly modifiedMs: number | undefined }): string {
  const { sizeBytes, modifiedMs } = file;
  const size = sizeBytes === undefined ? "unknown size" : sizeBytes === 1 ? "1 byte" : `${String(sizeBytes)} bytes`;
  return `a file of ${size}, ${timeText(modifiedMs)}`;
}

function timeText(ms: number | undefined): string {
  if (ms === undefined || Math.abs(ms) > 8.64e15) return "time unknown";
  return `modified ${new Date(ms).toISOString()}`;
}
