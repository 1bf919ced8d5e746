import { escapeName } from "../report/escape.js";
import { durationText } from "../report/sizes.js";
import type { ListedJob } from "../state/job-directory.js";
import type { RunRecord } from "../state/types.js";
import type { JobHistory } from "./job-history.js";

export interface StatusView {
  readonly job: ListedJob;
  readonly history: JobHistory;
  readonly overdue: boolean;
  readonly nowMs: number;
}

/** A few lines about one job. */
export function historyText({ job, history, overdue, nowMs }: StatusView): string {
  const { last, lastSuccess, runs, failuresInARow, reason } = history;
  const lines = [nameOf(job)];
  const success = lastSuccess === undefined ? `none in ${countText(runs, "run")}` : whenText(endOf(lastSuccess), nowMs);
  lines.push(`  last success: ${success}${overdue ? ", too long ago" : ""}`);
  if (last !== undefined && last !== lastSuccess) {
    const how = last.finishedMs === undefined ? "has not ended" : `ended with exit code ${last.exitCode ?? "unknown"}`;
    lines.push(`  last run: ${whenText(endOf(last), nowMs)}, ${how}`);
  }
  if (failuresInARow > 0) lines.push(`  ${countText(failuresInARow, "failure")} in a row: ${escapeName(reason ?? "")}`);
  return `${lines.join("\n")}\n`;
}

/** The same for `--json`. */
export function historyFields({ job, history, overdue }: StatusView): Readonly<Record<string, unknown>> {
  const { last, lastSuccess, failuresInARow, reason } = history;
  return {
    event: "job",
    job: job.id,
    local: job.description?.local ?? null,
    remote: job.description?.remote ?? null,
    lastSuccess: lastSuccess === undefined ? null : isoTime(endOf(lastSuccess)),
    lastRun: last === undefined ? null : isoTime(last.startedMs),
    lastExitCode: last?.exitCode ?? null,
    failuresInARow,
    reason: reason ?? null,
    overdue,
  };
}

function nameOf({ id, description }: ListedJob): string {
  return escapeName(description === undefined ? id : `${description.local} and ${description.remote}`);
}

function countText(count: number, thing: string): string {
  return `${String(count)} ${thing}${count === 1 ? "" : "s"}`;
}

function endOf({ finishedMs, startedMs }: RunRecord): number {
  return finishedMs ?? startedMs;
}

function whenText(ms: number, nowMs: number): string {
  const time = isoTime(ms).replace("T", " ").replace(/\..*$/, " UTC");
  const ago = nowMs >= ms ? `, ${durationText((nowMs - ms) / 1000)} ago` : "";
  return `${time}${ago}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
