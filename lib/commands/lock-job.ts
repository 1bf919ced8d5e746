import type { JobOptions } from "../config/options.js";
import type { World } from "../config/world.js";
import { LockedError, UsageError } from "../model/errors.js";
import { jobDirectory } from "../state/job-directory.js";
import { acquireLock, waitForLock } from "../state/lock.js";

export interface LockedJob {
  /** Canonical path of the local root. */
  readonly localRoot: string;
  /** The job's directory in the state. */
  readonly dir: string;
  release(): void;
}

/** Makes sure that no other run of the job is at work. A plan changes nothing, so it needs no lock and makes no directory. */
export async function lockJob(job: JobOptions, dryRun: boolean, world: World, signal: AbortSignal): Promise<LockedJob> {
  const localRoot = await canonicalRoot(job.local, world);
  const { dir } = jobDirectory(job.stateDir, { local: localRoot, remote: job.remote.text });
  if (dryRun) return { localRoot, dir, release: () => undefined };
  const info = { pid: world.pid, startedMs: world.now() };
  const lock =
    typeof job.ifLocked === "object"
      ? await waitForLock(dir, info, job.ifLocked.waitMs, signal)
      : acquireLock(dir, info);
  if ("heldBy" in lock) {
    throw new LockedError(`another run of this job is at work (${lock.heldBy}); nothing was done`);
  }
  return {
    localRoot,
    dir,
    release: () => {
      lock.release();
    },
  };
}

/** The same folder is the same job, whatever links lead to it. A missing one keeps its name, so that the refusal finds the job. */
async function canonicalRoot(local: string, world: World): Promise<string> {
  try {
    return await world.files.realpath(local);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing) return local;
    throw new UsageError(
      `cannot use ${local} as the local folder: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
