import type { ProviderError } from "../model/errors.js";
import { toPathKey, parentOf } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { Action } from "../model/action.js";
import type { RemoteEntry } from "../model/entry.js";
import type { PlannedStep } from "../state/types.js";
import type { Execution } from "./execute-context.js";
import type { Done } from "./execute-record.js";
import { forgetKey } from "./settle.js";

type DeleteRemote = PlannedStep & { readonly action: Extract<Action, { readonly kind: "delete-remote" }> };
type DeleteLocal = PlannedStep & { readonly action: Extract<Action, { readonly kind: "delete-local" }> };

const NOT_EMPTY = "kept, because something that is not synchronised is still in it";

/** Deletes on the remote side what is gone here, after a second look here. One answer for each, in the order given. */
export async function deleteRemotely(
  execution: Execution,
  steps: readonly DeleteRemote[],
): Promise<readonly (Done | { readonly step: DeleteRemote; readonly error: unknown })[]> {
  const backHere = await Promise.all(steps.map((step) => isBackHere(execution, step)));
  const gone = steps.filter((_, i) => backHere[i] !== true);
  const attempts = await execution.provider.delete(
    gone.map((step) => step.action.remote),
    execution.signal,
  );
  const answers = new Map(gone.map((step, i) => [step, attempts[i]]));
  return steps.map((step) => {
    const { action, key } = step;
    if (!answers.has(step))
      return { action, status: "changed-meanwhile", message: "is back on this machine, so it is not deleted remotely" };
    const attempt = answers.get(step);
    if (attempt === undefined) throw new Error("a provider must answer for every entry it was given");
    if (attempt.ok) return { action, status: "done", settlements: [forgetKey(key, true)] };
    if (isFolderInUse(action.remote, attempt.error))
      return { action, status: "skipped", message: NOT_EMPTY, isHarmless: true };
    return { step, error: attempt.error };
  });
}

function isFolderInUse(entry: RemoteEntry, error: ProviderError): boolean {
  return entry.kind === "folder" && error.code === "changed";
}

/** A file that vanished while the scan went on may be there again. In `mirror` modes the other kind of entry may be. */
async function isBackHere({ folder, mode }: Execution, { action, was }: DeleteRemote): Promise<boolean> {
  const path = was?.path ?? action.path;
  const here = await folder.stat(path);
  if (here === undefined || here.kind !== action.remote.kind) return false;
  return mode === "two-way" || mode === "mirror";
}

/** Moves to the local trash what is gone there, after a second look there unless the service itself said so. */
export async function deleteLocally(execution: Execution, step: DeleteLocal): Promise<Done> {
  const { action, key } = step;
  const { folder } = execution;
  if (action.proof === "absence") {
    const there = await lookForIt(execution, action.path);
    // Something of another kind has taken its place, which is why it is to go.
    const isReplaced = there !== undefined && there.kind !== "special" && there.kind !== action.local.kind;
    if (there !== undefined && !isReplaced) return keepIt(execution, step, there);
  }
  if (action.local.kind === "file") {
    await folder.trashFile(action.local);
  } else if (!(await removeFolder(execution, action.path))) {
    return { action, status: "skipped", message: NOT_EMPTY, isHarmless: true };
  }
  return { action, status: "done", settlements: [forgetKey(key, false)] };
}

async function removeFolder({ folder }: Execution, path: SyncPath): Promise<boolean> {
  try {
    await folder.removeFolder(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "changed") return false;
    throw error;
  }
}

/** The highest folder above that is gone answers for everything below it. */
async function lookForIt(execution: Execution, path: SyncPath): Promise<RemoteEntry | undefined> {
  for (const folder of foldersAbove(path)) {
    if (execution.absent.has(folder)) return undefined;
  }
  const there = await execution.provider.stat(path, execution.signal);
  if (there !== undefined) return there;
  for (const folder of foldersAbove(path)) {
    if (execution.present.has(folder)) continue;
    const above = await execution.provider.stat(folder, execution.signal);
    (above === undefined ? execution.absent : execution.present).add(folder);
    if (above === undefined) break;
  }
  return undefined;
}

/** Outermost first. */
function foldersAbove(path: SyncPath): SyncPath[] {
  const above: SyncPath[] = [];
  for (let folder = parentOf(path); folder !== undefined; folder = parentOf(folder)) above.unshift(folder);
  return above;
}

/** The listing was short or behind. What is there now is either what the base knows, or to be planned anew. */
function keepIt({ foldCase }: Execution, { action, was }: DeleteLocal, there: RemoteEntry): Done {
  if (there.kind === "folder") return { action, status: "skipped", message: NOT_EMPTY, isHarmless: true };
  const isKnown = there.kind === "file" && was?.remote.version !== undefined && there.version === was.remote.version;
  const message = `the listing did not show it, but it is still there${isKnown ? "" : " and has changed"}; kept`;
  if (!isKnown) return { action, status: "changed-meanwhile", message };
  const settlement = { kind: "agreed", key: toPathKey(was.path, foldCase), base: was, remote: there } as const;
  return { action, status: "skipped", message, settlements: [settlement], isHarmless: true };
}
