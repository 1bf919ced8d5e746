import type { RunSummary } from "../engine/types.js";
import type { Outcome } from "../model/action.js";
import type { Problem } from "../model/entry.js";
import { actionLine, outcomeLine, problemLine, startLine, summaryLine } from "./json.js";
import type { RunFacts, RunOutput } from "./run-output.js";
import type { Screen } from "./screen.js";

/** One run as NDJSON on stdout. */
export class JsonRun implements RunOutput {
  constructor(
    private readonly options: RunFacts,
    private readonly screen: Screen,
  ) {}

  started(planId: string | null): void {
    this.screen.result(startLine(this.options.job, this.options.jobId, planId));
  }

  action(action: Outcome["action"]): void {
    this.#put(actionLine(action));
  }

  outcome(outcome: Outcome): void {
    this.#put(outcomeLine(outcome));
  }

  problem(problem: Problem): void {
    this.#put(problemLine(problem));
  }

  finish(summary: RunSummary): void {
    this.#put(summaryLine(summary));
  }

  #put(line: string | undefined): void {
    if (line !== undefined) this.screen.result(line);
  }
}
