import { nameOf, parentOf, toSyncPath, type SyncPath } from "../../lib/model/path.js";

/** Each component percent-encoded, as the service wants paths in addresses. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** "/drives/b!…/items/01…" */
export function itemAddress(driveId: string, itemId: string): string {
  return `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(itemId)}`;
}

/** Names a path below an item: "/drives/b!…/items/01…:/a/b.txt:". With more after it, the colon closes the path. */
export function pathAddress(driveId: string, itemId: string, path: SyncPath): string {
  return `${itemAddress(driveId, itemId)}:/${encodePath(path)}:`;
}

/** To compare names as the service does: case and the two spellings of accents make no difference. */
export function foldPath(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

/** `path` with the last component as the service shows it, which may differ in case from what was asked for. */
export function withName(path: SyncPath, name: string | undefined): SyncPath {
  if (name === undefined || name === nameOf(path) || foldPath(name) !== foldPath(nameOf(path))) return path;
  const parent = parentOf(path);
  return toSyncPath(parent === undefined ? name : `${parent}/${name}`);
}

/** Every folder above the path, the nearest first: "a/b/c" has "a/b" and "a". */
export function* foldersAbove(path: SyncPath): Iterable<SyncPath> {
  for (let above = parentOf(path); above !== undefined; above = parentOf(above)) yield above;
}

export function depthOf(path: SyncPath): number {
  return path.split("/").length;
}
