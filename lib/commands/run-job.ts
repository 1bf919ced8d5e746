import { sourceOf } from "../engine/decide.js";
import { createBudget } from "../engine/execute-budget.js";
import { createLimiter } from "../engine/execute-limiter.js";
import { createPace } from "../engine/execute-pace.js";
import { createRecorder } from "../engine/execute-record.js";
import type { Recorder } from "../engine/execute-record.js";
import { planOnly, runOnce } from "../engine/run.js";
import type { EngineResult } from "../engine/run.js";
import type { RunEvents, RunSummary } from "../engine/types.js";
import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import { BudgetError, LocalError } from "../model/errors.js";
import { EXIT, exitCodeOf } from "../report/exit-codes.js";
import { describeJob, listJobs, overlappingJobs } from "../state/job-directory.js";
import { lockJob } from "./lock-job.js";
import { openJob } from "./open-job.js";
import type { OpenJob } from "./open-job.js";
import type { Ending } from "../../providers/provider.js";
import { createRunId } from "./run-id.js";
import { toEngineJob } from "./to-engine-job.js";

/**
 * Runs one job, or only plans it. Resolves to what it came to, also when it was refused, interrupted or cut off: then `failure`
 * says by what. Rejects with `UsageError` or `LockedError` before anything was looked at.
 */
export async function runJob(
  job: JobOptions,
  dryRun: boolean,
  world: World,
  events: RunEvents,
  signal: AbortSignal,
): Promise<RunSummary> {
  const place = await lockJob(job, dryRun, world, signal);
  const run: Run = { job, dryRun, world, events, runId: createRunId(world.now()), startedMs: world.now(), ...place };
  try {
    if (!dryRun) describeJob(run.dir, { local: run.localRoot, remote: job.remote.text, createdMs: run.startedMs });
    return await withDeadline(job.maxDurationMs, signal, (deadline) => runOpened(run, deadline));
  } finally {
    place.release();
  }
}

interface Run {
  readonly job: JobOptions;
  readonly dryRun: boolean;
  readonly world: World;
  readonly events: RunEvents;
  readonly runId: string;
  readonly startedMs: number;
  readonly dir: string;
  readonly localRoot: string;
}

async function runOpened(run: Run, signal: AbortSignal): Promise<RunSummary> {
  const { job, world, dir, runId, dryRun, events } = run;
  const limiter: { throttled?: () => void } = {};
  const opened = await openJob({ job, world, dir, runId, dryRun, onThrottle: () => limiter.throttled?.() });
  try {
    const concurrent = createLimiter(job.concurrency ?? opened.provider.capabilities.concurrency);
    limiter.throttled = () => {
      concurrent.throttled();
    };
    for (const notice of [...opened.notices, ...overlapNotices(run, opened)]) events.notice(notice);
    events.started({ planId: null });
    const recorder = createRecorder(opened.state, events, createPace());
    const isTimeUp = (): boolean => signal.aborted && signal.reason instanceof BudgetError;
    const budget = createBudget({ maxTransferBytes: job.maxTransferBytes, isTimeUp });
    const ended = await endOf(async () => {
      if (!dryRun) opened.state.runs.begin({ id: runId, startedMs: run.startedMs });
      const engineJob = await toEngineJob(run, opened, { limiter: concurrent, budget, signal });
      if (dryRun) return planOnly(engineJob);
      const result = await runOnce(engineJob, recorder);
      // A run that was refused may be in the wrong folder, or in one that somebody needs the trash of.
      if (result.refusal === undefined) {
        const isAllUploaded = hasUploadedAll(job, { result, recorder, budgetReached: budget.isReached });
        await tidyUp(opened, { trashDays: job.trashDays, isAllUploaded }, signal);
      }
      return result;
    });
    const summary = summarise(run, opened, { ...ended, recorder, budgetReached: budget.isReached });
    return dryRun ? summary : remember(run, opened, summary);
  } finally {
    opened.close();
  }
}

/** Told before the first run only: whoever wants two such jobs need not hear of it for ever. */
function overlapNotices({ job, localRoot }: Run, { state }: OpenJob): string[] {
  if (state.runs.latest(1).length > 0) return [];
  const others = overlappingJobs(listJobs(job.stateDir), { local: localRoot, remote: job.remote.text });
  return others.map(({ id, description }) => {
    const sides = description === undefined ? id : `${description.local} with ${description.remote}`;
    return `another job synchronises ${sides}, and one folder lies in the other: both will carry the same files; exclude them from one (--exclude)`;
  });
}

