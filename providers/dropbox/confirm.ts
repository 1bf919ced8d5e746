import { ProviderError } from "../../lib/model/errors.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { Upload, Uploaded } from "../provider.js";
import type { DropboxApi } from "./api.js";
import { hashOf, toRemoteFile } from "./entries.js";
import { RouteError, isConflict } from "./errors.js";
import { lookUp } from "./lookup.js";
import { withName } from "./paths.js";
import type { FileMetadata } from "./schemas.js";

/** Resolves to what was stored. Throws when the service names other bytes than were sent. */
export function toUploaded(upload: Upload, stored: FileMetadata, sentHash: ContentHash): Uploaded {
  if (hashOf(stored) !== sentHash) {
    throw new ProviderError("malformed", `upload ${upload.path}: Dropbox did not confirm the bytes that were sent`);
  }
  return { entry: toRemoteFile(stored, withName(upload.path, stored.name)), sentHash };
}

/**
 * Called when a commit was refused. A commit whose answer was lost comes back, on its second try, as a conflict with
 * itself or as a session that is not there any more; and identical content is a conflict as well. So the path is
 * looked at: where it holds the very bytes that were sent, all is as it should be. Otherwise the refusal stands.
 */
export async function confirmStored(
  api: DropboxApi,
  refusal: { readonly error: ProviderError; readonly path: string; readonly sentHash: ContentHash },
  signal: AbortSignal,
): Promise<FileMetadata> {
  const { error, path, sentHash } = refusal;
  if (!isConflict(error) && !isSessionLost(error)) throw error;
  const found = await lookUp(api, path, signal);
  if (found?.[".tag"] === "file" && hashOf(found) === sentHash) return found;
  throw error;
}

/** True when the bytes have to be sent anew because the upload session is not what it should be. */
export function isSessionLost(error: unknown): boolean {
  if (!(error instanceof RouteError)) return false;
  return SESSION_TAGS.some((tag) => error.tags[0] === tag);
}

const SESSION_TAGS = [
  "lookup_failed",
  "not_found",
  "closed",
  "incorrect_offset",
  "concurrent_session_missing_data",
  "concurrent_session_not_closed",
  "concurrent_session_invalid_offset",
  "concurrent_session_invalid_data_size",
];
