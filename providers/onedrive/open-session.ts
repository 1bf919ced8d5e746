import type { ContentHash } from "../../lib/model/hash.js";
import type { Attempt, Upload } from "../provider.js";
import { jsonBody } from "./api.js";
import { attempt, unwrap } from "../attempts.js";
import { sendMany, type Member } from "./batch.js";
import { assertWritable, changedError, conditionHeaders, lookAtFiles, needsLook, type Condition } from "./condition.js";
import { findStored } from "./confirm.js";
import type { Connection } from "./connection.js";
import { isNameTaken, isNotFound, statusOf } from "./errors.js";
import { ensureParents } from "./folders.js";
import { lookUp } from "./lookup.js";
import { itemAddress, pathAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { createSavedSessions } from "./saved-sessions.js";
import { uploadSession, type DriveItem, type UploadSession } from "./schemas.js";
import { fileSystemInfo, uploadTimeMs } from "./upload-time.js";
import { cancelSession } from "./upload-session.js";

/** How an upload may begin. */
export type Opening =
  | { readonly kind: "session"; readonly url: string }
  /** The very file is there already: an earlier attempt arrived, and only its answer did not. */
  | { readonly kind: "stored"; readonly item: DriveItem }
  /** An unfinished session that nobody knows the address of holds the name. */
  | { readonly kind: "blocked"; readonly condition: Condition | undefined };

/** Creates sessions for many files with few requests; one attempt for each, in the order given. None is forced. */
export async function openSessions(
  connection: Connection,
  root: FoundRoot,
  files: readonly { readonly file: Upload; readonly condition: Condition | undefined }[],
  signal: AbortSignal,
): Promise<readonly Attempt<UploadSession>[]> {
  // Small files need not say how large they are: a full drive refuses their only range as well.
  const members = files.map(({ file, condition }) => toMember(root, file, { condition, namesSize: false }));
  return await sendMany(connection, members, signal);
}

/** Most of the ways in which a session can be refused have a remedy of their own; each is tried so often in all. */
const MOST_TRIES = 6;

/** Creates one session, with all that it takes: parents are made, forgotten sessions ended, spurious refusals seen through. */
export async function openSession(
  connection: Connection,
  root: FoundRoot,
  { file, sentHash }: { readonly file: Upload; readonly sentHash: ContentHash | undefined },
  signal: AbortSignal,
): Promise<Opening> {
  let condition = await firstCondition(connection, root, file, signal);
  let hasParents = false;
  let namesSize = root.drive.isPersonal;
  for (let tries = 1; ; tries++) {
    const member = toMember(root, file, { condition, namesSize });
    const outcome = await attempt(() => create(connection, member, signal));
    if (outcome.ok) return { kind: "session", url: outcome.value.uploadUrl };
    const { error } = outcome;
    if (tries === MOST_TRIES) throw error;
    if (statusOf(error) === 400 && namesSize) {
      // Personal accounts that were moved to the platform of companies may not know the size here.
      namesSize = false;
    } else if (isNotFound(error) && file.replaces === undefined && !hasParents) {
      unwrap(await ensureParents(connection, root, [file.path], signal));
      hasParents = true;
    } else if (file.replaces !== undefined && statusOf(error) === 412) {
      [condition] = await lookAtFiles(connection, root, [file.replaces], true, signal);
      assertUnchanged(file, condition);
    } else if (isNameTaken(error)) {
      const stored = await whatIsThere(connection, root, { file, sentHash }, signal);
      if (stored !== undefined) return { kind: "stored", item: stored };
      if (!(await freeName(connection, file, signal))) return { kind: "blocked", condition };
    } else {
      throw isNotFound(error) ? changedError("upload", file.path) : error;
    }
  }
}

/** Throws "changed" where the version that is to be replaced is not there any more. */
export function assertUnchanged(file: Upload, condition: Condition | undefined): void {
  assertWritable("upload", file.path, condition);
}

/** Whether a look has to come before the write: personal drives take sessions by name only, also where nothing is there any more. */
export function needsLookFirst({ replaces }: Upload, root: FoundRoot): boolean {
  return replaces !== undefined && (root.drive.isPersonal || needsLook(replaces, root));
}

async function firstCondition(
  connection: Connection,
  root: FoundRoot,
  file: Upload,
  signal: AbortSignal,
): Promise<Condition | undefined> {
  if (file.replaces === undefined || !needsLookFirst(file, root)) return listedCondition(file);
  const [condition] = await lookAtFiles(connection, root, [file.replaces], false, signal);
  assertUnchanged(file, condition);
  return condition;
}

export function listedCondition({ replaces }: Upload): Condition | undefined {
  return replaces?.version === undefined ? undefined : { kind: "listed", eTag: replaces.version };
}

async function create(
  { api }: Connection,
  { json, ...call }: Member<UploadSession>,
  signal: AbortSignal,
): Promise<UploadSession> {
  return await api.call({ ...call, body: jsonBody(json) }, signal);
}

function toMember(
  root: FoundRoot,
  file: Upload,
  { condition, namesSize }: { readonly condition: Condition | undefined; readonly namesSize: boolean },
): Member<UploadSession> {
  const { drive } = root;
  const { replaces, path } = file;
  const isByName = replaces?.id === undefined || drive.isPersonal;
  const address = isByName ? pathAddress(drive.id, root.id, path) : itemAddress(drive.id, replaces.id);
  const item = {
    "@microsoft.graph.conflictBehavior": replaces === undefined ? "fail" : "replace",
    ...fileSystemInfo(uploadTimeMs(file, drive.isPersonal)),
    // With the size, a full drive refuses at once. Drives of companies do not take it.
    ...(namesSize ? { fileSize: file.content.sizeBytes } : {}),
  };
  return {
    operation: "upload",
    subject: path,
    method: "POST",
    path: `${address}/createUploadSession`,
    headers: condition === undefined ? {} : conditionHeaders(condition),
    json: { item },
    answer: uploadSession,
    // A session made twice blocks its own name, which is seen through; an upload given up for a lost answer is worse.
    repeatable: true,
  };
}

/** The name is taken: by the very file, or by another one, which is "changed"; undefined where nothing is to be seen. */
async function whatIsThere(
  connection: Connection,
  root: FoundRoot,
  { file, sentHash }: { readonly file: Upload; readonly sentHash: ContentHash | undefined },
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  if (sentHash !== undefined) {
    const stored = await findStored(connection, { file, root, sentHash }, signal);
    if (stored !== undefined) return stored;
  }
  if (file.replaces !== undefined) return undefined;
  const address = pathAddress(root.drive.id, root.id, file.path);
  const found = await lookUp(connection.api, address, { subject: file.path }, signal);
  if (found !== undefined) throw changedError("upload", file.path);
  return undefined;
}

/** Ends sessions that earlier uploads to the path left behind; false when none is known. */
async function freeName(connection: Connection, { path }: Upload, signal: AbortSignal): Promise<boolean> {
  const left = createSavedSessions(connection.memory, connection.now).takeLeft(path);
  for (const url of left) await cancelSession(connection, { url, subject: path }, signal);
  return left.length > 0;
}
