import type { Action } from "../model/action.js";
import { RefusedContentError } from "../model/errors.js";
import type { PlannedStep } from "../state/types.js";
import { sourceOf } from "./decide.js";
import { createRemotely, createLocally } from "./execute-folders.js";
import { resolveConflict } from "./execute-conflict.js";
import type { Execution } from "./execute-context.js";
import { deleteLocally, deleteRemotely } from "./execute-delete.js";
import { downloadOne } from "./execute-download.js";
import { createFailureMemory, toFailure } from "./execute-failure.js";
import type { Block, FailureMemory } from "./execute-failure.js";
import { moveLocally, moveManyRemotely, moveRemotely } from "./execute-move.js";
import type { Done } from "./execute-record.js";
import { toUnits } from "./execute-units.js";
import type { Unit } from "./execute-units.js";
import { uploadMany, uploadOne } from "./execute-upload.js";
import { agreeOnFile, agreeOnFolder, forgetKey, rekey } from "./settle.js";
import { STAGE, STAGE_ORDER } from "./stages.js";

/**
 * Carries out the plan, stage by stage. A path that fails is recorded as such and the others go on; what must stop the
 * run (signed out, service out of reach, aborted) rejects after everything in flight has ended and is settled.
 */
export async function executePlan(execution: Execution): Promise<void> {
  const memory = createFailureMemory();
  for (const { stage, order, isParallel } of STAGE_ORDER) {
    if (stage === STAGE.deleteFiles) execution.events.phase("delete");
    if (execution.budget.isReached) return;
    const units = toUnits(execution.state.plan.steps(stage, order), execution.provider.capabilities);
    await runUnits(execution, memory, { units, isParallel });
  }
  execution.refusals.save();
}

async function runUnits(
  execution: Execution,
  memory: FailureMemory,
  { units, isParallel }: { readonly units: Iterable<Unit>; readonly isParallel: boolean },
): Promise<void> {
  const { limiter } = execution;
  const failure: { error?: unknown; happened: boolean } = { happened: false };
  try {
    for (const unit of units) {
      await limiter.ready();
      if (failure.happened || execution.signal.aborted) break;
      const steps = await admissible(execution, memory, unit.steps);
      if (steps.length === 0) continue;
      const running = limiter
        .run((leave) => runUnit(execution, memory, { steps, isParallel, leave }))
        .catch((error: unknown) => {
          if (!failure.happened) Object.assign(failure, { error, happened: true });
        });
      if (!isParallel) await running;
    }
  } finally {
    await limiter.idle();
    execution.recorder.flush();
  }
  if (failure.happened) throw failure.error;
  execution.signal.throwIfAborted();
}

/** Leaves out, and reports, what earlier failures or the budget keep from being tried. */
async function admissible(
  execution: Execution,
  memory: FailureMemory,
  steps: readonly PlannedStep[],
): Promise<PlannedStep[]> {
  const admitted: PlannedStep[] = [];
  const recorded: Promise<void>[] = [];
  for (const planned of steps) {
    const step = execution.spelling.respell(planned);
    const block = blockOf(execution, memory, step);
    if (block !== undefined) {
      memory.blocked(step.action, block);
      recorded.push(execution.recorder.record({ action: step.action, ...block }));
    } else if (execution.budget.admit(bytesOf(step.action))) admitted.push(step);
  }
  if (recorded.length > 0) execution.recorder.flush();
  await Promise.all(recorded);
  return admitted;
}

function blockOf({ provider }: Execution, memory: FailureMemory, { action, stage }: PlannedStep): Block | undefined {
  // What keeps a refused upload from being tried is told when its turn comes.
  if (stage === STAGE.refused) return action.kind === "upload" ? undefined : skip(IN_THE_WAY);
  if (action.kind === "upload" && action.stored === undefined && memory.remoteFull !== undefined)
    return skip(memory.remoteFull);
  const givesName = action.kind === "create-folder-remote" || action.kind === "move-remote";
  const refusal = givesName ? provider.refusal(action.path, 0) : undefined;
  return refusal === undefined ? memory.blocks(action) : skip(refusal);
}

