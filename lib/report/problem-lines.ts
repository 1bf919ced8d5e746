import type { Action, Outcome } from "../model/action.js";
import type { Problem } from "../model/entry.js";
import { escapeMessage, escapeName } from "./escape.js";
import { STATUS_WORDS } from "./words.js";

/** "path: what happened. What to do." */
export function problemText(problem: Problem): string {
  return `${escapeName(problem.path)}: ${escapeName(problem.message)}`;
}

/** As `problemText` for an action that was not done. */
export function failureText({ action, status, message }: Outcome): string {
  const told = message ?? (status === "done" ? "" : STATUS_WORDS[status]);
  return `${escapeName(action.path)}: ${escapeName(told)}`;
}

/** What a conflict came to: nothing is lost, but the user has to look. */
export function conflictText(action: Extract<Action, { kind: "conflict" }>): string {
  const path = escapeName(action.path);
  const copy = escapeName(action.copy);
  if (action.about === "name") return `${path}: a file and a folder want this name; the file is now ${copy}`;
  if (action.winner === "both") return `${path}: changed on both sides; the version of this machine is now ${copy}`;
  const loser = action.winner === "local" ? "remote" : "local";
  return `${path}: changed on both sides; the ${action.winner} version was kept, the ${loser} one is in a trash`;
}

/** A message for stderr, every line of it after the program's name. */
export function messageText(message: string): string {
  return escapeMessage(message)
    .split("\n")
    .map((text) => `trisync: ${text}\n`)
    .join("");
}
