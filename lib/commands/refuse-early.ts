import { realpath } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { parseIfLocked } from "../config/parse-if-locked.js";
import { defaultStateDirectory, resolvePath } from "../config/paths.js";
import type { RawOptions } from "../config/raw-options.js";
import { parseRemote } from "../config/remote.js";
import type { World } from "../config/world.js";
import { LockedError, UsageError } from "../model/errors.js";
import { jobDirectory } from "../state/job-directory.js";

/**
 * A look at the job's lock before anything large is loaded, because a scheduler that starts runs more often than they end should cost
 * next to nothing. It only ever refuses; whoever passes takes the lock properly later. Rejects with `LockedError`.
 */
export async function refuseEarly(raw: RawOptions, world: World): Promise<void> {
  if (raw.mistakes.any || waits(raw)) return;
  const dir = await jobDirectoryOf(raw, world);
  if (dir === undefined || !existsSync(path.join(dir, "lock.sqlite"))) return;
  const { acquireLock } = await import("../state/lock.js");
  const lock = acquireLock(dir, { pid: world.pid, startedMs: world.now() });
  if ("heldBy" in lock) throw new LockedError(`another run of this job is at work (${lock.heldBy}); nothing was done`);
  lock.release();
}

function waits(raw: RawOptions): boolean {
  const choice = textOf(raw, "if-locked");
  return choice !== undefined && typeof parseIfLocked(choice) !== "string";
}

/** Undefined when the sides are not understood; the full check says why. */
async function jobDirectoryOf(raw: RawOptions, world: World): Promise<string | undefined> {
  const [local, remote, state] = [textOf(raw, "local"), textOf(raw, "remote"), textOf(raw, "state")];
  if (local === undefined || remote === undefined) return undefined;
  try {
    const root = await realpath(resolvePath(local, world));
    const { text } = await parseRemote(remote, (target) => resolvePath(target, world));
    const stateDir = state === undefined ? defaultStateDirectory(world) : resolvePath(state, world);
    return jobDirectory(stateDir, { local: root, remote: text }).dir;
  } catch (error) {
    if (error instanceof UsageError || (error instanceof Error && "syscall" in error)) return undefined;
    throw error;
  }
}

function textOf(raw: RawOptions, name: string): string | undefined {
  const value = raw.values.get(name)?.value;
  return typeof value === "string" ? value : undefined;
}
