import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import type { Redactor } from "./redact.js";
import type { RunEvents, RunSummary } from "../engine/types.js";

/** What the words about one run are made from. */
export interface RunFacts {
  readonly job: JobOptions;
  /** Names the job in the output; the name of its directory in the state. */
  readonly jobId: string;
  readonly dryRun: boolean;
  readonly world: World;
  readonly redactor: Redactor;
}

/** What goes to stdout. */
export interface RunOutput extends Pick<RunEvents, "action" | "outcome" | "problem"> {
  started(planId: string | null): void;
  finish(summary: RunSummary): void;
}
