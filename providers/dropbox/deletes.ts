import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import type { Attempt } from "../provider.js";
import { chunksOf, failed, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { findEmptyFolders } from "./empty-folders.js";
import { RouteError } from "./errors.js";
import { runJob, type BatchRoute } from "./jobs.js";
import { remotePath } from "./paths.js";
import { deleteJob, type Deleted } from "./schemas.js";
import { ProviderError } from "../../lib/model/errors.js";

/** The most that the service takes in one call. */
const ENTRIES_PER_CALL = 1000;

type Entry = RemoteFile | RemoteFolder;

/**
 * Deletes files in the version that was listed, and then the folders of the same call that are empty by now. Deleting a
 * folder takes all its content along, and the service cannot be told to spare one that is not empty: so folders are
 * looked into right before. What slips in between can be restored from Dropbox's deleted files.
 */
export async function deleteEntries(
  connection: Connection,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<readonly Attempt<void>[]> {
  const outcomes = new Map<Entry, Attempt<void>>();
  const files = entries.filter((entry) => entry.kind === "file");
  const folders = entries.filter((entry) => entry.kind === "folder");
  await deleteAll(connection, files, outcomes, signal);
  if (folders.length > 0) await deleteFolders(connection, folders, files, outcomes, signal);
  return entries.map((entry) => outcomes.get(entry) ?? failed(notDeleted(entry)));
}

async function deleteFolders(
  connection: Connection,
  folders: readonly RemoteFolder[],
  deletedFiles: readonly RemoteFile[],
  outcomes: Map<Entry, Attempt<void>>,
  signal: AbortSignal,
): Promise<void> {
  const found = await findEmptyFolders(connection, folders, deletedFiles, signal);
  for (const folder of found.gone) outcomes.set(folder, succeeded(undefined));
  for (const folder of found.notEmpty) outcomes.set(folder, failed(notEmpty(folder)));
  await deleteAll(connection, found.topmost, outcomes, signal);
  for (const [folder, top] of found.inside) {
    const outcome = outcomes.get(top);
    if (outcome !== undefined) outcomes.set(folder, outcome);
  }
  const tooLarge = found.topmost.filter((folder) => isTooLarge(outcomes.get(folder)));
  for (const top of tooLarge) await deleteLevelByLevel(connection, top, found.inside, outcomes, signal);
}

/** A folder with more than 10,000 folders in it is taken apart from below. */
async function deleteLevelByLevel(
  connection: Connection,
  top: RemoteFolder,
  inside: ReadonlyMap<RemoteFolder, RemoteFolder>,
  outcomes: Map<Entry, Attempt<void>>,
  signal: AbortSignal,
): Promise<void> {
  const levels = new Map<number, RemoteFolder[]>([[depthOf(top), [top]]]);
  for (const [folder, itsTop] of inside) {
    if (itsTop !== top) continue;
    const depth = depthOf(folder);
    levels.set(depth, [...(levels.get(depth) ?? []), folder]);
  }
  for (const depth of [...levels.keys()].sort((a, b) => b - a)) {
    await deleteAll(connection, levels.get(depth) ?? [], outcomes, signal);
  }
}

async function deleteAll(
  connection: Connection,
  entries: readonly Entry[],
  outcomes: Map<Entry, Attempt<void>>,
  signal: AbortSignal,
): Promise<void> {
  for (const chunk of chunksOf(entries, ENTRIES_PER_CALL)) {
    const attempts = await connection.commits.alone(() => runJob(connection, toRoute(connection), chunk, signal));
    chunk.forEach((entry, at) => {
      const attempt = attempts[at];
      if (attempt !== undefined) outcomes.set(entry, toOutcome(attempt));
    });
  }
}

function toRoute({ root }: Connection): BatchRoute<Entry, Deleted> {
  return {
    operation: "delete",
    route: "files/delete_batch",
    checkRoute: "files/delete_batch/check",
    toArg: (entries) => ({
      entries: entries.map((entry) => {
        const path = remotePath(root.path, entry.path);
        const isPinned = entry.kind === "file" && entry.version !== undefined;
        return isPinned ? { path, parent_rev: entry.version } : { path };
      }),
    }),
    subjectOf: (entry) => entry.path,
    answer: deleteJob,
    repeatable: true,
  };
}

function toOutcome(attempt: Attempt<Deleted>): Attempt<void> {
  if (attempt.ok) return succeeded(undefined);
  // Gone already is what was wanted.
  return attempt.error.code === "not-found" ? succeeded(undefined) : attempt;
}

function isTooLarge(outcome: Attempt<void> | undefined): boolean {
  return outcome?.ok === false && outcome.error instanceof RouteError && outcome.error.has("too_many_files");
}

function depthOf({ path }: RemoteFolder): number {
  return path.split("/").length;
}

function notEmpty({ path }: RemoteFolder): ProviderError {
  return new ProviderError("changed", `delete ${path}: the folder is not empty any more`);
}

function notDeleted({ path }: Entry): ProviderError {
  return new ProviderError("malformed", `delete ${path}: Dropbox did not say what became of it`);
}
