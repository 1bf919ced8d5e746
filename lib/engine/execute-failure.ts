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
  exhausted: "failed",
  rejected: "failed",
  unavailable: "failed",
  locked: "failed",
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

/** Why a step is not tried. What only waits for something that changed meanwhile is planned again with it in this run. */
export interface Block {
  readonly message: string;
  readonly status: Extract<OutcomeStatus, "skipped" | "changed-meanwhile">;
}

/** What failures so far mean for the steps to come. */
export interface FailureMemory {
  note(action: Action, error: unknown): void;
  /** Throws the last error once so many in a row said that the service is out of reach. */
  assertReachable(): void;
  /** The action was not tried: what builds on the folder or the name that it would have made has to wait, too. */
  blocked(action: Action, block: Block): void;
  succeeded(): void;
  /** Why nothing more can be uploaded; undefined while it can. */
  readonly remoteFull: string | undefined;
  /** Whether the path's folder, or a move it depends on, has failed; undefined when not. */
  blocks(action: Action): Block | undefined;
}

/** After this many paths in a row the service counts as out of reach, and the run ends. */
export const UNAVAILABLE_IN_A_ROW = 5;

export function createFailureMemory(): FailureMemory {
  const folders = new Map<string, Block["status"]>();
  const missing = new Map<string, Block["status"]>();
  const uploadSizes = new Map<number, Block["status"]>();
  let remoteFull: string | undefined;
  /** Then nothing is deleted on either side any more. */
  let isLocalFull = false;
  let unavailableInARow = 0;
  let outOfReach: { readonly error: unknown } | undefined;
  return {
    blocked: (action, { status }) => {
      noteMissing(missing, action, status);
    },
    succeeded: () => {
      unavailableInARow = 0;
    },
    note: (action, error) => {
      const status = isPassing(error) ? "changed-meanwhile" : "skipped";
      if (error instanceof ProviderError && error.code === "quota") remoteFull = `not tried: ${error.message}`;
      else if (isTransfer(action)) note(folders, folderOf(action.path), status);
      if (error instanceof LocalError && error.code === "full") isLocalFull = true;
      if (action.kind === "upload") note(uploadSizes, action.local.sizeBytes, status);
      noteMissing(missing, action, status);
      if (error instanceof ProviderError && error.code === "unavailable") unavailableInARow += 1;
      if (unavailableInARow >= UNAVAILABLE_IN_A_ROW) outOfReach = { error };
    },
    assertReachable: () => {
      if (outOfReach !== undefined) throw outOfReach.error;
    },
    get remoteFull() {
      return remoteFull;
    },
    blocks: (action) => {
      const waitsFor = missingAbove(missing, action.path);
      if (waitsFor !== undefined) return waitsFor;
      if (!isDeletion(action)) return undefined;
      if (isLocalFull) return { message: "nothing is deleted while the local disk is full", status: "skipped" };
      const inFolder = folders.get(folderOf(action.path));
      if (inFolder !== undefined) return { message: IN_FAILED_FOLDER, status: inFolder };
      const sizeBytes = action.kind === "delete-remote" ? deletedSize(action) : undefined;
      const ofSize = sizeBytes === undefined ? undefined : uploadSizes.get(sizeBytes);
      return ofSize === undefined ? undefined : { message: MAY_BE_RENAMED, status: ofSize };
    },
  };
}

const IN_FAILED_FOLDER = "nothing is deleted in a folder where a transfer failed; the next run tries again";
const MAY_BE_RENAMED = "kept, because an upload of the same size failed and may be the same file under a new name";

function isPassing(error: unknown): boolean {
  if (error instanceof LocalError) return LOCAL_STATUS[error.code] === "changed-meanwhile";
  return error instanceof ProviderError && REMOTE_STATUS[error.code] === "changed-meanwhile";
}

/** What failed for good stays so, whatever else changes at the same place. */
function note<K>(statuses: Map<K, Block["status"]>, key: K, status: Block["status"]): void {
  if (statuses.get(key) !== "skipped") statuses.set(key, status);
}

/** Paths that are not there because the action that would have made them failed or was not tried. */
function noteMissing(missing: Map<string, Block["status"]>, action: Action, status: Block["status"]): void {
  const isMove = action.kind === "move-local" || action.kind === "move-remote";
  const isCreation = action.kind === "create-folder-local" || action.kind === "create-folder-remote";
  if (isMove) note(missing, action.from, status);
  if (isMove || isCreation) note(missing, action.path, status);
}

/** What the path itself, or the nearest folder above it that is missing, has to wait for. */
function missingAbove(missing: ReadonlyMap<string, Block["status"]>, path: string): Block | undefined {
  if (missing.size === 0) return undefined;
  for (let place = path; place !== ""; place = folderOf(place)) {
    const status = missing.get(place);
    if (status !== undefined) return { message: `waits for ${place}, which failed in this run`, status };
  }
  return undefined;
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
