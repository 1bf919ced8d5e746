import { LockedError } from "../model/errors.js";
import { EXIT } from "../report/exit-codes.js";
import type { Reporter } from "../report/reporter.js";
import { jobDirectory } from "../state/job-directory.js";
import type { CommandContext } from "./command.js";
import { checkJob, loadRawOptions } from "./load-options.js";
import { refuseEarly } from "./refuse-early.js";

/** Runs the job, or only plans it, and tells what came of it. */
export async function runAndReport(context: CommandContext, dryRun: boolean): Promise<number> {
  const raw = await loadRawOptions(context);
  try {
    if (!dryRun) await refuseEarly(raw, context.world);
    return await run(await checkJob(raw, context), context, dryRun);
  } catch (error) {
    if (error instanceof LockedError && raw.values.get("if-locked")?.value === "skip") return EXIT.inStep;
    throw error;
  }
}

type Job = Awaited<ReturnType<typeof checkJob>>;

async function run(job: Job, context: CommandContext, dryRun: boolean): Promise<number> {
  const { world, redactor } = context;
  const { id: jobId } = jobDirectory(job.stateDir, { local: job.local, remote: job.remote.text });
  const { createReporter } = await import("../report/reporter.js");
  const reporter: Reporter = await createReporter({ job, jobId, dryRun, world, redactor });
  try {
    const { runJob } = await context.loadEngine();
    const summary = await runJob(job, dryRun, world, reporter.events, world.signal);
    reporter.finish(summary);
    return summary.exitCode;
  } catch (error) {
    reporter.stop();
    throw error;
  }
}
