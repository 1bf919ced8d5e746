import type { Action, Outcome, ReportedKind } from "../model/action.js";
import type { Problem } from "../model/entry.js";
import type { RunTotals } from "../state/types.js";

/** The engine reports through this, one call per thing that happens. */
export interface RunEvents {
  /** Before the first action is shown or executed. */
  started(info: { planId: string | null }): void;
  /** `plan`: what would be done, in order. */
  action(action: Action): void;
  /** `sync`: what was done. */
  outcome(outcome: Outcome): void;
  problem(problem: Problem): void;
  /** Damaged state put aside, waiting for the service … */
  notice(message: string): void;
  phase(phase: "scan" | "list" | "plan" | "transfer" | "delete"): void;
  /** For the progress display. */
  planned(totals: { files: number; bytes: number }): void;
  /** In flight. */
  progress(p: { path: string; kind: ReportedKind; bytesDone: number; bytesTotal: number }): void;
}

export interface RunSummary extends RunTotals {
  readonly planId: string | null;
  readonly seconds: number;
  readonly exitCode: number;
  readonly refusal: string | undefined;
  readonly budgetReached: boolean;
  /** What ended the run before its plan was done: signed out, service out of reach, interrupted. Undefined when nothing did. */
  readonly failure: unknown;
}
