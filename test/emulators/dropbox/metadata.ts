import { toTimestamp } from "../shared/to-timestamp.js";
import type { AnyEntry, FileEntry, FolderEntry } from "./entries.js";
import { shownPath, type View } from "./view.js";

type Wire = Readonly<Record<string, unknown>>;

/** Metadata as it stands in a listing: with the tag of its subtype. */
export function taggedMetadata(view: View, entry: AnyEntry): Wire {
  if (entry.kind === "file") return { ".tag": "file", ...fileMetadata(view, entry) };
  if (entry.kind === "folder") return { ".tag": "folder", ...folderMetadata(view, entry) };
  return { ".tag": "deleted", name: entry.name, ...shownPaths(view, entry) };
}

/** FileMetadata where the type is fixed: without a tag. */
export function fileMetadata(view: View, file: FileEntry): Wire {
  const { exportAs, symlinkTarget, isReadOnly } = file.traits;
  return {
    name: file.name,
    id: file.id,
    ...shownPaths(view, file),
    client_modified: toTimestamp(file.clientModifiedMs),
    server_modified: toTimestamp(file.serverModifiedMs),
    rev: file.rev,
    size: file.content.sizeBytes,
    is_downloadable: exportAs === undefined,
    ...(exportAs === undefined ? { content_hash: file.content.hash } : { export_info: { export_as: exportAs } }),
    ...(symlinkTarget === undefined ? {} : { symlink_info: { target: symlinkTarget } }),
    ...(isReadOnly === undefined
      ? {}
      : { sharing_info: { read_only: isReadOnly, parent_shared_folder_id: "84528192421" } }),
  };
}

export function folderMetadata(view: View, folder: FolderEntry): Wire {
  const { sharedFolderId, parentSharedFolderId, isReadOnly, traverseOnly, noAccess } = folder.traits;
  const isShared = sharedFolderId !== undefined || parentSharedFolderId !== undefined || isReadOnly !== undefined;
  const sharing = {
    read_only: isReadOnly ?? false,
    ...(parentSharedFolderId === undefined ? {} : { parent_shared_folder_id: parentSharedFolderId }),
    ...(sharedFolderId === undefined ? {} : { shared_folder_id: sharedFolderId }),
    traverse_only: traverseOnly ?? false,
    no_access: noAccess ?? false,
  };
  return {
    name: folder.name,
    id: folder.id,
    ...shownPaths(view, folder),
    ...(sharedFolderId === undefined ? {} : { shared_folder_id: sharedFolderId }),
    ...(isShared ? { sharing_info: sharing } : {}),
  };
}

function shownPaths(view: View, entry: AnyEntry): Wire {
  const lower = entry.key.split("/").slice(1);
  const isLive = view.account.tree.get(entry.key) !== undefined;
  const parts =
    isLive && view.settings.displayParents === "true-case"
      ? [...view.account.tree.trueParts(entry.key).slice(0, -1), entry.name]
      : [...entry.display.slice(0, -1), entry.name];
  return { path_lower: shownPath(view, lower), path_display: shownPath(view, parts) };
}
