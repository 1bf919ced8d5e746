import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { toEngineJob } from "../../lib/commands/to-engine-job.js";
import type { JobOptions } from "../../lib/config/options.js";
import { createBudget } from "../../lib/engine/execute-budget.js";
import { createLimiter } from "../../lib/engine/execute-limiter.js";
import { createRecorder } from "../../lib/engine/execute-record.js";
import { runOnce } from "../../lib/engine/run.js";
import type { EngineResult } from "../../lib/engine/run.js";
import type { RunEvents } from "../../lib/engine/types.js";
import type { FileSystem } from "../../lib/local/file-system.js";
import { openFolder } from "../../lib/local/open-folder.js";
import type { Outcome } from "../../lib/model/action.js";
import type { Problem } from "../../lib/model/entry.js";
import { LocalError, ProviderError, SafetyError } from "../../lib/model/errors.js";
import type { ConflictRule, Mode } from "../../lib/model/mode.js";
import { openJobState } from "../../lib/state/job-state.js";
import type { JobState } from "../../lib/state/types.js";
import { DEFAULT_OPTIONS } from "../support/default-options.js";
import { MemoryProvider } from "../support/memory-provider.js";
import type { MemoryProviderOptions } from "../support/memory-provider.js";
import type { MemoryWorld } from "../support/memory-world.js";
import { SimulatedDisk } from "../support/simulated-disk.js";
import type { SimulatedDiskOptions } from "../support/simulated-disk.js";
import { SimulatedProcess, watchState } from "./process.js";
import type { Random } from "./random.js";
import { createScheduler, inTurns } from "./scheduler.js";
import type { Clock, Scheduler } from "./scheduler.js";
// Loaded here rather than in the middle of the first run, where reading it from the real disk would take real time.
import "../../lib/local/scan.js";

/** A system writes to the disk by itself what was left unsynced so long ago. */
const WRITTEN_BACK_MS = 60_000;

export const ROOT = "/home/user/root";
const ARCHIVE = "/home/user/done";

export interface MachineOptions {
  readonly cloud: MemoryWorld;
  readonly clock: Clock;
  readonly random: Random;
  readonly mode?: Mode | undefined;
  readonly conflict?: ConflictRule | undefined;
  readonly maxDelete?: JobOptions["maxDelete"] | undefined;
  readonly disk?: Omit<SimulatedDiskOptions, "now">;
  readonly provider?: Omit<MemoryProviderOptions, "onSideEffect" | "schedule" | "known"> | undefined;
  /** Continued listings name what changed by id. */
  readonly listsById?: boolean | undefined;
  readonly hostname?: string;
  readonly exclude?: readonly string[] | undefined;
}

export interface RunOptions {
  /** The process dies just before its so-many-th side effect (counted from 1). */
  readonly dieAt?: number | undefined;
  /** Death is that of the whole machine: what was not synced may be lost. */
  readonly isPowerLoss?: boolean;
  /** What goes wrong meanwhile; called before anything happens. */
  readonly trouble?: (provider: MemoryProvider) => void;
  /** Told of every side effect about to happen: the place for other people's edits. */
  readonly onEffect?: (what: string) => void;
  /** From its so-many-th settlement on (counted from 1) the state cannot be written, because its disk is full. */
  readonly stateFullFrom?: number | undefined;
  /** For runs that overlap. */
  readonly scheduler?: Scheduler;
}

/** What one run came to. */
export interface Ran {
  readonly died: boolean;
  /** What ended it early; undefined when nothing did, and when it died. */
  readonly failure: unknown;
  readonly result: EngineResult | undefined;
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly Problem[];
  /** Every file that the service stored for this run. */
  readonly stored: readonly { readonly path: string; readonly content: string }[];
  readonly effects: number;
  /** Side effects and outcomes in order. */
  readonly trace: readonly string[];
  /** Everything was done: exit code 0. */
  readonly isInStep: boolean;
}

/** A computer with trisync on it: a disk with a folder, and the state of one job. */
export class Machine {
  readonly disk: SimulatedDisk;
  stateDir: string;
  runs = 0;
  #busyUntilMs = 0;