interface Ended {
  readonly result: EngineResult | undefined;
  readonly failure: unknown;
}

async function endOf(work: () => Promise<EngineResult>): Promise<Ended> {
  try {
    return { result: await work(), failure: undefined };
  } catch (failure) {
    return { result: undefined, failure };
  }
}

/** Temporary files of dead runs, and trash older than the user wants to keep. */
async function tidyUp(
  { folder, provider }: OpenJob,
  { trashDays, ...ending }: Ending & { readonly trashDays: number },
  signal: AbortSignal,
): Promise<void> {
  try {
    await folder.tidy(trashDays, signal);
  } catch (error) {
    // What may not be removed, on a disk that is read-only by now, harms nobody.
    if (!(error instanceof LocalError) || error.code !== "refused") throw error;
  }
  await provider.close(signal, ending);
}

/** Only of a run that ended in step, and that would have gone on with an upload: `fetch` leaves those of other modes alone. */
function hasUploadedAll({ mode }: JobOptions, ended: Omit<Parameters<typeof exitCodeFor>[0], "failure">): boolean {
  return sourceOf(mode) !== "remote" && exitCodeFor({ ...ended, failure: undefined }) === EXIT.inStep;
}

function summarise(
  run: Run,
  { provider }: OpenJob,
  ended: Ended & { readonly recorder: Recorder; readonly budgetReached: boolean },
): RunSummary {
  const { result, failure, recorder, budgetReached } = ended;
  const isBudget = failure instanceof BudgetError;
  return {
    ...recorder.totals,
    unchanged: result?.unchanged ?? 0,
    requests: provider.requests(),
    planId: result?.planId ?? null,
    seconds: Math.round((run.world.now() - run.startedMs) / 10) / 100,
    exitCode: exitCodeFor(ended),
    refusal: result?.refusal,
    budgetReached: budgetReached || isBudget,
    failure: isBudget ? undefined : failure,
  };
}

function exitCodeFor({
  result,
  failure,
  recorder,
  budgetReached,
}: Ended & { recorder: Recorder; budgetReached: boolean }): number {
  if (failure instanceof BudgetError) return EXIT.budget;
  if (failure !== undefined) return exitCodeOf(failure);
  if (result?.refusal !== undefined) return EXIT.refused;
  if (budgetReached) return EXIT.budget;
  const isWhole = recorder.troubles === 0 && result?.problems === 0 && result.unsettled === 0;
  return isWhole ? EXIT.inStep : EXIT.someFailed;
}

/** Answers what is to be told. A run that could not be written into the history has not ended well, whatever it has done. */
function remember({ runId, startedMs, world }: Run, { state }: OpenJob, summary: RunSummary): RunSummary {
  const { failure, refusal, exitCode } = summary;
  const message = failure instanceof Error ? failure.message : refusal;
  try {
    state.runs.finish({ id: runId, startedMs, finishedMs: world.now(), exitCode, totals: summary, message });
    return summary;
  } catch (error) {
    if (failure !== undefined || refusal !== undefined) return summary;
    return { ...summary, exitCode: exitCodeOf(error), failure: error };
  }
}

/** Aborts with a `BudgetError` when the time is up, and with the signal's own reason when that comes first. */
async function withDeadline<T>(
  maxDurationMs: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (maxDurationMs === undefined) return work(signal);
  const deadline = new AbortController();
  const stop = startTimer(maxDurationMs, () => {
    deadline.abort(new BudgetError("the time for this run is up"));
  });
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    stop();
  }
}

/** Node takes a longer time, some 25 days, for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls back once, after any time. The answer stops it. */
function startTimer(ms: number, ended: () => void): () => void {
  let leftMs = ms;
  let timer: NodeJS.Timeout;
  const goOn = (): void => {
    const nextMs = Math.min(leftMs, LONGEST_TIMER_MS);
    leftMs -= nextMs;
    timer = setTimeout(leftMs > 0 ? goOn : ended, nextMs);
  };
  goOn();
  return () => {
    clearTimeout(timer);
  };
}
