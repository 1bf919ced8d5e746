import { ProviderError } from "../../lib/model/errors.js";
import { compareHashes } from "../../lib/model/hash.js";
import type { Upload } from "../provider.js";
import { jsonBody } from "./api.js";
import { attempt, unwrap } from "../attempts.js";
import { assertWritable, changedError, conditionHeaders, lookAtFiles, type Condition } from "./condition.js";
import type { Connection } from "./connection.js";
import { hashOf } from "./entries.js";
import { isNameTaken, isNotFound, statusOf } from "./errors.js";
import { ensureParents } from "./folders.js";
import { lookUp, lookUpStored } from "./lookup.js";
import { itemAddress, pathAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { changedItem, driveItem, type DriveItem } from "./schemas.js";
import type { SentContent } from "./sent-content.js";
import { fileSystemInfo, uploadTimeMs } from "./upload-time.js";

/** The most that the service takes in one request. */
const PUT_BYTES = 250 * 1000 * 1000;

export interface WholeUpload {
  readonly file: Upload;
  readonly content: SentContent;
  readonly condition: Condition | undefined;
}

/**
 * Stores content with one request, and its time with a second, which counts as a second version: for empty files, which take no
 * upload session, and for names that a lost session blocks.
 */
export async function putWhole(
  connection: Connection,
  root: FoundRoot,
  upload: WholeUpload,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { file } = upload;
  if (file.content.sizeBytes > PUT_BYTES) {
    throw new ProviderError(
      "unavailable",
      `upload ${file.path}: an upload that was cut off earlier still holds the name; OneDrive frees it in a quarter of an hour, so run again later`,
    );
  }
  const first = await attempt(() => put(connection, root, upload, signal));
  const item = first.ok ? first.value : await mend(connection, root, { ...upload, error: first.error }, signal);
  return await setTime(connection, root, { file, item }, signal);
}

async function put(
  { api }: Connection,
  root: FoundRoot,
  { file, content, condition }: WholeUpload,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { drive } = root;
  const isNew = file.replaces?.id === undefined;
  const address = isNew ? pathAddress(drive.id, root.id, file.path) : itemAddress(drive.id, file.replaces.id);
  const call = {
    operation: "upload",
    subject: file.path,
    method: "PUT",
    path: `${address}/content?@microsoft.graph.conflictBehavior=${isNew ? "fail" : "replace"}`,
    headers: condition === undefined ? {} : conditionHeaders(condition),
    body: content.body(0, file.content.sizeBytes),
    answer: driveItem,
    repeatable: true,
  } as const;
  return await api.call(call, signal);
}

/** Refused: because a first try arrived and its answer did not, for want of a folder, or by a spurious mismatch. */
async function mend(
  connection: Connection,
  root: FoundRoot,
  { error, ...upload }: WholeUpload & { readonly error: ProviderError },
  signal: AbortSignal,
): Promise<DriveItem> {
  const { file, content } = upload;
  if (isNotFound(error)) {
    if (file.replaces !== undefined) throw changedError("upload", file.path);
    unwrap(await ensureParents(connection, root, [file.path], signal));
    return await put(connection, root, upload, signal);
  }
  const isMismatch = statusOf(error) === 412 && file.replaces !== undefined;
  if (!isMismatch && !isNameTaken(error)) throw error;
  const address = pathAddress(root.drive.id, root.id, file.path);
  // Where the name is taken, something is there, also when a look does not show it yet.
  const item = isMismatch
    ? await lookUp(connection.api, address, { subject: file.path }, signal)
    : await lookUpStored(connection, address, { subject: file.path }, signal);
  if (item?.file !== undefined && item.size === file.content.sizeBytes) {
    // Where a checksum is all that is listed, only the bytes would tell whose they are: the next plan compares them.
    const isOurs = item.size === 0 || compareHashes(hashOf(item), content.hash()) === "same";
    if (isOurs) return item;
  }
  if (!isMismatch) throw changedError("upload", file.path);
  const [condition] = await lookAtFiles(connection, root, [file.replaces], true, signal);
  if (condition === undefined) throw changedError("upload", file.path);
  assertWritable("upload", file.path, condition);
  return await put(connection, root, { ...upload, condition }, signal);
}

async function setTime(
  connection: Connection,
  root: FoundRoot,
  { file, item }: { readonly file: Upload; readonly item: DriveItem },
  signal: AbortSignal,
): Promise<DriveItem> {
  const time = fileSystemInfo(uploadTimeMs(file, root.drive.isPersonal));
  if (time.fileSystemInfo === undefined) return item;
  const path = itemAddress(root.drive.id, item.id);
  const about = { operation: "upload", subject: file.path };
  const call = {
    ...about,
    method: "PATCH",
    path,
    body: jsonBody(time),
    answer: changedItem,
    repeatable: true,
  } as const;
  const { id, ...stored } = await connection.api.call(call, signal);
  if (id !== undefined) return { ...stored, id };
  // Some answers to a change come without a body.
  const found = await lookUpStored(connection, path, { subject: file.path }, signal);
  if (found === undefined) throw changedError("upload", file.path);
  return found;
}
