import type { CommandOptions } from "../config/job-options.js";
import { LocalError } from "../model/errors.js";
import { escapeName } from "../report/escape.js";
import { EXIT } from "../report/exit-codes.js";
import { line as jsonLine } from "../report/json.js";
import { messageText } from "../report/problem-lines.js";
import { listJobs } from "../state/job-directory.js";
import type { ListedJob } from "../state/job-directory.js";
import { readRuns } from "../state/read-runs.js";
import type { Command } from "./command.js";
import { historyOf, isOverdue } from "./job-history.js";
import type { JobHistory } from "./job-history.js";
import { loadCommandOptions } from "./load-options.js";
import { historyFields, historyText } from "./status-view.js";

/** Enough for a year of hourly runs. */
const RUNS_READ = 10_000;

/** The last runs of every job, or of the one that is named; with `--max-age`, whether the last success is recent enough. */
export const status: Command = async (context) => {
  const { world } = context;
  const options = await loadCommandOptions(context);
  const jobs = listJobs(options.stateDir).filter((job) => isAskedFor(job, options));
  if (jobs.length === 0) return reportNone(options, (text) => world.stderr.write(text));
  let exitCode: number = EXIT.inStep;
  for (const job of jobs) {
    const history = readHistory(job, world.now(), (text) => world.stderr.write(text));
    if (history === undefined) {
      exitCode = EXIT.someFailed;
      continue;
    }
    const overdue = options.maxAgeMs !== undefined && isOverdue(history, world.now(), options.maxAgeMs);
    if (overdue) exitCode = EXIT.someFailed;
    const view = { job, history, overdue, nowMs: world.now() };
    if (options.json) world.stdout.write(jsonLine(historyFields(view)));
    else if (!options.quiet || overdue) world.stdout.write(historyText(view));
  }
  return exitCode;
};

function isAskedFor({ description }: ListedJob, { local, remote }: CommandOptions): boolean {
  if (local !== undefined && description?.local !== local) return false;
  return remote === undefined || description?.remote === remote.text;
}

/** No run at all is the most overdue of all. */
function reportNone({ maxAgeMs, stateDir }: CommandOptions, tell: (text: string) => void): number {
  tell(messageText(`no run is recorded in ${stateDir}`));
  return maxAgeMs === undefined ? EXIT.inStep : EXIT.someFailed;
}

/** Undefined when the state of this job cannot be read, which is told; the others still are shown. */
function readHistory(job: ListedJob, nowMs: number, tell: (text: string) => void): JobHistory | undefined {
  try {
    return historyOf(readRuns(job.dir, RUNS_READ), nowMs);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    tell(messageText(`${escapeName(job.id)}: ${error.message}`));
    return undefined;
  }
}
