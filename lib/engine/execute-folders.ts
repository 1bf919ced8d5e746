import type { Action } from "../model/action.js";
import type { PlannedStep } from "../state/types.js";
import type { Execution } from "./execute-context.js";
import type { Done } from "./execute-record.js";
import { agreeOnFolder } from "./settle.js";

type CreateRemote = PlannedStep & { readonly action: Extract<Action, { readonly kind: "create-folder-remote" }> };
type CreateLocal = PlannedStep & { readonly action: Extract<Action, { readonly kind: "create-folder-local" }> };

/** One answer for each, in the order given. */
export async function createRemotely(
  execution: Execution,
  steps: readonly CreateRemote[],
): Promise<readonly (Done | { readonly step: CreateRemote; readonly error: unknown })[]> {
  const paths = steps.map(({ action }) => action.path);
  const attempts = await execution.provider.createFolders(paths, execution.signal);
  return steps.map((step, i) => {
    const attempt = attempts[i];
    if (attempt === undefined) throw new Error("a provider must answer for every entry it was given");
    if (!attempt.ok) return { step, error: attempt.error };
    const settlement = agreeOnFolder(step.key, { local: step.action.local, remote: attempt.value, placed: "remote" });
    return { action: step.action, status: "done", settlements: [settlement] };
  });
}

export async function createLocally({ folder }: Execution, { action, key }: CreateLocal): Promise<Done> {
  const local = await folder.createFolder(action.path);
  if (local.kind !== "folder") throw new Error("a created folder is a folder");
  return {
    action,
    status: "done",
    settlements: [agreeOnFolder(key, { local, remote: action.remote, placed: "local" })],
  };
}
