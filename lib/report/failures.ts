import type { RunSummary } from "../engine/types.js";
import type { Outcome } from "../model/action.js";
import type { Problem } from "../model/entry.js";
import { errorText } from "./error-text.js";
import { EXIT } from "./exit-codes.js";
import { failureText, messageText, problemText } from "./problem-lines.js";
import type { RunFacts } from "./run-output.js";
import type { Screen } from "./screen.js";

/** So many links, pipes and the like are named one by one. */
const NAMED_SPECIALS = 20;

const MOST_UNSETTLED = 1000;

/** What goes to stderr whatever the options say: each path that is not in step, why, and what to do. */
export class Failures {
  /** What changed while the run was at work is planned again within it, and told only if that did not help. */
  readonly #unsettled = new Map<string, string>();
  #specials: string[] = [];
  #specialCount = 0;

  constructor(
    private readonly options: RunFacts,
    private readonly screen: Screen,
  ) {}

  outcome(outcome: Outcome): void {
    const { action, status } = outcome;
    if (outcome.isHarmless === true && this.options.job.verbosity === 0) return;
    if (status === "done") this.#unsettled.delete(action.path);
    else if (status !== "changed-meanwhile") this.screen.message(messageText(failureText(outcome)));
    else if (this.#unsettled.size < MOST_UNSETTLED) this.#unsettled.set(action.path, messageText(failureText(outcome)));
  }

  /** Links, pipes and the like are there in every run: they are told of at the end, and only when somebody looks. */
  problem(problem: Problem): void {
    if (problem.code !== "special") {
      this.screen.message(messageText(problemText(problem)));
      return;
    }
    this.#specialCount++;
    if (this.#specials.length < NAMED_SPECIALS) this.#specials.push(messageText(problemText(problem)));
  }

  finish({ exitCode, refusal, failure, budgetReached }: RunSummary): void {
    const { job, world } = this.options;
    if (exitCode !== EXIT.inStep) for (const text of this.#unsettled.values()) this.screen.message(text);
    const somebodyLooks = world.stderr.isTerminal && !job.quiet;
    if (somebodyLooks || job.verbosity > 0 || exitCode !== EXIT.inStep) this.#tellSpecials();
    if (failure !== undefined) this.screen.message(this.options.redactor.redactForeign(errorText(failure)));
    if (refusal !== undefined) this.screen.message(messageText(refusal));
    if (budgetReached) this.screen.message(messageText("the budget is used up; the next run goes on from here"));
  }

  #tellSpecials(): void {
    for (const text of this.#specials) this.screen.message(text);
    const more = this.#specialCount - this.#specials.length;
    if (more > 0) this.screen.message(messageText(`${String(more)} more links or special files are left alone`));
  }
}
