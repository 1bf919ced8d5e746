import { parseSyncPath, type SyncPath } from "../../lib/model/path.js";

/** Where the service says an entry is. */
export interface Place {
  readonly name: string;
  readonly path_lower?: string | undefined;
  readonly path_display?: string | undefined;
}

/**
 * Finds out where entries of one listing lie below its root.
 *
 * Whether an entry is below the root is told by `path_lower`, the service's own key. Of `path_display` only the last
 * component is sure to be written as it is: parents may show an old case. So the names of all folders seen in this
 * listing are kept, and every parent that is among them is written the way its own entry writes it. A parent that was
 * not seen (in a continued listing most are not) is written as `path_display` has it. Memory grows with the number of
 * folders, not of files.
 */
export interface ListingPaths {
  /** To be called with every folder, before entries below it are placed. */
  addFolder(folder: Place): void;
  /** "root" for the root itself; undefined for a place that is not below the root, or whose name is hostile. */
  place(entry: Place): SyncPath | "root" | undefined;
}

/** `rootLower` is the `path_lower` of the root; "" for the whole account. */
export function createListingPaths(rootLower: string): ListingPaths {
  const prefix = `${rootLower}/`;
  const depth = rootLower.split("/").length;
  const folderNames = new Map<string, string>();

  function place(entry: Place): SyncPath | "root" | undefined {
    const lower = entry.path_lower;
    if (lower === undefined) return undefined;
    if (lower === rootLower) return "root";
    if (!lower.startsWith(prefix)) return undefined;
    const lowerParts = lower.split("/");
    const shown = (entry.path_display ?? lower).split("/");
    if (shown.length !== lowerParts.length || entry.name.includes("/")) return undefined;
    let above = rootLower;
    for (let at = depth; at < lowerParts.length - 1; at++) {
      above = `${above}/${lowerParts[at] ?? ""}`;
      shown[at] = folderNames.get(above) ?? shown[at] ?? "";
    }
    const path = [...shown.slice(depth, -1), entry.name].join("/");
    // Dropbox has no backslash in names; on other systems one would be a separator.
    return path.includes("\\") ? undefined : parseSyncPath(path);
  }

  return {
    addFolder: (folder) => {
      if (folder.path_lower !== undefined) folderNames.set(folder.path_lower, folder.name);
    },
    place,
  };
}