  /** `twin`: whose disk and state it starts with; else both are empty. */
  constructor(
    readonly options: MachineOptions,
    twin?: Machine,
  ) {
    const now = (): number => options.clock.nowMs;
    this.disk = twin?.disk.copy(now) ?? new SimulatedDisk({ now, ...options.disk });
    this.stateDir = makeStateDir();
    if (twin === undefined) {
      this.disk.plant(ROOT, {});
      return;
    }
    this.runs = twin.runs;
    copyState(twin.stateDir, this.stateDir);
  }

  /** One run of the program, to its end or its death. Rejects when the program shows itself to have a bug. */
  async run(options: RunOptions = {}): Promise<Ran> {
    const { disk } = this;
    const { random, clock } = this.options;
    this.runs += 1;
    if (clock.nowMs - this.#busyUntilMs > WRITTEN_BACK_MS) disk.syncAll();
    const oldDir = this.stateDir;
    const process = new SimulatedProcess(options.dieAt, () => {
      // Whatever an open transaction wrote is in the copy without its end, and so it counts for nothing.
      this.stateDir = makeStateDir();
      copyState(oldDir, this.stateDir);
      disk.crash();
    });
    const watch = (what: string): void => {
      options.onEffect?.(what);
      process.effect(what);
    };
    disk.onSideEffect = (kind, path) => watch(`disk ${kind} ${toPlainName(path)}`);
    const scheduler = options.scheduler ?? createScheduler(random, clock);
    try {
      return await this.#runIn(process, watch, { ...options, scheduler }, oldDir);
    } finally {
      disk.onSideEffect = undefined;
      this.#busyUntilMs = clock.nowMs;
      if (!process.isAlive && options.isPowerLoss === true) disk.powerLoss(random);
      if (!process.isAlive) rmSync(oldDir, { recursive: true, force: true });
    }
  }

  /** Reads in a copy of the state, so that looking changes nothing. */
  readState<T>(read: (state: JobState) => T): T {
    const dir = this.saveState();
    const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
    try {
      return read(state);
    } finally {
      state.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** A copy of the state as it is now, to be given back later. */
  saveState(): string {
    const saved = makeStateDir();
    copyState(this.stateDir, saved);
    return saved;
  }

  /** Somebody puts an old state in the place of the present one. */
  restoreState(saved: string): void {
    this.dispose();
    this.stateDir = saved;
  }

  dispose(): void {
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  async #runIn(
    process: SimulatedProcess,
    watch: (what: string) => void,
    options: RunOptions & { readonly scheduler: Scheduler },
    stateDir: string,
  ): Promise<Ran> {
    const { scheduler } = options;
    const { cloud, clock } = this.options;
    const runId = `${new Date(clock.nowMs).toISOString().replace(/[-:]|\.\d+/g, "")}-${this.runs.toString(16).padStart(4, "0")}`;
    const stored: { path: string; content: string }[] = [];
    const { state, notices } = openJobState({ dir: stateDir, mode: "sync", scratchDir: stateDir });
    const known = { find: (id: string) => state.mirror.find(id) };
    const provider = new MemoryProvider(cloud, {
      ...this.options.provider,
      ...(this.options.listsById === true ? { known } : {}),
      schedule: async () => {
        await scheduler.turn();
        process.assertAlive();
      },
      onSideEffect: (kind, path, phase) => {
        watch(`cloud ${phase} ${kind} ${path}`);
        const now = phase === "after" && kind === "upload" ? cloud.get(path) : undefined;
        if (now?.kind === "file") stored.push({ path, content: now.bytes.toString() });
      },
    });
    options.trouble?.(provider);
    const files = inTurns(this.disk.mount(), scheduler);
    const watched = watchState(state, process, options.stateFullFrom);
    const folder = openFolder({ root: ROOT, files, runId, now: () => clock.nowMs });
    const log = createLog(process.trace);
    const recorder = createRecorder(watched, log.events);
    const startedMs = clock.nowMs;
    let result: EngineResult | undefined;
    let failure: unknown;
    try {
      watched.runs.begin({ id: runId, startedMs });
      const opened = { state: watched, folder, provider, notices, close: () => undefined };
      const facts = { ...this.#outside(files), events: log.events, localRoot: ROOT, startedMs };
      const signal = new AbortController().signal;
      const limiter = createLimiter(provider.capabilities.concurrency);
      const budget = createBudget({ maxTransferBytes: undefined, isTimeUp: () => false });
      result = await runOnce(await toEngineJob(facts, opened, { limiter, budget, signal }), recorder);
      await folder.tidy(30);
      await provider.close(signal);
      watched.runs.finish({
        id: runId,
        startedMs,
        finishedMs: clock.nowMs,
        exitCode: 0,
        totals: undefined,
        message: undefined,
      });
    } catch (error) {
      if (process.isAlive && !isAnswer(error)) throw error;
      failure = process.isAlive ? error : undefined;
    } finally {
      await scheduler.idle();
      state.close();
    }
    const isWhole = recorder.troubles === 0 && result?.problems === 0 && result.unsettled === 0;
    return {
      died: !process.isAlive,
      failure,
      result,
      outcomes: log.outcomes,
      problems: log.problems,
      stored,
      effects: process.effects,
      trace: process.trace,
      isInStep: process.isAlive && failure === undefined && result?.refusal === undefined && isWhole,
    };
  }

  #outside(files: FileSystem): {
    readonly job: JobOptions;
    readonly world: { readonly files: FileSystem; readonly hostname: string };
  } {
    const {
      mode = "two-way",
      conflict = "keep-both",
      maxDelete = { percent: 100 },
      hostname = "host",
      exclude = [],
    } = this.options;
    const job: JobOptions = {
      ...DEFAULT_OPTIONS,
      local: ROOT,
      remote: { provider: "memory", target: "/", text: "memory:/" },
      mode,
      conflict,
      maxDelete,
      exclude,
      archive: mode === "outbox" ? ARCHIVE : undefined,
      stateDir: "/home/user/state",
      settings: { get: async () => undefined },
      proxy: {},
    };
    return { job, world: { files, hostname } };
  }

  /** What `trisync` shows and keeps on this machine, by where it is. */
  look(): LocalLook {
    const everything = this.disk.dump(ROOT);
    const look: LocalLook = { visible: {}, trash: {}, temporary: [], archive: {} };
    for (const [path, content] of Object.entries(everything)) {
      if (!path.startsWith(".trisync")) look.visible[path] = content ?? "";
      else if (content !== null && path.startsWith(".trisync/trash/")) look.trash[path] = content;
      else if (content !== null) look.temporary.push(path);
    }
    for (const [path, content] of Object.entries(this.disk.dump(ARCHIVE))) look.archive[path] = content ?? "";
    addFolders(look.visible);
    return look;
  }
}

/** Paths with their content; folders end in "/" and have none. */
export type Tree = Record<string, string>;

export interface LocalLook {
  readonly visible: Tree;
  readonly trash: Tree;
  /** Names of temporary files. */
  readonly temporary: string[];
  readonly archive: Tree;
}

function addFolders(tree: Tree): void {
  for (const path of Object.keys(tree)) {
    for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) tree[path.slice(0, at + 1)] ??= "";
  }
}

/** What the user is told, as data, and written into the trace. */
function createLog(trace: string[]): {
  readonly events: RunEvents;
  readonly outcomes: Outcome[];
  readonly problems: Problem[];
} {
  const outcomes: Outcome[] = [];
  const problems: Problem[] = [];
  const nothing = (): void => undefined;
  const events: RunEvents = {
    started: nothing,
    action: nothing,
    outcome: (outcome) => {
      outcomes.push(outcome);
      trace.push(`outcome ${outcome.status} ${outcome.action.kind} ${outcome.action.path}`);
    },
    problem: (problem) => {
      problems.push(problem);
      trace.push(`problem ${problem.code} ${problem.path}`);
    },
    notice: (message) => trace.push(`notice ${message}`),
    phase: nothing,
    planned: nothing,
    progress: nothing,
  };
  return { events, outcomes, problems };
}

/** Everything else that ends a run is a bug. */
function isAnswer(error: unknown): boolean {
  return error instanceof LocalError || error instanceof ProviderError || error instanceof SafetyError;
}

/** Copies have random names, which would make two equal runs look different. */
function toPlainName(path: string): string {
  return path.replace(/[^/]*\.copy$/, "random.copy");
}

/** In memory where the system has a disk there: thousands of runs need not wear out a real one. */
function makeStateDir(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "trisync-simulation-"));
}

/** What a dead process leaves. The shared memory of its log is made anew by whoever opens it next. */
function copyState(from: string, to: string): void {
  const isKept = (path: string): boolean => !/^scratch\.|-shm$/.test(basename(path));
  cpSync(from, to, { recursive: true, filter: isKept });
}
