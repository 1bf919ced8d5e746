import type { Chance } from "../shared/chance.js";
import { RouteError, type WireError } from "./failures.js";
import type { Settings } from "./settings.js";

export interface NewJob {
  readonly accountId: string;
  /** The routes that may ask for it: "delete_batch", "move_batch". */
  readonly family: string;
  /** Does the work; resolves to the `complete` answer. */
  readonly work: () => Promise<Readonly<Record<string, unknown>>>;
  readonly polls?: number | undefined;
  readonly failure?: WireError | undefined;
  /** Called once the work is done. */
  readonly onDone: () => void;
}

interface Job extends NewJob {
  pollsLeft: number;
  timer: NodeJS.Timeout | undefined;
  running: Promise<Readonly<Record<string, unknown>>> | undefined;
}

/** Work that is answered with an id first and asked for later. It is done even if nobody asks. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();

  constructor(
    private readonly settings: Settings,
    private readonly chance: Chance,
  ) {}

  start(newJob: NewJob): string {
    const id = this.chance.letters(24);
    const job: Job = {
      ...newJob,
      pollsLeft: newJob.polls ?? this.settings.jobPolls,
      timer: undefined,
      running: undefined,
    };
    job.timer = setTimeout(() => void this.#run(job), this.settings.jobRunsAfterMs);
    job.timer.unref();
    this.#jobs.set(id, job);
    return id;
  }

  /** The answer to a poll. Rejects with invalid_async_job_id for ids of others. */
  async poll(family: string, accountId: string, id: string): Promise<Readonly<Record<string, unknown>>> {
    const job = this.#jobs.get(id);
    if (job?.family !== family || job.accountId !== accountId) {
      throw new RouteError({ ".tag": "invalid_async_job_id" });
    }
    if (job.pollsLeft > 0) {
      job.pollsLeft -= 1;
      return { ".tag": "in_progress" };
    }
    const answer = await this.#run(job);
    if (job.failure !== undefined) return { ".tag": "failed", failed: job.failure };
    return { ".tag": "complete", ...answer };
  }

  /** Carries out what is still waiting, without anyone polling. */
  async settle(): Promise<void> {
    for (const job of this.#jobs.values()) await this.#run(job);
  }

  close(): void {
    for (const job of this.#jobs.values()) clearTimeout(job.timer);
  }

  #run(job: Job): Promise<Readonly<Record<string, unknown>>> {
    clearTimeout(job.timer);
    job.running ??= (job.failure === undefined ? job.work() : Promise.resolve({})).finally(job.onDone);
    return job.running;
  }
}
