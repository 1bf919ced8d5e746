import type { Action, Reason } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import { joinPath, nameOf, parentOf } from "../model/path.js";
import { caseRename } from "./assess.js";
import type { FileSides, Verdict } from "./assess.js";
import { NOTHING_THERE } from "./plan.js";
import type { FilePlan, PlanOptions, Presence } from "./plan.js";
import { fileSidesOf } from "./resolve.js";
import type { Resolved } from "./resolve.js";
import { STAGE } from "./stages.js";
import type { Stage } from "./stages.js";
import type { Triple } from "./triple.js";

interface Context {
  readonly triple: Triple;
  readonly sides: FileSides;
  readonly verdict: Verdict;
  readonly options: PlanOptions;
  readonly deleteStage: Stage;
  /** A file and a folder have the same name here or above. */
  readonly makesRoom: boolean;
}

/** What is to be done about the file of one key, as the verdict says. */
export function planFile(resolved: Resolved, options: PlanOptions, where: { readonly makesRoom: boolean }): FilePlan {
  const { triple, verdict } = resolved;
  const sides = fileSidesOf(triple);
  const here: Presence = { local: sides.local !== undefined, remote: sides.remote !== undefined };
  if (triple.ignored && triple.base !== undefined) return plan(here, STAGE.record, forget(triple));
  if (verdict === undefined) return { ...NOTHING_THERE, after: here };
  const deleteStage = where.makesRoom ? STAGE.roomFiles : STAGE.deleteFiles;
  return planVerdict({ triple, sides, verdict, options, deleteStage, makesRoom: where.makesRoom }, here);
}

function planVerdict(context: Context, here: Presence): FilePlan {
  const { triple, sides, verdict, options } = context;
  const { local, remote } = sides;
  switch (verdict.decision) {
    case "keep":
      return options.mode === "outbox" ? { ...NOTHING_THERE, after: here } : keepFile(context, here);
    case "leave":
      return { ...NOTHING_THERE, after: here };
    case "record":
      return isInStep(verdict)
        ? (planCaseRename(context, here) ?? recordFile(context, here))
        : recordFile(context, here);
    case "forget":
      // A folder may have taken the place of the file: its own record follows.
      return plan(here, STAGE.record, forget(triple));
    case "upload":
      return local === undefined ? NOTHING_THERE : uploadFile(context, local, remote);
    case "download":
      return remote === undefined ? NOTHING_THERE : downloadFile(context, remote, local);
    case "delete-remote":
      return remote === undefined ? NOTHING_THERE : deleteRemoteFile(context, remote);
    case "delete-local":
      return local === undefined ? NOTHING_THERE : deleteLocalFile(context, local);
    case "conflict":
      if (local === undefined || remote === undefined) return NOTHING_THERE;
      // An outbox compares bytes before it sends the file under another name. Where nothing can be compared, nothing is replaced either.
      if (options.mode === "outbox" && !options.canDownload) return uploadFile(context, local, remote);
      return conflictFile(context, local, remote);
  }
}

/** The bytes are in step; a rename by case alone may still have to travel. */
function keepFile(context: Context, here: Presence): FilePlan {
  return planCaseRename(context, here) ?? { after: here, steps: [], isUnchanged: true };
}

function planCaseRename({ triple, sides, options }: Context, here: Presence): FilePlan | undefined {
  const { base, local, remote } = sides;
  if (base === undefined || local === undefined || remote === undefined || !options.canMove) return undefined;
  const follower = caseRename(base, local, remote);
  if (follower === "remote" && options.mode !== "fetch" && options.mode !== "mirror-down") {
    const path = renamed(triple.remotePath, local);
    return plan(here, STAGE.fileMoves, {
      kind: "move-remote",
      reason: "local-moved",
      path,
      from: remote.path,
      remote,
      local,
    });
  }
  if (follower === "local" && options.mode !== "backup" && options.mode !== "mirror") {
    const path = renamed(triple.localPath, remote);
    return plan(here, STAGE.fileMoves, {
      kind: "move-local",
      reason: "remote-moved",
      path,
      from: local.path,
      local,
      remote,
    });
  }
  return undefined;
}

function isInStep({ local, remote }: Verdict): boolean {
  return local === "unchanged" && remote === "unchanged";
}

function recordFile({ triple, sides, verdict, options }: Context, here: Presence): FilePlan {
  const { base, local, remote } = sides;
  if (local === undefined || remote === undefined) return { ...NOTHING_THERE, after: here };
  if (options.mode === "outbox") return archiveFile(triple, local, remote);
  const reason: Reason = base === undefined || verdict.local === "modified" ? "same-content" : "touched";
  const known = { ...remote, hash: remote.hash ?? verdict.remoteHash };
  const action: Action = {
    kind: "record",
    path: local.path,
    reason,
    local,
    remote: known,
    hash: verdict.localHash,
    from: undefined,
  };
  return { after: here, steps: [{ stage: STAGE.record, action }], isUnchanged: true };
}