function skip(message: string): Block {
  return { message, status: "skipped" };
}

function bytesOf(action: Action): number {
  if (action.kind === "upload") return action.stored === undefined ? action.local.sizeBytes : 0;
  if (action.kind === "download") return action.remote.sizeBytes ?? 0;
  return action.kind === "conflict" ? conflictBytes(action) : 0;
}

/** Where both versions are kept, both travel. */
function conflictBytes(action: Extract<Action, { readonly kind: "conflict" }>): number {
  if (action.about === "name") return action.file.entry.sizeBytes ?? 0;
  const upBytes = action.winner === "remote" || action.copyExists ? 0 : action.local.sizeBytes;
  return action.winner === "local" ? upBytes : upBytes + (action.remote.sizeBytes ?? 0);
}

interface RunningUnit extends Unit {
  readonly isParallel: boolean;
  readonly leave: () => void;
}

async function runUnit(execution: Execution, memory: FailureMemory, unit: RunningUnit): Promise<void> {
  const answers = await answersOf(execution, unit);
  unit.leave();
  const settled = answers.map((answer) => settleAnswer(execution, memory, answer));
  // Whatever comes next waits for this, so that there is nothing to share a transaction with.
  if (!unit.isParallel) execution.recorder.flush();
  await Promise.all(settled);
}

interface Failed {
  readonly step: Pick<PlannedStep, "action">;
  readonly error: unknown;
}

type Answer = Done | Failed;

async function answersOf(execution: Execution, { steps, leave }: RunningUnit): Promise<readonly Answer[]> {
  try {
    return await carryOut(execution, steps, leave);
  } catch (error) {
    return steps.map((step) => ({ step, error }));
  }
}

async function settleAnswer(execution: Execution, memory: FailureMemory, answer: Answer): Promise<void> {
  if ("step" in answer) return settleFailure(execution, memory, answer);
  memory.succeeded();
  if (answer.status === "done") execution.spelling.note(answer.action);
  try {
    await execution.recorder.record(answer);
  } catch (error) {
    // What could not be recorded is not done: the next run looks at it again.
    await settleFailure(execution, memory, { step: answer, error });
  }
}

async function settleFailure(execution: Execution, memory: FailureMemory, { step, error }: Failed): Promise<void> {
  if (execution.signal.aborted) throw execution.signal.reason;
  const aside = await setRefusedAside(execution, step.action, error);
  const failure = aside ?? withoutOldNews(execution, toFailure(step.action, error), error);
  // What follows from it holds at once, also for steps that begin before it is recorded.
  memory.note(step.action, error);
  await execution.recorder.record(failure);
  memory.assertReachable();
}

/** The steps of a unit are of one kind; several only where the provider takes many at once. */
async function carryOut(
  execution: Execution,
  steps: readonly PlannedStep[],
  leave: () => void,
): Promise<readonly Answer[]> {
  const uploads = steps.filter(isOf("upload"));
  if (uploads.length > 1) return uploadMany(execution, uploads);
  const deletions = steps.filter(isOf("delete-remote"));
  if (deletions.length > 0) return deleteRemotely(execution, deletions);
  const creations = steps.filter(isOf("create-folder-remote"));
  if (creations.length > 0) return createRemotely(execution, creations);
  const moves = steps.filter(isOf("move-remote"));
  if (moves.length > 1) return moveManyRemotely(execution, moves);
  return Promise.all(steps.map((step) => carryOutOne(execution, step, leave)));
}

function isOf<Kind extends Action["kind"]>(kind: Kind) {
  return (step: PlannedStep): step is PlannedStep & { readonly action: Extract<Action, { readonly kind: Kind }> } =>
    step.action.kind === kind;
}

