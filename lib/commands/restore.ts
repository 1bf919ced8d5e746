import path from "node:path";
import type { CommandOptions } from "../config/job-options.js";
import { LocalError, LockedError, UsageError } from "../model/errors.js";
import { toSyncPath } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import { escapeName } from "../report/escape.js";
import { EXIT } from "../report/exit-codes.js";
import { line as jsonLine } from "../report/json.js";
import { messageText } from "../report/problem-lines.js";
import { sizeText } from "../report/sizes.js";
import { openFolder } from "../local/open-folder.js";
import type { Folder, TrashedEntry } from "../local/types.js";
import { listJobs } from "../state/job-directory.js";
import { acquireLock } from "../state/lock.js";
import { argumentOf } from "./command.js";
import type { Command, CommandContext } from "./command.js";
import { chooseVersions } from "./choose-versions.js";
import { loadCommandOptions } from "./load-options.js";
import { createRunId } from "./run-id.js";

/** Lists what runs replaced or deleted locally, or brings it back. */
export const restore: Command = async (context) => {
  const { world } = context;
  const options = await loadCommandOptions(context);
  if (options.local === undefined) throw new UsageError("no LOCAL: say with --local which folder's trash is meant");
  const folder = openFolder({
    root: options.local,
    files: world.files,
    runId: createRunId(world.now()),
    now: world.now,
  });
  await folder.identify();
  const wanted = argumentOf(context, "PATH");
  if (wanted === "") return listTrashed(folder, options, context);
  const release = lockJobsOf(options.local, options.stateDir, context);
  try {
    return await bringBack(folder, toWantedPath(wanted, options.local), options, context);
  } finally {
    release();
  }
};

async function listTrashed(
  folder: Folder,
  { runId, json }: CommandOptions,
  { world }: CommandContext,
): Promise<number> {
  const entries = (await folder.listTrash()).filter((entry) => runId === undefined || entry.runId === runId);
  if (entries.length === 0 && !json)
    world.stderr.write(messageText("the trash of this folder holds nothing to restore"));
  for (const entry of entries)
    world.stdout.write(json ? jsonLine(fieldsOf("trashed", entry)) : `${entryText(entry)}\n`);
  return EXIT.inStep;
}

async function bringBack(
  folder: Folder,
  wanted: SyncPath | undefined,
  { runId, json, quiet }: CommandOptions,
  { world }: CommandContext,
): Promise<number> {
  const chosen = chooseVersions(await folder.listTrash(), wanted, runId);
  if (chosen.length === 0) {
    const where = runId === undefined ? "the trash of this folder" : `the trash of run ${runId}`;
    throw new UsageError(
      `${where} holds nothing at ${JSON.stringify(wanted ?? ".")}; \`trisync restore\` lists what it holds`,
    );
  }
  let exitCode: number = EXIT.inStep;
  for (const entry of chosen) {
    world.signal.throwIfAborted();
    try {
      await folder.restore(entry);
      if (json) world.stdout.write(jsonLine(fieldsOf("restored", entry)));
      else if (!quiet) world.stdout.write(`restored ${escapeName(entry.path)}  (of run ${escapeName(entry.runId)})\n`);
    } catch (error) {
      if (!(error instanceof LocalError)) throw error;
      world.stderr.write(messageText(`${escapeName(entry.path)}: ${error.message}`));
      exitCode = EXIT.someFailed;
    }
  }
  return exitCode;
}

/** No run of any job of this folder may be at work. A folder that was never synchronised has none. */
function lockJobsOf(local: string, stateDir: string, { world }: CommandContext): () => void {
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const each of releases) each();
  };
  for (const { dir } of listJobs(stateDir).filter(({ description }) => description?.local === local)) {
    const lock = acquireLock(dir, { pid: world.pid, startedMs: world.now() });
    if ("heldBy" in lock) {
      release();
      throw new LockedError(`a run of this folder is at work (${lock.heldBy}); nothing was restored`);
    }
    releases.push(() => {
      lock.release();
    });
  }
  return release;
}

/** PATH below the folder, or absolute inside it; undefined for the folder itself, which means everything. */
function toWantedPath(text: string, root: string): SyncPath | undefined {
  const inside = path.isAbsolute(text) ? path.relative(root, text) : path.posix.normalize(text).replace(/\/+$/, "");
  return inside === "" || inside === "." ? undefined : toSyncPath(inside);
}

function entryText({ runId, path: name, kind, sizeBytes }: TrashedEntry): string {
  const size = kind === "folder" ? "folder" : sizeText(sizeBytes);
  return `${escapeName(runId)}  ${size.padStart(9)}  ${escapeName(name)}`;
}

function fieldsOf(event: "trashed" | "restored", { runId, path: name, kind, sizeBytes }: TrashedEntry) {
  return { event, run: runId, path: name, kind, bytes: sizeBytes };
}
