import type { Action, Reason } from "../model/action.js";
import type { LocalFolder, RemoteFolder } from "../model/entry.js";
import { joinPath, nameOf, parentOf } from "../model/path.js";
import { caseRename } from "./assess.js";
import type { PlanOptions, Presence } from "./plan.js";
import { STAGE } from "./stages.js";
import type { Stage } from "./stages.js";
import type { Triple } from "./triple.js";

export interface FolderPlan {
  readonly after: Presence;
  readonly steps: readonly { readonly stage: Stage; readonly action: Action }[];
}

interface FolderState {
  /** What survives below it, by side. */
  readonly below: Presence;
  readonly isUnknown: boolean;
  /** A file and a folder change places here or above: the folder must go before the file comes. */
  readonly makesRoom: boolean;
}

type FolderDecision = "keep" | "leave" | "create-remote" | "create-local" | "delete-remote" | "delete-local" | "forget";

/** What is to be done about the folder of one key, now that everything below it has been planned. */
export function planFolder(triple: Triple, state: FolderState, options: PlanOptions): FolderPlan {
  const local = triple.local?.kind === "folder" ? triple.local : undefined;
  const remote = triple.remote?.kind === "folder" ? triple.remote : undefined;
  const known = triple.base?.kind === "folder";
  const after = { local: local !== undefined || state.below.local, remote: remote !== undefined || state.below.remote };
  const isSettled = local === undefined && remote === undefined && !known;
  if (isSettled || triple.ignored || state.isUnknown || isUnknownSomewhere(triple)) {
    return { after: isSettled ? { local: false, remote: false } : after, steps: [] };
  }
  const survives = state.below.local || state.below.remote;
  const facts = { local: local !== undefined, remote: remote !== undefined, known, survives };
  const decision = decideFolder(facts, triple, options);
  const isUnwanted =
    !survives && !options.emptyFolders && (decision === "create-remote" || decision === "create-local");
  return stepsFor(isUnwanted || (!options.hasFolders && isAboutAbsence(decision)) ? "leave" : decision, {
    triple,
    local,
    remote,
    after,
    options,
    makesRoom: state.makesRoom,
  });
}

/** Where a folder is there only while it holds something, it comes and goes by itself, and its absence says nothing. */
function isAboutAbsence(decision: FolderDecision): boolean {
  return decision === "create-remote" || decision === "delete-remote" || decision === "delete-local";
}

function isUnknownSomewhere(triple: Triple): boolean {
  return triple.unknown.local || triple.unknown.remote;
}

interface FolderFacts {
  readonly local: boolean;
  readonly remote: boolean;
  /** The base knows it. */
  readonly known: boolean;
  /** Something below it will be there on either side. */
  readonly survives: boolean;
}

function decideFolder(facts: FolderFacts, triple: Triple, options: PlanOptions): FolderDecision {
  if (facts.local && facts.remote) return options.mode === "outbox" ? "leave" : "keep";
  if (!facts.local && !facts.remote) return "forget";
  const placed = triple.base?.kind === "folder" ? triple.base.placed : "neither";
  switch (options.mode) {
    case "two-way":
      return decideTwoWay(facts);
    case "backup":
      if (!facts.local) return "leave";
      return placed === "remote" && !facts.survives ? "leave" : "create-remote";
    case "fetch":
      if (!facts.remote) return "leave";
      return placed === "local" && !facts.survives ? "leave" : "create-local";
    case "mirror":
      if (facts.local) return "create-remote";
      return facts.survives ? "leave" : "delete-remote";
    case "mirror-down":
      if (facts.remote) return "create-local";
      return facts.survives ? "leave" : "delete-local";
    case "outbox":
      return "leave";
  }
}

function decideTwoWay({ local, known, survives }: FolderFacts): FolderDecision {
  const isDeletedElsewhere = known && !survives;
  if (local) return isDeletedElsewhere ? "delete-local" : "create-remote";
  return isDeletedElsewhere ? "delete-remote" : "create-local";
}

interface StepContext {
  readonly triple: Triple;
  readonly local: LocalFolder | undefined;
  readonly remote: RemoteFolder | undefined;
  readonly after: Presence;
  readonly options: PlanOptions;
  readonly makesRoom: boolean;
}

