import type { Action, OutcomeStatus, Reason, ReportedKind } from "../model/action.js";

/** What a plan calls its actions. */
export const ACTION_WORDS: Record<ReportedKind, string> = {
  upload: "upload",
  download: "download",
  "delete-remote": "delete remote",
  "delete-local": "delete local",
  "move-remote": "move remote",
  "move-local": "move local",
  "create-folder-remote": "folder remote",
  "create-folder-local": "folder local",
  conflict: "conflict",
  record: "record",
};

/** How many of them, after the number. */
export const COUNT_WORDS: Record<ReportedKind, string> = {
  upload: "to upload",
  download: "to download",
  "delete-remote": "to delete there",
  "delete-local": "to delete here",
  "move-remote": "to move there",
  "move-local": "to move here",
  "create-folder-remote": "folders to create there",
  "create-folder-local": "folders to create here",
  conflict: "in conflict",
  record: "the same already",
};

/** Why, for people. */
export const REASON_WORDS: Record<Reason, string> = {
  "local-new": "new here",
  "local-modified": "changed here",
  "local-deleted": "deleted here",
  "local-moved": "moved here",
  "remote-new": "new there",
  "remote-modified": "changed there",
  "remote-deleted": "deleted there",
  "remote-moved": "moved there",
  "both-modified": "changed on both sides",
  "both-new": "new on both sides, not the same",
  "same-content": "same content already",
  touched: "only times or ids changed",
  mirrored: "follows the other side",
  "missing-on-target": "missing there",
  replaced: "gives way to another entry of its name",
  outbox: "to be handed over",
};

/** For an outcome that brought no message of its own. */
export const STATUS_WORDS: Record<Exclude<OutcomeStatus, "done">, string> = {
  failed: "failed. It is tried again by the next run.",
  skipped: "skipped. It is tried again by the next run.",
  "changed-meanwhile": "changed while the run was at work. The next run looks at it again.",
};

/** Where the action leads from, for moves. */
export function originOf(action: Action): string | undefined {
  return action.kind === "move-local" || action.kind === "move-remote" ? action.from : undefined;
}
