import type { RunSummary } from "../engine/types.js";
import type { Outcome } from "../model/action.js";
import { createColours } from "./colours.js";
import { PlanView } from "./plan-view.js";
import { conflictText, messageText } from "./problem-lines.js";
import type { RunFacts, RunOutput } from "./run-output.js";
import type { Screen } from "./screen.js";
import { isUneventful, summaryText } from "./summary-line.js";

/** One run in words: the plan line by line, or a summary of what was done. */
export class HumanRun implements RunOutput {
  readonly #plan: PlanView;
  #planId: string | null = null;

  constructor(
    private readonly options: RunFacts,
    private readonly screen: Screen,
  ) {
    const { job, world } = options;
    this.#plan = new PlanView(createColours(job.color, world.env, world.stdout.isTerminal), job.verbosity > 0);
  }

  started(planId: string | null): void {
    this.#planId = planId;
  }

  action(action: Outcome["action"]): void {
    const line = this.#plan.line(action);
    if (line !== undefined) this.screen.result(`${line}\n`);
  }

  outcome(outcome: Outcome): void {
    const { action, status } = outcome;
    if (action.kind !== "conflict" || status !== "done" || this.options.job.quiet) return;
    this.screen.message(messageText(conflictText(action)));
  }

  problem(): void {
    // `Failures` tells of it.
  }

  finish(summary: RunSummary): void {
    const { job, world, dryRun } = this.options;
    const endedEarly = dryRun && summary.failure !== undefined;
    if (job.quiet || endedEarly) return;
    if (dryRun) this.screen.result(`${this.#plan.totals(summary.planId ?? this.#planId, summary.unchanged)}\n`);
    else if (world.stdout.isTerminal || !isUneventful(summary))
      this.screen.result(`trisync: ${summaryText(summary)}\n`);
  }
}