const BOTH: Presence = { local: true, remote: true };
const NEITHER: Presence = { local: false, remote: false };

function stepsFor(decision: FolderDecision, context: StepContext): FolderPlan {
  const { triple, local, remote, after } = context;
  switch (decision) {
    case "leave":
      return { after, steps: [] };
    case "keep":
      return { after: BOTH, steps: keepSteps(context) };
    case "forget":
      return { after, steps: [{ stage: STAGE.record, action: forget(triple) }] };
    case "create-remote":
      return local === undefined ? { after, steps: [] } : createRemote(triple, local);
    case "create-local":
      return remote === undefined ? { after, steps: [] } : createLocal(triple, remote);
    case "delete-remote":
      return remote === undefined || !context.options.canDelete ? { after, steps: [] } : deleteRemote(context, remote);
    case "delete-local":
      return local === undefined ? { after, steps: [] } : deleteLocal(context, local);
  }
}

function forget(triple: Triple): Action {
  return { kind: "forget", path: triple.localPath, reason: "same-content" };
}

function createRemote(triple: Triple, local: LocalFolder): FolderPlan {
  const reason: Reason = triple.base === undefined ? "local-new" : "missing-on-target";
  const action: Action = { kind: "create-folder-remote", path: triple.remotePath, reason, local };
  return { after: BOTH, steps: [{ stage: STAGE.folders, action }] };
}

function createLocal(triple: Triple, remote: RemoteFolder): FolderPlan {
  const reason: Reason = triple.base === undefined ? "remote-new" : "missing-on-target";
  const action: Action = { kind: "create-folder-local", path: triple.localPath, reason, remote };
  return { after: BOTH, steps: [{ stage: STAGE.folders, action }] };
}

function deletionStage(makesRoom: boolean): Stage {
  return makesRoom ? STAGE.roomFolders : STAGE.deleteFolders;
}

function deleteRemote({ triple, makesRoom }: StepContext, remote: RemoteFolder): FolderPlan {
  const reason: Reason = triple.base === undefined ? "mirrored" : "local-deleted";
  const action: Action = { kind: "delete-remote", path: remote.path, reason, remote };
  return { after: NEITHER, steps: [{ stage: deletionStage(makesRoom), action }] };
}

function deleteLocal({ triple, makesRoom }: StepContext, local: LocalFolder): FolderPlan {
  const reason: Reason = triple.base === undefined ? "mirrored" : "remote-deleted";
  const proof = triple.tombstone ? "tombstone" : "absence";
  const action: Action = { kind: "delete-local", path: local.path, reason, local, proof };
  return { after: NEITHER, steps: [{ stage: deletionStage(makesRoom), action }] };
}

function keepSteps({ triple, local, remote, options }: StepContext): FolderPlan["steps"] {
  if (local === undefined || remote === undefined) return [];
  const base = triple.base?.kind === "folder" ? triple.base : undefined;
  const rename = base === undefined || !options.canMove ? undefined : caseRename(base, local, remote);
  if (rename === "remote" && options.mode !== "fetch" && options.mode !== "mirror-down") {
    const path = joinPath(parentOf(triple.remotePath), nameOf(local.path));
    return [
      {
        stage: STAGE.folders,
        action: { kind: "move-remote", reason: "local-moved", path, from: remote.path, remote, local },
      },
    ];
  }
  if (rename === "local" && options.mode !== "backup" && options.mode !== "mirror") {
    const path = joinPath(parentOf(triple.localPath), nameOf(remote.path));
    return [
      {
        stage: STAGE.folders,
        action: { kind: "move-local", reason: "remote-moved", path, from: local.path, local, remote },
      },
    ];
  }
  const isKnown = base !== undefined && base.inode === local.inode && base.remoteId === remote.id;
  if (isKnown) return [];
  const action: Action = {
    kind: "record",
    path: local.path,
    reason: "same-content",
    local,
    remote,
    hash: undefined,
    from: undefined,
  };
  return [{ stage: STAGE.record, action }];
}
