import pLimit from "p-limit";
import type { RemoteFolder } from "../../lib/model/entry.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { chunksOf, succeeded } from "../attempts.js";
import type { Connection } from "./connection.js";
import { toRemoteFolder } from "./entries.js";
import { RouteError } from "./errors.js";
import { runJob, type BatchRoute } from "./jobs.js";
import { lookUp } from "./lookup.js";
import { remotePath, withName } from "./paths.js";
import { createFolderJob, type CreatedFolder } from "./schemas.js";

/** The service would take 10,000; smaller calls end sooner. */
const FOLDERS_PER_CALL = 1000;

/** Creates folders, parents first as given. One that is there already is fine. */
export async function createFolders(
  connection: Connection,
  paths: readonly SyncPath[],
  signal: AbortSignal,
): Promise<readonly Attempt<RemoteFolder>[]> {
  const attempts: Attempt<RemoteFolder>[] = [];
  const look = pLimit(PARALLEL_LOOKS);
  for (const chunk of chunksOf(paths, FOLDERS_PER_CALL)) {
    const created = await connection.commits.alone(() => runJob(connection, toRoute(connection), chunk, signal));
    const folders = chunk.flatMap((path, at) => {
      const attempt = created[at];
      return attempt === undefined ? [] : look(() => toFolder(connection, path, attempt, signal));
    });
    attempts.push(...(await Promise.all(folders)));
  }
  return attempts;
}

/** Folders that were there already are looked up for their ids, several at once. */
const PARALLEL_LOOKS = 6;

/** As `createFolders` for one, but "changed" when it is there already. */
export async function createNewFolder(
  connection: Connection,
  path: SyncPath,
  signal: AbortSignal,
): Promise<Attempt<RemoteFolder>> {
  const [created] = await connection.commits.alone(() => runJob(connection, toRoute(connection), [path], signal));
  if (created === undefined) throw new Error("a folder without an outcome");
  if (!created.ok) return created;
  return succeeded(toRemoteFolder(created.value.metadata, withName(path, created.value.metadata.name)));
}

function toRoute({ root }: Connection): BatchRoute<SyncPath, CreatedFolder> {
  return {
    operation: "create folder",
    route: "files/create_folder_batch",
    checkRoute: "files/create_folder_batch/check",
    toArg: (paths) => ({ paths: paths.map((path) => remotePath(root.path, path)), autorename: false }),
    subjectOf: (path) => path,
    answer: createFolderJob,
    repeatable: true,
  };
}

async function toFolder(
  { api, root }: Connection,
  path: SyncPath,
  created: Attempt<CreatedFolder>,
  signal: AbortSignal,
): Promise<Attempt<RemoteFolder>> {
  if (created.ok) {
    const { metadata } = created.value;
    return succeeded(toRemoteFolder(metadata, withName(path, metadata.name)));
  }
  const isTaken = created.error instanceof RouteError && created.error.is("path", "conflict", "folder");
  if (!isTaken) return created;
  const found = await lookUp(api, remotePath(root.path, path), signal);
  if (found?.[".tag"] !== "folder") return created;
  return succeeded(toRemoteFolder(found, withName(path, found.name)));
}
