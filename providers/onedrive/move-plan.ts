import { ProviderError } from "../../lib/model/errors.js";
import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { failed } from "../attempts.js";
import { sendMany, type Member } from "./batch.js";
import { changedError, conditionHeaders, lookAtFiles, needsLook, type Condition } from "./condition.js";
import type { Connection } from "./connection.js";
import { isNotFound } from "./errors.js";
import { ensureParents, refused } from "./folders.js";
import { gone, type MovedEntry } from "./move-errors.js";
import { refusalOf, refusalOfFolder } from "./names.js";
import { foldPath, itemAddress, pathAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { changedItem, driveItem, type ChangedItem } from "./schemas.js";
import { fileSystemInfo } from "./upload-time.js";

/** One move with all that its request needs. */
export interface MovePlan {
  readonly move: RemoteMove;
  /** Undefined where the folder stays the same. */
  readonly parentId: string | undefined;
  readonly condition: Condition | undefined;
}

/** Finds the folders that entries go to, and looks at files whose listed version says too little. What cannot be moved has its outcome then. */
export async function planMoves(
  connection: Connection,
  root: FoundRoot,
  wave: readonly RemoteMove[],
  outcomes: Map<RemoteMove, Attempt<MovedEntry>>,
  signal: AbortSignal,
): Promise<readonly MovePlan[]> {
  const rules = { target: connection.root.path, isPersonal: root.drive.isPersonal };
  const sound = wave.filter((move) => {
    const reason = move.entry.kind === "folder" ? refusalOfFolder(move.to, rules) : refusalOf(move.to, 0, rules);
    if (reason !== undefined) outcomes.set(move, failed(refused(move.to, reason)));
    return reason === undefined;
  });
  const parents = await findParents(
    connection,
    root,
    sound.filter((move) => !staysInFolder(move)),
    signal,
  );
  const looked = sound.flatMap(({ entry }) => (entry.kind === "file" && needsLook(entry, root) ? [entry] : []));
  const conditions = await lookAtFiles(connection, root, looked, false, signal);
  return sound.flatMap((move): readonly MovePlan[] => {
    const parentId = staysInFolder(move) ? undefined : parents.get(parentOf(move.to) ?? "");
    if (!staysInFolder(move) && parentId === undefined) {
      outcomes.set(
        move,
        failed(new ProviderError("not-found", `move ${move.entry.path}: the folder it goes to is gone`)),
      );
      return [];
    }
    const at = looked.findIndex((file) => file === move.entry);
    const condition = at === -1 ? listedCondition(move.entry) : conditions[at];
    if (condition?.kind === "gone") outcomes.set(move, failed(gone(move)));
    if (condition?.kind === "changed") outcomes.set(move, failed(changedError("move", move.entry.path)));
    if (condition?.kind === "unknown") outcomes.set(move, failed(condition.error));
    return outcomes.has(move) ? [] : [{ move, parentId, condition }];
  });
}

function listedCondition(entry: MovedEntry): Condition | undefined {
  if (entry.kind === "folder" || entry.version === undefined) return undefined;
  return { kind: "listed", eTag: entry.version };
}

export function staysInFolder({ entry, to }: RemoteMove): boolean {
  return foldPath(parentOf(entry.path) ?? "") === foldPath(parentOf(to) ?? "");
}

/** The ids of the folders that moves lead to, by path; "" is the root. Those that are missing are made. */
async function findParents(
  connection: Connection,
  root: FoundRoot,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map([["", root.id]]);
  const targets = new Map(moves.flatMap(({ to }) => (parentOf(to) === undefined ? [] : [[parentOf(to), to] as const])));
  const paths = [...targets.keys()].flatMap((path) => path ?? []);
  const missing = await lookForFolders(connection, root, paths, found, signal);
  if (missing.length === 0) return found;
  await ensureParents(
    connection,
    root,
    missing.flatMap((path) => targets.get(path) ?? []),
    signal,
  );
  await lookForFolders(connection, root, missing, found, signal);
  return found;
}

/** Resolves to the paths at which nothing is. */
async function lookForFolders(
  connection: Connection,
  { drive, id }: FoundRoot,
  paths: readonly SyncPath[],
  found: Map<string, string>,
  signal: AbortSignal,
): Promise<readonly SyncPath[]> {
  const members = paths.map((path) => ({
    operation: "look at",
    subject: path,
    method: "GET" as const,
    path: `${pathAddress(drive.id, id, path)}?$select=id,folder`,
    answer: driveItem,
    repeatable: true,
  }));
  const looks = await sendMany(connection, members, signal);
  return paths.filter((path, at) => {
    const look = looks[at];
    if (look?.ok === true) found.set(path, look.value.id);
    return look?.ok === false && isNotFound(look.error);
  });
}

/** The request of a planned move. */
export function toMember({ drive }: FoundRoot, { move, parentId, condition }: MovePlan): Member<ChangedItem> {
  const { entry, to } = move;
  return {
    operation: "move",
    subject: entry.path,
    method: "PATCH",
    path: itemAddress(drive.id, entry.id ?? ""),
    headers: condition === undefined ? {} : conditionHeaders(condition),
    json: {
      name: nameOf(to),
      ...(parentId === undefined ? {} : { parentReference: { id: parentId } }),
      // A move may set the time to now.
      ...(entry.kind === "file" ? fileSystemInfo(entry.modifiedMs) : {}),
      "@microsoft.graph.conflictBehavior": "fail",
    },
    answer: changedItem,
    repeatable: true,
  };
}
