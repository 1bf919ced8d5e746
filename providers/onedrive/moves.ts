import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { attempt, failed } from "../attempts.js";
import { sendMany, type Member } from "./batch.js";
import { assertWritable, changedError, conditionHeaders, lookAtFiles, needsLook, type Condition } from "./condition.js";
import type { Connection } from "./connection.js";
import { specialType, toRemoteFile, toRemoteFolder } from "./entries.js";
import { isNameTaken, isNotFound, statusOf } from "./errors.js";
import { ensureParents, refused } from "./folders.js";
import { lookUp } from "./lookup.js";
import { refusalOfName } from "./names.js";
import { foldPath, itemAddress, pathAddress, withName } from "./paths.js";
import { renameByDetour } from "./pending-renames.js";
import type { FoundRoot } from "./root.js";
import { changedItem, driveItem, type ChangedItem, type DriveItem } from "./schemas.js";
import { fileSystemInfo } from "./upload-time.js";
import { toWaves } from "./waves.js";

type Entry = RemoteFile | RemoteFolder;

/** One move with all that its request needs. */
interface Plan {
  readonly move: RemoteMove;
  /** Undefined where the folder stays the same. */
  readonly parentId: string | undefined;
  readonly condition: Condition | undefined;
}

/**
 * Moves entries, in the order given as far as they touch each other, twenty to a request. An entry is named by its id, and a
 * file by its version too: should something else have taken its place by now, that stays where it is.
 */
export async function moveEntries(
  connection: Connection,
  moves: readonly RemoteMove[],
  signal: AbortSignal,
): Promise<readonly Attempt<Entry>[]> {
  signal.throwIfAborted();
  const root = moves.length === 0 ? undefined : await connection.root.find(signal);
  if (root === undefined) return moves.map((move) => failed(gone(move)));
  const outcomes = new Map<RemoteMove, Attempt<Entry>>();
  for (const wave of toWaves(moves)) await moveWave(connection, root, wave, outcomes, signal);
  return moves.map((move) => outcomes.get(move) ?? failed(unexplained(move)));
}

async function moveWave(
  connection: Connection,
  root: FoundRoot,
  wave: readonly RemoteMove[],
  outcomes: Map<RemoteMove, Attempt<Entry>>,
  signal: AbortSignal,
): Promise<void> {
  const plans = await planWave(connection, root, wave, outcomes, signal);
  const attempts = await sendMany(
    connection,
    plans.map((plan) => toMember(root, plan)),
    signal,
  );
  for (const [at, plan] of plans.entries()) {
    const result = attempts[at];
    if (result === undefined) continue;
    const { move } = plan;
    const outcome = await attempt(async () => {
      if (!result.ok) return await explain(connection, root, plan, result.error, signal);
      return toMoved(root, move, await wholeItem(connection, root, move, result.value, signal));
    });
    outcomes.set(move, outcome);
  }
}

/** Finds the folders that entries go to, and looks at files whose listed version says too little. */
async function planWave(
  connection: Connection,
  root: FoundRoot,
  wave: readonly RemoteMove[],
  outcomes: Map<RemoteMove, Attempt<Entry>>,
  signal: AbortSignal,
): Promise<readonly Plan[]> {
  const sound = wave.filter((move) => {
    const reason = refusalOfName(move.to);
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
  return sound.flatMap((move): readonly Plan[] => {
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

function listedCondition(entry: Entry): Condition | undefined {
  if (entry.kind === "folder" || entry.version === undefined) return undefined;
  return { kind: "listed", eTag: entry.version };
}

function staysInFolder({ entry, to }: RemoteMove): boolean {
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

function toMember({ drive }: FoundRoot, { move, parentId, condition }: Plan): Member<ChangedItem> {
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

/** How long to wait before looking again whether a move that took too long has been carried out. */
const SECOND_LOOKS_MS = [0, 1_000, 4_000, 15_000];

/**
 * A move whose answer was lost comes back as a failure of its second try, and one of a large folder goes on after the service gave up
 * answering. So the entry is looked up by its id: where it is at its new place, all is well.
 */
async function explain(
  connection: Connection,
  root: FoundRoot,
  plan: Plan,
  error: ProviderError,
  signal: AbortSignal,
): Promise<Entry> {
  const { move } = plan;
  const { entry } = move;
  const isUnsure = error.code === "unavailable";
  for (const pauseMs of isUnsure ? SECOND_LOOKS_MS : [0]) {
    if (pauseMs > 0) await connection.sleep(pauseMs, signal);
    const found = await lookUp(
      connection.api,
      itemAddress(root.drive.id, entry.id ?? ""),
      { subject: entry.path },
      signal,
    );
    if (found === undefined) throw gone(move);
    if (isAt(plan, found)) return toMoved(root, move, found);
  }
  if (statusOf(error) === 412 && entry.kind === "file")
    return await moveAgain(connection, root, { plan, file: entry }, signal);
  if (isNameTaken(error) && isCaseOnly(move) && entry.id !== undefined) {
    const renamed = await renameByDetour(
      connection,
      root,
      { id: entry.id, name: nameOf(move.to), path: entry.path },
      signal,
    );
    return toMoved(root, move, renamed);
  }
  throw error;
}

/** The service refused the listed eTag. What it holds is compared, and the move made once more. */
async function moveAgain(
  connection: Connection,
  root: FoundRoot,
  { plan, file }: { readonly plan: Plan; readonly file: RemoteFile },
  signal: AbortSignal,
): Promise<Entry> {
  const { move } = plan;
  const [condition] = await lookAtFiles(connection, root, [file], true, signal);
  if (condition === undefined || condition.kind === "gone") throw gone(move);
  assertWritable("move", file.path, condition);
  const [again] = await sendMany(connection, [toMember(root, { ...plan, condition })], signal);
  if (again === undefined) throw unexplained(move);
  if (!again.ok) throw again.error;
  return toMoved(root, move, await wholeItem(connection, root, move, again.value, signal));
}

function isAt({ parentId, move }: Plan, item: DriveItem): boolean {
  const isThere = parentId === undefined || item.parentReference?.id === parentId;
  return isThere && item.name?.normalize("NFC") === nameOf(move.to);
}

function isCaseOnly(move: RemoteMove): boolean {
  return staysInFolder(move) && foldPath(nameOf(move.entry.path)) === foldPath(nameOf(move.to));
}

/** Some answers to a change come without a body. */
async function wholeItem(
  { api }: Connection,
  { drive }: FoundRoot,
  { entry }: RemoteMove,
  changed: ChangedItem,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { id, ...rest } = changed;
  if (id !== undefined && (rest.folder !== undefined || rest.eTag !== undefined)) return { ...rest, id };
  const found = await lookUp(api, itemAddress(drive.id, entry.id ?? ""), { subject: entry.path }, signal);
  if (found === undefined) throw new ProviderError("not-found", `move ${entry.path}: it is gone`);
  return found;
}

function toMoved({ drive }: FoundRoot, move: RemoteMove, item: DriveItem): Entry {
  const { entry, to } = move;
  const path = withName(to, item.name);
  if (specialType(item) === undefined || item.file !== undefined || item.folder !== undefined) {
    return entry.kind === "folder" ? toRemoteFolder(item, path) : toRemoteFile(item, path, drive);
  }
  throw unexplained(move);
}

function gone({ entry }: RemoteMove): ProviderError {
  return new ProviderError("not-found", `move ${entry.path}: it is gone`);
}

function unexplained({ entry }: RemoteMove): ProviderError {
  return new ProviderError("malformed", `move ${entry.path}: OneDrive did not say what became of it`);
}
