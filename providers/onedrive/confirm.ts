import { ProviderError } from "../../lib/model/errors.js";
import { compareHashes, type ContentHash } from "../../lib/model/hash.js";
import type { Upload, Uploaded } from "../provider.js";
import type { Connection } from "./connection.js";
import { assertFile, hashOf, mayHold, modifiedOf, specialType, toRemoteFile } from "./entries.js";
import { lookUp, lookUpStored } from "./lookup.js";
import { itemAddress, pathAddress, withName } from "./paths.js";
import { mayBeRewritten } from "./rewritten.js";
import type { FoundRoot } from "./root.js";
import type { DriveItem } from "./schemas.js";
import { uploadTimeMs } from "./upload-time.js";

/** A file that was sent. */
export interface Sent {
  readonly file: Upload;
  readonly root: FoundRoot;
  readonly sentHash: ContentHash;
}

/**
 * Resolves to what was stored. The service may have shown only a part of it; then it is looked at. Rejects when the service names
 * other bytes than were sent, except for documents that it rewrites itself: those are recorded as they are now.
 */
export async function toUploaded(
  connection: Connection,
  { file, root, sentHash }: Sent,
  stored: DriveItem,
  signal: AbortSignal,
): Promise<Uploaded> {
  const item = isWhole(stored, { file, root, sentHash })
    ? stored
    : await lookAgain(connection, file, root, stored, signal);
  const { isPersonal } = root.drive;
  if (!mayHold(item, file.content.sizeBytes, sentHash) && !mayBeRewritten(file.path, isPersonal)) {
    throw new ProviderError(
      "unavailable",
      `upload ${file.path}: OneDrive did not confirm the bytes that were sent; the next run looks at it again`,
    );
  }
  const entry = toRemoteFile(assertFile(item, file.path), withName(file.path, item.name), { isPersonal });
  return { entry, sentHash };
}

/**
 * Called when a write was refused or its answer was lost: where the path holds the very file that was sent, all is as it should be.
 * Otherwise undefined.
 */
export async function findStored(
  { api }: Connection,
  { file, root, sentHash }: Sent,
  signal: AbortSignal,
): Promise<DriveItem | undefined> {
  const address = pathAddress(root.drive.id, root.id, file.path);
  const item = await lookUp(api, address, { subject: file.path }, signal);
  if (item === undefined || specialType(item) !== undefined || item.folder !== undefined) return undefined;
  const { isPersonal } = root.drive;
  const isSameTime = modifiedOf(item) === uploadTimeMs(file, isPersonal);
  if (mayBeRewritten(file.path, isPersonal)) return isSameTime ? item : undefined;
  return mayHold(item, file.content.sizeBytes, sentHash) && isSameTime ? item : undefined;
}

function isWhole(item: DriveItem, { file: { path, content }, root: { drive }, sentHash }: Sent): boolean {
  // What was sent in many requests, perhaps by two runs, is not believed by its size alone where the hash can be had.
  const isProved =
    content.sizeBytes <= ONE_RANGE_BYTES ||
    mayBeRewritten(path, drive.isPersonal) ||
    compareHashes(hashOf(item), sentHash) !== "unknown";
  return isProved && item.eTag !== undefined && item.size !== undefined && modifiedOf(item) !== undefined;
}

/** So much is sent at once, from memory. */
const ONE_RANGE_BYTES = 1024 * 1024;

async function lookAgain(
  connection: Connection,
  { path }: Upload,
  { drive }: FoundRoot,
  stored: DriveItem,
  signal: AbortSignal,
): Promise<DriveItem> {
  const item = await lookUpStored(connection, itemAddress(drive.id, stored.id), { subject: path }, signal);
  if (item === undefined) throw new ProviderError("changed", `upload ${path}: it is gone from OneDrive again`);
  return item;
}
