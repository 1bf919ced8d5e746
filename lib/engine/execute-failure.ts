import { LocalError, ProviderError, REACTIONS } from "../model/errors.js";
import type { LocalErrorCode, ProviderErrorCode } from "../model/errors.js";
import type { Action, OutcomeStatus } from "../model/action.js";
import type { Done } from "./execute-record.js";

const LOCAL_STATUS: Record<LocalErrorCode, OutcomeStatus> = {
  changed: "changed-meanwhile",
  "not-found": "changed-meanwhile",
  exists: "changed-meanwhile",
  full: "failed",
  refused: "failed",
  failed: "failed",
};

const REMOTE_STATUS: Record<ProviderErrorCode, OutcomeStatus> = {
  changed: "changed-meanwhile",
  "not-found": "changed-meanwhile",
  quota: "failed",
  rejected: "failed",
  unavailable: "failed",
  unauthorized: "failed",
  malformed: "failed",
};

/** One failed path is an outcome. What must stop the run, and bugs, are thrown on. */
export function toFailure(action: Action, error: unknown): Done {
  if (error instanceof LocalError) return { action, status: LOCAL_STATUS[error.code], message: error.message };
  if (error instanceof ProviderError && REACTIONS[error.code] === "report") {
    return { action, status: REMOTE_STATUS[error.code], message: error.message };
  }
  throw error;
}

/** What failures so far mean for the steps to come. */
export interface FailureMemory {
  note(action: Action, error: unknown): void;
  /** The action was not tried: what builds on the folder or the name that it would have made has to wait, too. */
  skipped(action: Action): void;
  /** Why nothing more can be uploaded; undefined while it can. */
  readonly remoteFull: string | undefined;
  /** The local disk is full: nothing is deleted on either side any more. */
  readonly isLocalFull: boolean;
  /** Whether the path's folder, or a move it depends on, has failed, as a sentence; undefined when not. */
  blocks(action: Action): string | undefined;
}

/** After this many paths in a row the service counts as out of reach, and the run ends. */
const UNAVAILABLE_IN_A_ROW = 5;

export function createFailureMemory(): FailureMemory & { readonly succeeded: () => void } {
  const failedFolders = new Set<string>();
  const failedMoves: string[] = [];
  const failedSizes = new Set<number>();
  let remoteFull: string | undefined;
  let isLocalFull = false;
  let unavailableInARow = 0;
  const noteMissing = (action: Action): void => {
    if (action.kind === "move-local" || action.kind === "move-remote") failedMoves.push(action.from, action.path);
    if (action.kind === "create-folder-local" || action.kind === "create-folder-remote") failedMoves.push(action.path);
  };
  return {
    skipped: noteMissing,
    succeeded: () => {
      unavailableInARow = 0;
    },
    note: (action, error) => {
      if (error instanceof ProviderError && error.code === "quota") remoteFull = error.message;
      else if (isTransfer(action)) failedFolders.add(folderOf(action.path));
      if (error instanceof LocalError && error.code === "full") isLocalFull = true;
      if (action.kind === "upload") failedSizes.add(action.local.sizeBytes);
      noteMissing(action);
      if (error instanceof ProviderError && error.code === "unavailable") unavailableInARow += 1;
      if (unavailableInARow >= UNAVAILABLE_IN_A_ROW) throw error;
    },
    get remoteFull() {
      return remoteFull;
    },
    get isLocalFull() {
      return isLocalFull;
    },
    blocks: (action) => {
      const move = failedMoves.find((path) => action.path === path || action.path.startsWith(`${path}/`));
      if (move !== undefined) return `waits for ${move}, which failed in this run`;
      if (!isDeletion(action)) return undefined;
      if (isLocalFull) return "nothing is deleted while the local disk is full";
      if (failedFolders.has(folderOf(action.path)))
        return "nothing is deleted in a folder where a transfer failed; the next run tries again";
      const sizeBytes = deletedSize(action);
      if (action.kind === "delete-remote" && sizeBytes !== undefined && failedSizes.has(sizeBytes)) {
        return "kept, because an upload of the same size failed and may be the same file under a new name";
      }
      return undefined;
    },
  };
}

function isTransfer(action: Action): boolean {
  return action.kind === "upload" || action.kind === "download" || action.kind === "conflict";
}

function isDeletion(action: Action): action is Extract<Action, { kind: "delete-local" | "delete-remote" }> {
  return action.kind === "delete-local" || action.kind === "delete-remote";
}

function deletedSize(action: Extract<Action, { kind: "delete-local" | "delete-remote" }>): number | undefined {
  const entry = action.kind === "delete-local" ? action.local : action.remote;
  return entry.kind === "file" ? entry.sizeBytes : undefined;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
