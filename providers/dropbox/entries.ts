import type { Problem, RemoteFile, RemoteFolder, RemoteSpecial } from "../../lib/model/entry.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { FileMetadata, FolderMetadata, Metadata } from "./schemas.js";

/** A file as the service describes it, at a path that was already checked. */
export function toRemoteFile(file: FileMetadata, path: SyncPath): RemoteFile {
  const modifiedMs = Date.parse(file.client_modified);
  return {
    kind: "file",
    path,
    id: file.id,
    version: file.rev,
    sizeBytes: file.size,
    modifiedMs: Number.isNaN(modifiedMs) ? undefined : modifiedMs,
    hash: hashOf(file),
  };
}

export function toRemoteFolder(folder: FolderMetadata, path: SyncPath): RemoteFolder {
  return { kind: "folder", path, id: folder.id };
}

export function hashOf(file: FileMetadata): ContentHash | undefined {
  return file.content_hash === undefined ? undefined : `dropbox:${file.content_hash}`;
}

/** An entry or what is wrong with it; undefined for a deleted one. */
export function toEntry(
  metadata: Metadata,
  path: SyncPath,
): RemoteFile | RemoteFolder | RemoteSpecial | Problem | undefined {
  switch (metadata[".tag"]) {
    case "file":
      if (metadata.is_downloadable === false) return { kind: "special", path, type: "online document" };
      if (metadata.symlink_info !== undefined) return { kind: "special", path, type: "symbolic link" };
      return toRemoteFile(metadata, path);
    case "folder":
      return metadata.sharing_info?.no_access === true ? noAccess(path) : toRemoteFolder(metadata, path);
    case "deleted":
      return undefined;
    case "unknown":
      return { kind: "special", path, type: "entry of an unknown kind" };
  }
}

function noAccess(path: SyncPath): Problem {
  return {
    side: "remote",
    path,
    code: "unreadable",
    message: "Dropbox does not let this account look into the folder. Ask its owner for access, or exclude it.",
    covers: { path, subtree: true },
  };
}
