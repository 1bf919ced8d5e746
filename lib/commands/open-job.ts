import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobOptions } from "../config/options.js";
import { loadProvider } from "../config/remote.js";
import { createSecretStore } from "../config/secrets.js";
import type { World } from "../config/world.js";
import { assertModeFits } from "../engine/mode-needs.js";
import { createHttpClient } from "../http/client.js";
import { openFolder } from "../local/open-folder.js";
import { rememberOwner } from "../local/owner.js";
import type { Folder } from "../local/types.js";
import { openJobState } from "../state/job-state.js";
import { createPassingSharedState, openSharedState } from "../state/shared-state.js";
import type { JobState } from "../state/types.js";
import { VERSION } from "../version.js";
import type { ProviderContext } from "../../providers/context.js";
import type { Provider } from "../../providers/provider.js";
import { limitBandwidth } from "./limit-bandwidth.js";

export interface OpenJob {
  readonly state: JobState;
  readonly folder: Folder;
  readonly provider: Provider;
  /** What was found damaged or too old when the state was opened. */
  readonly notices: readonly string[];
  close(): void;
}

export interface OpenJobOptions {
  readonly job: JobOptions;
  readonly world: World;
  /** The job's directory in the state. */
  readonly dir: string;
  readonly runId: string;
  /** Nothing is changed anywhere: the state is a private copy. */
  readonly dryRun: boolean;
  readonly onThrottle: () => void;
}

/** Opens both sides and the state. Touches neither side yet. */
export async function openJob(options: OpenJobOptions): Promise<OpenJob> {
  const { job, world, dir, runId, dryRun } = options;
  const scratchDir = dryRun ? mkdtempSync(join(tmpdir(), "trisync-")) : dir;
  const removeScratch = (): void => {
    if (dryRun) rmSync(scratchDir, { recursive: true, force: true });
  };
  let opened: JobState | undefined;
  try {
    const { state, notices } = openJobState({ dir, mode: dryRun ? "plan" : "sync", scratchDir });
    opened = state;
    const module = await loadProvider(job.remote.provider);
    const provider = limitBandwidth(await module.open(toProviderContext(options, state)), job.bandwidthBytesPerSecond);
    assertModeFits(job.mode, provider.capabilities, job.remote.provider);
    const folder = openFolder({
      root: job.local,
      files: world.files,
      runId,
      now: world.now,
      owner: dryRun ? undefined : rememberOwner(state.memory),
      platformIgnoresCase: world.platform === "darwin" || world.platform === "win32",
    });
    const close = (): void => {
      state.close();
      removeScratch();
    };
    return { state, folder, provider, notices, close };
  } catch (error) {
    opened?.close();
    removeScratch();
    throw error;
  }
}

function toProviderContext(
  { job, world, runId, dryRun, onThrottle }: OpenJobOptions,
  state: JobState,
): ProviderContext {
  return {
    target: job.remote.target,
    settings: job.settings,
    memory: state.memory,
    shared: dryRun
      ? createPassingSharedState({ dir: job.stateDir })
      : openSharedState({ dir: job.stateDir, pid: world.pid, now: world.now }),
    known: { find: (id) => state.mirror.find(id) },
    secrets: createSecretStore({ dir: job.stateDir, provider: job.remote.provider }),
    createHttp: (options) =>
      createHttpClient({ ...options, userAgent: `trisync/${VERSION}`, proxy: job.proxy, onThrottle }),
    files: world.files,
    now: world.now,
    runId,
    trashDays: job.trashDays,
    times: job.times,
    albums: job.albums,
    mayWrite: !dryRun,
  };
}