async function carryOutOne(execution: Execution, step: PlannedStep, leave: () => void): Promise<Answer> {
  const { action } = step;
  switch (action.kind) {
    case "upload":
      return step.stage === STAGE.refused ? refuse(execution, action) : uploadOne(execution, { ...step, action });
    case "download":
      return downloadOne(execution, { ...step, action }, leave);
    case "conflict":
      return resolveConflict(execution, { ...step, action });
    case "delete-local":
      return deleteLocally(execution, { ...step, action });
    case "move-local":
      return moveLocally(execution, { ...step, action });
    case "move-remote":
      return moveRemotely(execution, { ...step, action });
    case "create-folder-local":
      return createLocally(execution, { ...step, action });
    case "record":
      return record(execution, { ...step, action });
    case "forget":
      return { action, status: "done", settlements: [forgetKey(step.key, false)] };
    case "delete-remote":
    case "create-folder-remote":
      throw new Error(`${action.kind} is carried out together with others of its kind`);
  }
}

const NOT_OURS =
  "another version is there already, and the service would keep nothing of it; rename one of them, or overwrite it for good with --permanent-deletes";
const IN_THE_WAY = "a file and a folder have the same name, here or above it; rename one of them";

/** A file the service never takes: to the error folder where there is one, else it stays and is named. */
async function refuse(execution: Execution, action: Extract<Action, { kind: "upload" }>): Promise<Done> {
  const { provider, errorFolder } = execution;
  const refusal = provider.refusal(action.path, action.local.sizeBytes);
  const reason = refusal ?? (action.replaces === undefined ? IN_THE_WAY : NOT_OURS);
  if (!action.thenArchive || errorFolder === undefined) {
    const isHarmless = refusal !== undefined && isOldNews(execution, action, reason);
    return { action, status: "skipped", message: reason, isHarmless };
  }
  const place = await errorFolder.reject(action.local, reason);
  return { action, status: "skipped", message: `${reason}; moved to ${place}` };
}

/** Other files are to be expected between photos: they are told of once, and no error in every run. */
function isOldNews({ provider, refusals }: Execution, { path }: Action, reason: string): boolean {
  return provider.capabilities.onlyMedia === true && refusals.isTold(path, reason);
}

function withoutOldNews(execution: Execution, failure: Done, error: unknown): Done {
  if (!(error instanceof RefusedContentError) || !isOldNews(execution, failure.action, error.message)) return failure;
  return { ...failure, status: "skipped", isHarmless: true };
}

/** A file whose content the service will never take goes the way of those that are refused by their names. */
async function setRefusedAside({ errorFolder }: Execution, action: Action, error: unknown): Promise<Done | undefined> {
  if (!(error instanceof RefusedContentError) || action.kind !== "upload") return undefined;
  if (!action.thenArchive || errorFolder === undefined) return undefined;
  try {
    const place = await errorFolder.reject(action.local, error.message);
    return { action, status: "skipped", message: `${error.message}; moved to ${place}` };
  } catch (failure) {
    return toFailure(action, failure);
  }
}

/** Nothing is touched: the base takes note of what both sides hold already. */
async function record(
  { folder, foldCase, mode }: Execution,
  { action, key, was }: PlannedStep & { readonly action: Extract<Action, { readonly kind: "record" }> },
): Promise<Done> {
  const { local, remote, hash } = action;
  // Where this job writes locally, an earlier run may have put it there and died before it was safe.
  if (sourceOf(mode) !== "local" && local.kind !== "special") await folder.makeDurable(local);
  if (local.kind === "folder" && remote.kind === "folder") {
    const moved = rekey(action, { foldCase, mirrorToo: false });
    return {
      action,
      status: "done",
      settlements: [...moved, agreeOnFolder(key, { local, remote, placed: "neither" })],
    };
  }
  if (local.kind !== "file" || remote.kind !== "file" || hash === undefined) return { action, status: "done" };
  const placed = was?.placed ?? "neither";
  return { action, status: "done", settlements: [agreeOnFile(key, { local, remote, hash, placed, was: undefined })] };
}
