import type { Action, Outcome } from "../model/action.js";
import type { Problem } from "../model/entry.js";
import type { JobOptions } from "../config/options.js";
import type { RunSummary } from "../engine/types.js";
import { VERSION } from "../version.js";
import { bytesOf } from "./action-bytes.js";
import { originOf } from "./words.js";

/** The lines of `--json`, one object each, fields in the documented order. */
export function startLine(job: JobOptions, jobId: string, planId: string | null): string {
  const { local, remote, mode } = job;
  return line({ event: "start", version: VERSION, job: jobId, local, remote: remote.text, mode, planId });
}

/** Undefined for actions that only tidy the base. */
export function actionLine(action: Action): string | undefined {
  if (action.kind === "forget") return undefined;
  const { kind, path, reason } = action;
  return line({ event: "action", kind, path, bytes: bytesOf(action), reason, ...extras(action) });
}

export function outcomeLine({ action, bytes, status }: Outcome): string | undefined {
  if (action.kind === "forget") return undefined;
  const { kind, path, reason } = action;
  return line({ event: "outcome", kind, path, bytes, status, reason, ...extras(action) });
}

export function problemLine({ side, path, code, message }: Problem): string {
  return line({ event: "problem", side, path, code, message });
}

export function summaryLine(summary: RunSummary): string {
  const { planId, uploaded, downloaded, deletedLocal, deletedRemote, movedLocal, movedRemote } = summary;
  const { conflicts, unchanged, failed, skipped, bytesUp, bytesDown, requests, exitCode } = summary;
  return line({
    event: "summary",
    planId,
    uploaded,
    downloaded,
    deletedLocal,
    deletedRemote,
    movedLocal,
    movedRemote,
    conflicts,
    unchanged,
    failed,
    skipped,
    bytesUp,
    bytesDown,
    requests,
    seconds: Math.round(summary.seconds * 1000) / 1000,
    exitCode,
  });
}

/** A move means nothing without where it starts, nor a conflict without where the other version went. */
function extras(action: Action): Readonly<Record<string, string>> {
  const from = originOf(action);
  if (from !== undefined) return { from };
  return action.kind === "conflict" ? { copy: action.copy } : {};
}

/** One line, in which no byte can end the line or steer a terminal. */
export function line(value: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}
