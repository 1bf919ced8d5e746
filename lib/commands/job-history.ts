import { EXIT } from "../report/exit-codes.js";
import type { RunRecord } from "../state/types.js";

/** What the recorded runs of one job say about its health. */
export interface JobHistory {
  readonly last: RunRecord | undefined;
  readonly lastSuccess: RunRecord | undefined;
  /** So many runs are on record: a success before them is forgotten. */
  readonly runs: number;
  /** Runs since then that ended in another way, or were killed. The newest counts only once it has ended. */
  readonly failuresInARow: number;
  /** Why the newest of them failed. */
  readonly reason: string | undefined;
}

/** A clock that is set right goes back by no more than this. */
const SLACK_MS = 5 * 60_000;

/**
 * `all`: newest first. Those later than now are of a time when the clock was wrong, and say nothing of how long ago they were: a
 * success among them must not pass for a recent one until the clock has come as far.
 */
export function historyOf(all: readonly RunRecord[], nowMs = Number.POSITIVE_INFINITY): JobHistory {
  const runs = all.filter(({ startedMs }) => startedMs <= nowMs + SLACK_MS);
  const lastSuccess = runs.find(isSuccess);
  const since = lastSuccess === undefined ? runs : runs.slice(0, runs.indexOf(lastSuccess));
  const failures = since.filter((run, index) => index > 0 || run.finishedMs !== undefined);
  const [newest] = failures;
  return {
    last: runs[0],
    lastSuccess,
    runs: runs.length,
    failuresInARow: failures.length,
    reason: newest && reasonOf(newest),
  };
}

/** True when there was no success within the last `maxAgeMs`. */
export function isOverdue({ lastSuccess }: JobHistory, nowMs: number, maxAgeMs: number): boolean {
  return lastSuccess === undefined || nowMs - (lastSuccess.finishedMs ?? lastSuccess.startedMs) > maxAgeMs;
}

function isSuccess({ exitCode }: RunRecord): boolean {
  return exitCode === EXIT.inStep;
}

function reasonOf({ finishedMs, exitCode, message }: RunRecord): string {
  if (finishedMs === undefined) return "it was killed";
  return message ?? REASONS[exitCode ?? EXIT.bug] ?? `exit code ${exitCode ?? "unknown"}`;
}

const REASONS: Readonly<Record<number, string>> = {
  [EXIT.someFailed]: "some paths failed",
  [EXIT.refused]: "refused for safety",
  [EXIT.budget]: "its budget was used up",
  [EXIT.signedOut]: "not signed in",
  [EXIT.unavailable]: "the service was not available",
  130: "interrupted",
  143: "interrupted",
};
