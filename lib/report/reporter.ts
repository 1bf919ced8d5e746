import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import type { RunEvents, RunSummary } from "../engine/types.js";
import { wantsColours } from "./colours.js";
import { Failures } from "./failures.js";
import { HumanRun } from "./human-run.js";
import { JsonRun } from "./json-run.js";
import type { RunLog } from "./log.js";
import { messageText } from "./problem-lines.js";
import type { ProgressDisplay } from "./progress.js";
import type { RunFacts, RunOutput } from "./run-output.js";
import { Screen } from "./screen.js";
import { summaryText } from "./summary-line.js";

/** Puts one run into words. Exactly one of `finish` and `stop` ends it. */
export interface Reporter {
  readonly events: RunEvents;
  /** The run ended by itself. */
  finish(summary: RunSummary): void;
  /** The run ended with an error, which is reported elsewhere. */
  stop(): void;
}

/** Loads the progress display and the log only when they are wanted. Throws `UsageError` for a log file that cannot be opened. */
export async function createReporter(options: RunFacts): Promise<Reporter> {
  const { job, world } = options;
  const screen = new Screen(world);
  const log = await openLog(options, screen);
  const progress = await openProgress(job, world, screen);
  const run = job.json ? new JsonRun(options, screen) : new HumanRun(options, screen);
  const failures = new Failures(options, screen);
  const end = (): void => {
    progress?.stop();
    screen.makeRoom = () => undefined;
  };
  return {
    events: joinEvents({ run, failures, progress, log, screen }),
    finish: (summary) => {
      end();
      failures.finish(summary);
      run.finish(summary);
      log?.info({ exitCode: summary.exitCode }, summaryText(summary));
      log?.close();
    },
    stop: () => {
      end();
      log?.close();
    },
  };
}

async function openLog({ job, world, redactor }: RunFacts, screen: Screen): Promise<RunLog | undefined> {
  if (job.verbosity === 0 && job.logFile === undefined) return undefined;
  const { createLog } = await import("./log.js");
  return createLog({
    verbosity: job.verbosity,
    logFile: job.logFile,
    show: (line) => {
      screen.message(line);
    },
    isTerminal: world.stderr.isTerminal,
    colors: wantsColours(job.color, world.env, world.stderr.isTerminal),
    redact: (text) => redactor.redactForeign(text),
  });
}

async function openProgress(job: JobOptions, world: World, screen: Screen): Promise<ProgressDisplay | undefined> {
  if (!world.stderr.isTerminal || job.quiet || world.env["TERM"] === "dumb") return undefined;
  const { createProgress } = await import("./progress.js");
  const progress = createProgress({ stream: world.stderr.stream, now: world.now });
  screen.makeRoom = () => {
    progress.clear();
  };
  return progress;
}

interface Parts {
  readonly run: RunOutput;
  readonly failures: Failures;
  readonly progress: ProgressDisplay | undefined;
  readonly log: RunLog | undefined;
  readonly screen: Screen;
}

function joinEvents({ run, failures, progress, log, screen }: Parts): RunEvents {
  return {
    started: ({ planId }) => {
      log?.info({ planId }, "started");
      run.started(planId);
    },
    action: (action) => {
      log?.debug({ kind: action.kind, path: action.path, reason: action.reason }, "planned");
      run.action(action);
    },
    outcome: (outcome) => {
      const { action, status, bytes, message } = outcome;
      log?.info({ kind: action.kind, path: action.path, reason: action.reason, bytes, status, message }, "outcome");
      progress?.outcome(outcome);
      failures.outcome(outcome);
      run.outcome(outcome);
    },
    problem: (problem) => {
      log?.info({ side: problem.side, path: problem.path, kind: problem.code, message: problem.message }, "problem");
      failures.problem(problem);
      run.problem(problem);
    },
    notice: (message) => {
      log?.info({}, message);
      screen.message(messageText(message));
    },
    phase: (phase) => {
      log?.debug({}, phase);
      progress?.phase(phase);
    },
    planned: (totals) => {
      log?.debug(totals, "transfers");
      progress?.planned(totals);
    },
    progress: (inFlight) => {
      progress?.progress(inFlight);
    },
  };
}
