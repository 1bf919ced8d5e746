import { join } from "node:path";
import { explainErrors, hasCode } from "./errors.js";
import type { FileSystem } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { look } from "./look.js";
import { findOwnFolder, TEMPORARY, TRASH } from "./own-folder.js";
import { isOurs } from "./owner.js";
import { modifiedMsOf } from "./stamp.js";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Removes what dead runs left in `.trisync/tmp`, and the trash of runs that began more than `days` days ago. */
export async function tidy(context: FolderContext, days: number, signal?: AbortSignal): Promise<void> {
  await explainErrors("tidy", context.root, async () => {
    await removeTemporary(context, signal);
    await removeOldTrash(context, days, signal);
  });
}

async function removeTemporary(context: FolderContext, signal: AbortSignal | undefined): Promise<void> {
  const folder = await findOwnFolder(context, TEMPORARY);
  if (folder === undefined) return;
  for (const name of await context.files.readdir(folder)) {
    const absolute = join(folder, name);
    if (context.partials.has(name)) continue;
    if (isOurs(context, name) || (await isAbandoned(context, absolute)))
      await removeTree(context.files, absolute, signal);
  }
}

/** Another job may share the folder, and be in the middle of writing. What it has not touched for a day it has given up. */
async function isAbandoned({ files, now }: FolderContext, absolute: string): Promise<boolean> {
  const stats = await look(files, absolute);
  return stats !== undefined && Math.abs(now() - modifiedMsOf(stats)) > DAY_MS;
}

/** Names that are not those of a run are not ours to remove. This run's own trash stays, however few the days. */
async function removeOldTrash(context: FolderContext, days: number, signal: AbortSignal | undefined): Promise<void> {
  const trash = await findOwnFolder(context, TRASH);
  if (trash === undefined) return;
  const oldest = context.now() - days * DAY_MS;
  for (const runId of await context.files.readdir(trash)) {
    const startedMs = parseRunTime(runId);
    if (startedMs === undefined || startedMs >= oldest || runId === context.runId) continue;
    await removeTree(context.files, join(trash, runId), signal);
  }
}

/** When the run began, from its id "20260301T093000Z-1a2b"; undefined for any other text. */
export function parseRunTime(runId: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-z]+$/.exec(runId);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Links are removed, never followed. */
async function removeTree(files: FileSystem, absolute: string, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const stats = await look(files, absolute);
  if (stats === undefined) return;
  if (stats.isDirectory())
    for (const name of await files.readdir(absolute)) await removeTree(files, join(absolute, name), signal);
  try {
    await (stats.isDirectory() ? files.rmdir(absolute) : files.unlink(absolute));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
