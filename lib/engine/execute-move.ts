import type { Action } from "../model/action.js";
import type { LocalFile, LocalFolder, RemoteFile, RemoteFolder } from "../model/entry.js";
import { compareHashes } from "../model/hash.js";
import { toPathKey } from "../model/path.js";
import { haveOtherSizes } from "../model/size.js";
import type { PlannedStep, Settlement } from "../state/types.js";
import { onlyAttempt } from "./execute-attempt.js";
import type { Execution } from "./execute-context.js";
import type { Done } from "./execute-record.js";
import { agreeOnFile, agreeOnFolder, forgetKey, rekey } from "./settle.js";

type MoveAction = Extract<Action, { readonly kind: "move-local" | "move-remote" }>;
type MoveStep = PlannedStep & { readonly action: MoveAction };
type MoveRemote = PlannedStep & { readonly action: Extract<Action, { readonly kind: "move-remote" }> };

/** Makes the remote side follow one rename. */
export async function moveRemotely(execution: Execution, step: MoveRemote): Promise<Done> {
  const { action } = step;
  const moved = onlyAttempt(
    await execution.provider.move([{ entry: action.remote, to: action.path }], execution.signal),
  );
  return finishRemoteMove(execution, step, moved);
}

/** Makes the remote side follow many renames of files with few requests. One answer for each, in the order given. */
export async function moveManyRemotely(
  execution: Execution,
  steps: readonly MoveRemote[],
): Promise<readonly (Done | { readonly step: MoveRemote; readonly error: unknown })[]> {
  const moves = steps.map(({ action }) => ({ entry: action.remote, to: action.path }));
  const attempts = await execution.provider.move(moves, execution.signal);
  return steps.map((step, i) => {
    const attempt = attempts[i];
    if (attempt === undefined) throw new Error("a provider must answer for every entry it was given");
    return attempt.ok ? finishRemoteMove(execution, step, attempt.value) : { step, error: attempt.error };
  });
}

function finishRemoteMove(execution: Execution, step: MoveRemote, moved: RemoteFile | RemoteFolder): Done {
  const settlements = settleMove(execution, step, { local: step.action.local, remote: moved });
  return { action: step.action, status: "done", settlements };
}

/** Makes this machine follow one rename. */
export async function moveLocally(
  execution: Execution,
  step: PlannedStep & { readonly action: Extract<Action, { readonly kind: "move-local" }> },
): Promise<Done> {
  const { action } = step;
  const moved = await execution.folder.move(action.local, action.path);
  if (moved.kind === "special") throw new Error("a moved entry keeps its kind");
  return { action, status: "done", settlements: settleMove(execution, step, { local: moved, remote: action.remote }) };
}

interface Moved {
  readonly local: LocalFile | LocalFolder;
  readonly remote: RemoteFile | RemoteFolder;
}

function settleMove(execution: Execution, { action, key, was }: MoveStep, { local, remote }: Moved): Settlement[] {
  const mirrorToo = action.kind === "move-remote";
  if (local.kind === "folder" && remote.kind === "folder") {
    const moved = rekey(action, { foldCase: execution.foldCase, mirrorToo });
    return [...moved, agreeOnFolder(key, { local, remote, placed: mirrorToo ? "remote" : "local" })];
  }
  if (local.kind !== "file" || remote.kind !== "file" || was === undefined) return [];
  const oldKey = toPathKey(action.from, execution.foldCase);
  const left = oldKey === key ? [] : [forgetKey(oldKey, mirrorToo)];
  const { placed } = was;
  const isSame = !mirrorToo || (action.remote.kind === "file" && isSameContent(remote, action.remote));
  // A move leaves the content alone, so the hash known before it still holds.
  const there = isSame ? { ...remote, hash: remote.hash ?? was.remote.hash } : remote;
  const agreed = agreeOnFile(key, { local, remote: there, hash: was.local.hash, placed, was: undefined });
  if (isSame) return [...left, agreed];
  // Somebody wrote another version meanwhile, which went along. The base keeps the one it knows, so that the next plan sees it.
  return [...left, { ...agreed, base: { ...agreed.base, remote: { ...was.remote, id: remote.id } } }];
}

/** A move may give a new version to the same content; then what is known of the content tells, and a weak hash only with the time. */
function isSameContent(moved: RemoteFile, listed: RemoteFile): boolean {
  if (moved.version !== undefined && moved.version === listed.version) return true;
  if (haveOtherSizes(moved.sizeBytes, listed.sizeBytes)) return false;
  if (compareHashes(moved.hash, listed.hash) === "different") return false;
  return moved.modifiedMs === listed.modifiedMs;
}
