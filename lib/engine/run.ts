import { ProviderError, SafetyError } from "../model/errors.js";
import type { Problem } from "../model/entry.js";
import type { JobState } from "../state/types.js";
import type { MirrorEntry } from "../state/types.js";
import type { Archive, ErrorFolder, Execution } from "./execute-context.js";
import type { Budget } from "./execute-budget.js";
import { executePlan } from "./execute.js";
import type { Limiter } from "./execute-limiter.js";
import { createRecorder } from "./execute-record.js";
import type { Recorder } from "./execute-record.js";
import { countDeletions, refuse } from "./guard.js";
import type { DeleteLimit } from "./guard.js";
import { assertSameRemote, identifyRoots, isOtherLocalRoot, isSameRemote, rememberRoots } from "./identity.js";
import type { Roots, Untouched } from "./identity.js";
import { makePlan } from "./make-plan.js";
import type { MadePlan, PlanJob } from "./make-plan.js";
import { observe } from "./observe.js";
import type { Observation } from "./observe.js";
import { createPause } from "./run-pause.js";
import { STAGE_ORDER } from "./stages.js";
import { createToldRefusals } from "./execute-refusals.js";
import { createSpelling } from "./execute-spelling.js";
import type { RunEvents } from "./types.js";

/** One run of one job, with everything opened. */
export interface EngineJob extends Omit<PlanJob, "report"> {
  readonly events: RunEvents;
  readonly maxDelete: DeleteLimit;
  readonly approval: string | undefined;
  readonly archive: Archive | undefined;
  readonly errorFolder: ErrorFolder | undefined;
  readonly limiter: Limiter;
  readonly budget: Budget;
}

export interface EngineResult {
  readonly planId: string;
  readonly unchanged: number;
  readonly recorder: Recorder;
  /** Why the plan was not carried out; undefined when it was. */
  readonly refusal: string | undefined;
  /** Problems that count as errors: something was not synchronised that should have been. */
  readonly problems: number;
  /** Paths that kept changing until the last round. */
  readonly unsettled: number;
}

/** Paths that change while the run is at work are looked at and planned anew, so often. */
const MOST_ROUNDS = 3;

/** Shows the plan and changes nothing. */
export async function planOnly(job: EngineJob): Promise<EngineResult> {
  const { state, events } = job;
  const recorder = createRecorder(state, events);
  const problems = createProblemLog(events);
  const { plan, refusal } = await prepare(job, problems.report, "Nothing was changed");
  const pause = createPause(job.signal);
  for (const { stage, order } of STAGE_ORDER) {
    for (const { action } of state.plan.steps(stage, order)) {
      const turn = pause();
      if (turn !== undefined) await turn;
      if (action.kind !== "forget") events.action(action);
    }
  }
  return {
    planId: plan.planId,
    unchanged: plan.unchanged,
    recorder,
    refusal,
    problems: problems.errors(),
    unsettled: 0,
  };
}

/** Makes both sides agree. Rejects when the run had to stop; what was done until then is settled. */
export async function runOnce(job: EngineJob, recorder: Recorder): Promise<EngineResult> {
  const problems = createProblemLog(job.events);
  let first: MadePlan | undefined;
  for (let round = 1; ; round++) {
    const untouched = round === 1 ? "Nothing was changed" : "Nothing more was changed";
    const { plan, refusal, roots } = await prepare(job, problems.report, untouched);
    first ??= plan;
    const before = recorder.changedMeanwhile;
    if (refusal === undefined) {
      rememberRoots(job.state, roots);
      job.events.planned({ files: plan.files, bytes: plan.bytes });
      job.events.phase("transfer");
      await executePlan(toExecution(job, recorder));
      if (roots.remote.root === undefined)
        rememberRoots(job.state, await identifyRoots(job.folder, job.provider, job.signal));
    }
    const unsettled = recorder.changedMeanwhile - before;
    const isLast = unsettled === 0 || round === MOST_ROUNDS || job.budget.isReached;
    if (refusal === undefined && !isLast) continue;
    // What is to be approved is the plan that was refused.
    const { planId } = refusal === undefined ? first : plan;
    return { planId, unchanged: first.unchanged, recorder, refusal, problems: problems.errors(), unsettled };
  }
}

interface Prepared {
  readonly plan: MadePlan;
  readonly refusal: string | undefined;
  readonly roots: Roots;
}