function archiveFile(triple: Triple, local: LocalFile, remote: RemoteFile): FilePlan {
  return plan({ local: false, remote: true }, STAGE.transfers, {
    kind: "upload",
    path: triple.remotePath,
    reason: "outbox",
    local,
    replaces: remote,
    stored: remote,
    thenArchive: true,
  });
}

function uploadFile(context: Context, local: LocalFile, remote: RemoteFile | undefined): FilePlan {
  const { triple, options, makesRoom } = context;
  // An outbox makes no room there: what has no place waits here.
  const isBlocked = options.mode === "outbox" && makesRoom;
  const isRefused =
    isBlocked || isOverwriting(context) || options.refusal(triple.remotePath, local.sizeBytes) !== undefined;
  const after = { local: options.mode !== "outbox", remote: remote !== undefined || !isRefused };
  return plan(after, isRefused ? STAGE.refused : STAGE.transfers, {
    kind: "upload",
    path: triple.remotePath,
    reason: uploadReason(context),
    local,
    replaces: remote,
    stored: undefined,
    thenArchive: options.mode === "outbox",
  });
}

/** What stands there is no version of this job's, and would be gone for good. */
function isOverwriting({ sides, verdict, options }: Context): boolean {
  if (sides.remote === undefined || options.canOverwrite) return false;
  return sides.base === undefined || verdict.remote !== "unchanged";
}

function uploadReason({ sides, verdict, options }: Context): Reason {
  if (options.mode === "outbox") return "outbox";
  if (sides.base === undefined) return sides.remote === undefined ? "local-new" : "mirrored";
  if (verdict.local === "modified") return "local-modified";
  return sides.remote === undefined ? "missing-on-target" : "mirrored";
}

function downloadFile(context: Context, remote: RemoteFile, local: LocalFile | undefined): FilePlan {
  const action: Action = {
    kind: "download",
    path: context.triple.localPath,
    reason: downloadReason(context),
    remote,
    replaces: local,
  };
  return plan({ local: true, remote: true }, STAGE.transfers, action);
}

function downloadReason({ sides, verdict }: Context): Reason {
  if (sides.base === undefined) return sides.local === undefined ? "remote-new" : "mirrored";
  if (verdict.remote === "modified") return "remote-modified";
  return sides.local === undefined ? "missing-on-target" : "mirrored";
}

function deleteRemoteFile({ sides, options, deleteStage }: Context, remote: RemoteFile): FilePlan {
  const isWithheld = !options.canDelete && options.canMove && deleteStage === STAGE.deleteFiles;
  if (!options.canDelete && !isWithheld) return { ...NOTHING_THERE, after: { local: false, remote: true } };
  const reason: Reason = sides.base === undefined ? "mirrored" : "local-deleted";
  return plan({ local: false, remote: isWithheld }, isWithheld ? STAGE.withheld : deleteStage, {
    kind: "delete-remote",
    path: remote.path,
    reason,
    remote,
  });
}

function deleteLocalFile({ triple, sides, deleteStage }: Context, local: LocalFile): FilePlan {
  const isMirrored = sides.base === undefined;
  return plan({ local: false, remote: false }, deleteStage, {
    kind: "delete-local",
    path: local.path,
    reason: isMirrored ? "mirrored" : "remote-deleted",
    local,
    proof: triple.tombstone ? "tombstone" : "absence",
  });
}

/** The copy's name is chosen later, when all names are known. */
function conflictFile({ triple, sides, options }: Context, local: LocalFile, remote: RemoteFile): FilePlan {
  const winner = winnerOf(options.conflictRule, local, remote);
  const action: Action = {
    kind: "conflict",
    about: "content",
    path: triple.localPath,
    reason: sides.base === undefined ? "both-new" : "both-modified",
    local,
    remote,
    winner: options.mode === "outbox" ? "remote" : winner === "local" && !options.canOverwrite ? "both" : winner,
    copy: triple.localPath,
    copyExists: false,
  };
  return plan({ local: true, remote: true }, STAGE.conflicts, action);
}

function winnerOf(
  rule: PlanOptions["conflictRule"],
  local: LocalFile,
  remote: RemoteFile,
): "both" | "local" | "remote" {
  if (rule === "keep-both") return "both";
  if (rule !== "newer") return rule;
  if (remote.modifiedMs === undefined || remote.modifiedMs === local.modifiedMs) return "both";
  return local.modifiedMs > remote.modifiedMs ? "local" : "remote";
}

function forget(triple: Triple): Action {
  return { kind: "forget", path: triple.localPath, reason: "same-content" };
}

function plan(after: Presence, stage: Stage, action: Action): FilePlan {
  return { after, steps: [{ stage, action }], isUnchanged: false };
}

/** `path` with the last name spelt as `like` has it. */
function renamed(path: Triple["localPath"], like: LocalFile | RemoteFile): Triple["localPath"] {
  return joinPath(parentOf(path), nameOf(like.path));
}
