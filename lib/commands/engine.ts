import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import type { RunEvents, RunSummary } from "../engine/types.js";

/** What the commands ask of the engine. */
export interface Engine {
  /** Plans and, unless `dryRun`, carries out one run of the job. */
  readonly runJob: (
    job: JobOptions,
    dryRun: boolean,
    world: World,
    events: RunEvents,
    signal: AbortSignal,
  ) => Promise<RunSummary>;
  /** Lines that say why a path is, or is not, synced, and what the next run would do with it. */
  readonly explainPath: (
    job: JobOptions,
    path: string,
    world: World,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
}

export type EngineLoader = () => Promise<Engine>;

export async function loadEngine(): Promise<Engine> {
  const [{ runJob }, { explainPath }] = await Promise.all([import("./run-job.js"), import("./explain-path.js")]);
  return { runJob, explainPath };
}
