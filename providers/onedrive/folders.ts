import type { RemoteFolder } from "../../lib/model/entry.js";
import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt } from "../provider.js";
import { ProviderError } from "../../lib/model/errors.js";
import { failed, succeeded } from "../attempts.js";
import { sendMany, type Member } from "./batch.js";
import { changedError } from "./condition.js";
import type { Connection } from "./connection.js";
import { specialType, toRemoteFolder } from "./entries.js";
import { isNameTaken, isNotFound } from "./errors.js";
import { refusalOfFolder } from "./names.js";
import { depthOf, foldersAbove, itemAddress, pathAddress, withName } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { driveItem, ITEM_FIELDS, type DriveItem } from "./schemas.js";

/** Creates folders, those higher up first, twenty to a request. One that is there already is fine. */
export async function createFolders(
  connection: Connection,
  paths: readonly SyncPath[],
  signal: AbortSignal,
): Promise<readonly Attempt<RemoteFolder>[]> {
  signal.throwIfAborted();
  if (paths.length === 0) return [];
  const root = await connection.root.ensure(signal);
  const outcomes = new Map<SyncPath, Attempt<RemoteFolder>>();
  const rules = { target: connection.root.path, isPersonal: root.drive.isPersonal };
  const wanted = paths.filter((path) => {
    const reason = refusalOfFolder(path, rules);
    if (reason !== undefined) outcomes.set(path, failed(refused(path, reason)));
    return reason === undefined;
  });
  const orphans = await createLevels(connection, root, wanted, outcomes, signal);
  if (orphans.length > 0) {
    // Somebody removed a folder above them, or it was not asked for.
    const parents = await ensureParents(connection, root, orphans, signal);
    if (parents.ok) await createLevels(connection, root, orphans, outcomes, signal);
  }
  return paths.map(
    (path) => outcomes.get(path) ?? failed(new ProviderError("not-found", `create folder ${path}: no folder`)),
  );
}

/** Makes the folders that the paths lie in. Which are missing is not known, so all are asked for. */
export async function ensureParents(
  connection: Connection,
  root: FoundRoot,
  paths: readonly SyncPath[],
  signal: AbortSignal,
): Promise<Attempt<void>> {
  const folders = [...new Set(paths.flatMap((path) => [...foldersAbove(path)]))];
  const outcomes = new Map<SyncPath, Attempt<RemoteFolder>>();
  await createLevels(connection, root, folders, outcomes, signal);
  for (const outcome of outcomes.values()) if (!outcome.ok) return outcome;
  return succeeded(undefined);
}

/** Resolves to those whose own parent does not exist. Their attempts are in `outcomes` as well. */
async function createLevels(
  connection: Connection,
  root: FoundRoot,
  paths: readonly SyncPath[],
  outcomes: Map<SyncPath, Attempt<RemoteFolder>>,
  signal: AbortSignal,
): Promise<readonly SyncPath[]> {
  const orphans: SyncPath[] = [];
  for (const level of toLevels(paths)) {
    const made = await sendMany(
      connection,
      level.map((path) => toMember(root, path)),
      signal,
    );
    const taken: SyncPath[] = [];
    for (const [at, path] of level.entries()) {
      const attempt = made[at];
      if (attempt === undefined) continue;
      outcomes.set(
        path,
        attempt.ok ? succeeded(toRemoteFolder(attempt.value, withName(path, attempt.value.name))) : attempt,
      );
      if (!attempt.ok && isNameTaken(attempt.error)) taken.push(path);
      if (!attempt.ok && isNotFound(attempt.error)) orphans.push(path);
    }
    await lookAtTaken(connection, root, taken, outcomes, signal);
  }
  return orphans;
}

/** Folders of one depth together, the highest first. */
function toLevels(paths: readonly SyncPath[]): readonly (readonly SyncPath[])[] {
  const levels = new Map<number, SyncPath[]>();
  for (const path of new Set(paths)) levels.set(depthOf(path), [...(levels.get(depthOf(path)) ?? []), path]);
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level);
}

function toMember({ drive, id }: FoundRoot, path: SyncPath): Member<DriveItem> {
  const parent = parentOf(path);
  const address = parent === undefined ? itemAddress(drive.id, id) : pathAddress(drive.id, id, parent);
  return {
    operation: "create folder",
    subject: path,
    method: "POST",
    path: `${address}/children`,
    json: { name: nameOf(path), folder: {}, "@microsoft.graph.conflictBehavior": "fail" },
    answer: driveItem,
    repeatable: true,
  };
}

/** What is there already may be the folder that was wanted, made by somebody else or by a request whose answer was lost. */
async function lookAtTaken(
  connection: Connection,
  { drive, id }: FoundRoot,
  paths: readonly SyncPath[],
  outcomes: Map<SyncPath, Attempt<RemoteFolder>>,
  signal: AbortSignal,
): Promise<void> {
  const members = paths.map((path) => ({
    operation: "look at",
    subject: path,
    method: "GET" as const,
    path: `${pathAddress(drive.id, id, path)}?$select=${ITEM_FIELDS}`,
    answer: driveItem,
    repeatable: true,
  }));
  const found = await sendMany(connection, members, signal);
  for (const [at, path] of paths.entries()) {
    const item = found[at];
    if (item?.ok !== true) continue;
    const isFolder = item.value.folder !== undefined && specialType(item.value) === undefined;
    const outcome = isFolder
      ? succeeded(toRemoteFolder(item.value, withName(path, item.value.name)))
      : failed<RemoteFolder>(changedError("create folder", path));
    outcomes.set(path, outcome);
  }
}

export function refused(path: SyncPath, reason: string): ProviderError {
  return new ProviderError("rejected", `${path}: ${reason}`);
}
