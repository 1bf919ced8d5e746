import type { RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { nameOf } from "../../lib/model/path.js";
import type { Attempt, RemoteMove } from "../provider.js";
import { sendMany } from "./batch.js";
import { assertWritable, lookAtFiles } from "./condition.js";
import type { Connection } from "./connection.js";
import { specialType, toRemoteFile, toRemoteFolder } from "./entries.js";
import { isNameTaken, statusOf } from "./errors.js";
import { lookUp, lookUpStored } from "./lookup.js";
import { gone, unexplained, type MovedEntry } from "./move-errors.js";
import { staysInFolder, toMember, type MovePlan } from "./move-plan.js";
import { foldPath, itemAddress, withName } from "./paths.js";
import { renameByDetour } from "./pending-renames.js";
import type { FoundRoot } from "./root.js";
import type { ChangedItem, DriveItem } from "./schemas.js";

/** What became of a move, by its answer: the entry at its new place, or the reason why it is not there, thrown. */
export async function outcomeOf(
  connection: Connection,
  root: FoundRoot,
  plan: MovePlan,
  result: Attempt<ChangedItem>,
  signal: AbortSignal,
): Promise<MovedEntry> {
  if (!result.ok) return await explain(connection, root, plan, result.error, signal);
  return toMoved(root, plan.move, await wholeItem(connection, root, plan.move, result.value, signal));
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
  plan: MovePlan,
  error: ProviderError,
  signal: AbortSignal,
): Promise<MovedEntry> {
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
  { plan, file }: { readonly plan: MovePlan; readonly file: RemoteFile },
  signal: AbortSignal,
): Promise<MovedEntry> {
  const { move } = plan;
  const [condition] = await lookAtFiles(connection, root, [file], true, signal);
  if (condition === undefined || condition.kind === "gone") throw gone(move);
  assertWritable("move", file.path, condition);
  const [again] = await sendMany(connection, [toMember(root, { ...plan, condition })], signal);
  if (again === undefined) throw unexplained(move);
  if (!again.ok) throw again.error;
  return toMoved(root, move, await wholeItem(connection, root, move, again.value, signal));
}

function isAt({ parentId, move }: MovePlan, item: DriveItem): boolean {
  const isThere = parentId === undefined || item.parentReference?.id === parentId;
  return isThere && item.name?.normalize("NFC") === nameOf(move.to);
}

function isCaseOnly(move: RemoteMove): boolean {
  return staysInFolder(move) && foldPath(nameOf(move.entry.path)) === foldPath(nameOf(move.to));
}

/** Some answers to a change come without a body. */
async function wholeItem(
  connection: Connection,
  { drive }: FoundRoot,
  { entry }: RemoteMove,
  changed: ChangedItem,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { id, ...rest } = changed;
  if (id !== undefined && (rest.folder !== undefined || rest.eTag !== undefined)) return { ...rest, id };
  const found = await lookUpStored(connection, itemAddress(drive.id, entry.id ?? ""), { subject: entry.path }, signal);
  if (found === undefined) throw new ProviderError("not-found", `move ${entry.path}: it is gone`);
  return found;
}

function toMoved({ drive }: FoundRoot, move: RemoteMove, item: DriveItem): MovedEntry {
  const { entry, to } = move;
  const path = withName(to, item.name);
  if (specialType(item) === undefined || item.file !== undefined || item.folder !== undefined) {
    return entry.kind === "folder" ? toRemoteFolder(item, path) : toRemoteFile(item, path, drive);
  }
  throw unexplained(move);
}