async function prepare(job: EngineJob, report: (problem: Problem) => void, untouched: Untouched): Promise<Prepared> {
  const { state, folder, provider, signal } = job;
  const before = await identifyAgain(job, await identifyRoots(folder, provider, signal));
  assertSameRemote(state, before.remote, job.approval, untouched);
  const observation = await observeSame(job, report, untouched);
  if (observation === "another root") return prepare(job, report, untouched);
  const roots = await identifyRoots(folder, provider, signal);
  if (roots.local !== before.local)
    throw new SafetyError(`the local folder was replaced by another one during the run. ${untouched}.`);
  if (assertSameRemote(state, roots.remote, job.approval, untouched)) return prepare(job, report, untouched);
  signal.throwIfAborted();
  job.events.phase("plan");
  const plan = await makePlan({ ...job, report }, observation);
  return { plan, refusal: checkGuard(job, roots, plan, untouched), roots };
}

/** What a provider remembers of another root than the job's may be out of date: the right one may be back. */
async function identifyAgain({ state, provider, signal }: EngineJob, roots: Roots): Promise<Roots> {
  if (isSameRemote(state, roots.remote)) return roots;
  return { ...roots, remote: await provider.identify(signal, true) };
}

/** A listing may fail because the root is another one by now, which is the better thing to say, and may have been approved. */
async function observeSame(
  job: EngineJob,
  report: (problem: Problem) => void,
  untouched: Untouched,
): Promise<Observation | "another root"> {
  try {
    return await observe({ ...job, report, untouched });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const now = await job.provider.identify(job.signal).catch(() => undefined);
    if (now !== undefined && assertSameRemote(job.state, now, job.approval, untouched)) return "another root";
    throw error;
  }
}

function checkGuard(job: EngineJob, roots: Roots, plan: MadePlan, untouched: Untouched): string | undefined {
  const { state, mode } = job;
  const inBase = state.base.countFiles();
  const emptied = isEmpty(state.scan.rows()) ? "local" : isEmptied(state) ? "remote" : undefined;
  const isOther = isOtherLocalRoot(state, roots.local);
  if (isOther && inBase > 0 && emptied === "local" && job.approval !== plan.planId && mode !== "outbox") {
    return `the local folder is empty and not the one of the last run (disk not mounted?). ${untouched}. If this is what you want, run again with --approve ${plan.planId}`;
  }
  const deletions = countDeletions(state.plan);
  // Device numbers may change with a restart: a folder that is mostly as it was is the same folder.
  return refuse(deletions, plan.planId, {
    limit: job.maxDelete,
    knownFiles: inBase > 0 ? inBase : countTargetFiles(job),
    emptied: inBase > 0 || mode === "mirror" || mode === "mirror-down" ? emptied : undefined,
    isOtherLocalRoot: isOther && inBase > 0 && deletions.files > plan.unchanged,
    approval: job.approval,
    untouched,
  });
}

/** Without a base, a mirror's deletions count against what its target holds. */
function countTargetFiles({ state, mode }: EngineJob): number {
  if (mode !== "mirror") return state.scan.countFiles();
  let files = 0;
  for (const { entry } of state.mirror.rows()) if (entry.kind === "file") files += 1;
  return files;
}

/** Nothing is there, and the service has not said of anything that it was deleted. */
function isEmptied({ mirror }: JobState): boolean {
  return isEmpty(mirror.rows());
}

function isEmpty(rows: Iterable<{ readonly entry: MirrorEntry } | { readonly entry: unknown }>): boolean {
  for (const _ of rows) return false;
  return true;
}

function toExecution(job: EngineJob, recorder: Recorder): Execution {
  const refusals = createToldRefusals(job.state.memory);
  const spelling = createSpelling(job.foldCase);
  return { ...job, recorder, refusals, spelling, absent: new Set(), present: new Set() };
}

/** Passes each problem on once, however many rounds meet it. */
function createProblemLog(events: RunEvents): {
  readonly report: (problem: Problem) => void;
  readonly errors: () => number;
} {
  const seen = new Set<string>();
  let errors = 0;
  return {
    report: (problem) => {
      const name = `${problem.side} ${problem.code} ${problem.path}`;
      if (seen.has(name)) return;
      seen.add(name);
      if (problem.code !== "special") errors += 1;
      events.problem(problem);
    },
    errors: () => errors,
  };
}
