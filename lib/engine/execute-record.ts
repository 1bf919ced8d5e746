import type { Action, Outcome, OutcomeStatus } from "../model/action.js";
import type { JobState, RunTotals, Settlement } from "../state/types.js";
import type { RunEvents } from "./types.js";

/** What became of an action, with the changes to the base that follow from it. */
export interface Done {
  readonly action: Action;
  readonly status: OutcomeStatus;
  readonly bytes?: number;
  readonly message?: string;
  readonly settlements?: readonly Settlement[];
  /** Skipped for a reason that leaves both sides in step: no error. */
  readonly isHarmless?: boolean;
}

/** Settles outcomes in the base first, then reports and counts them: what was reported survives a kill. */
export interface Recorder {
  /** Resolves once the outcome is durable. Outcomes that arrive together share one transaction. */
  record(done: Done): Promise<void>;
  /** Settles what is still waiting. */
  flush(): void;
  readonly totals: Totals;
  /** Outcomes that are to be planned again within the run. */
  readonly changedMeanwhile: number;
  /** Paths that failed, or were skipped with an error. */
  readonly troubles: number;
}

export type Totals = { -readonly [Name in Exclude<keyof RunTotals, "requests" | "unchanged">]: number };

/** Calls back soon: how soon decides how many outcomes share one transaction. */
export type Pace = (settle: () => void) => void;

export function createRecorder(
  state: Pick<JobState, "settle">,
  events: Pick<RunEvents, "outcome">,
  pace: Pace = setImmediate,
): Recorder {
  let waiting: { done: Done; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isScheduled = false;
  let changedMeanwhile = 0;
  let troubles = 0;
  const totals = noTotals();
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      state.settle(batch.flatMap(({ done }) => done.settlements ?? []));
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { done, resolve } of batch) {
      count(totals, done);
      if (done.status === "changed-meanwhile") changedMeanwhile += 1;
      if (done.status === "failed" || (done.status === "skipped" && done.isHarmless !== true)) troubles += 1;
      if (done.action.kind !== "forget") events.outcome(toOutcome(done));
      resolve();
    }
  };
  const flushScheduled = (): void => {
    isScheduled = false;
    flush();
  };
  return {
    record: (done) =>
      new Promise((resolve, reject) => {
        waiting.push({ done, resolve, reject });
        if (isScheduled) return;
        isScheduled = true;
        pace(flushScheduled);
      }),
    flush,
    totals,
    get changedMeanwhile() {
      return changedMeanwhile;
    },
    get troubles() {
      return troubles;
    },
  };
}

function noTotals(): Totals {
  return {
    uploaded: 0,
    downloaded: 0,
    deletedLocal: 0,
    deletedRemote: 0,
    movedLocal: 0,
    movedRemote: 0,
    conflicts: 0,
    failed: 0,
    skipped: 0,
    bytesUp: 0,
    bytesDown: 0,
  };
}

function toOutcome({ action, status, bytes, message, isHarmless }: Done): Outcome {
  return { action, status, bytes: bytes ?? 0, message, ...(isHarmless === true ? { isHarmless } : {}) };
}

function count(totals: Totals, { action, status, bytes = 0 }: Done): void {
  if (status === "failed") totals.failed += 1;
  if (status === "skipped") totals.skipped += 1;
  if (status !== "done") return;
  switch (action.kind) {
    case "upload":
      totals.uploaded += action.stored === undefined ? 1 : 0;
      totals.bytesUp += bytes;
      return;
    case "download":
      totals.downloaded += 1;
      totals.bytesDown += bytes;
      return;
    case "delete-remote":
      totals.deletedRemote += action.remote.kind === "file" ? 1 : 0;
      return;
    case "delete-local":
      totals.deletedLocal += action.local.kind === "file" ? 1 : 0;
      return;
    case "move-remote":
      totals.movedRemote += 1;
      return;
    case "move-local":
      totals.movedLocal += 1;
      return;
    case "conflict":
      totals.conflicts += 1;
      return;
    case "create-folder-remote":
    case "create-folder-local":
    case "record":
    case "forget":
      return;
  }
}
