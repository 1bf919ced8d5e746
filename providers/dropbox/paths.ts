import { parentOf, nameOf, toSyncPath, type SyncPath } from "../../lib/model/path.js";

/** Full path on the service of a path below the root. `root` is "" for the whole account. */
export function remotePath(root: string, path: SyncPath): string {
  return `${root}/${path}`;
}

/**
 * Our own guess at `path_lower`, to compare paths that we wrote ourselves. Paths that the service names are compared
 * by the service's own `path_lower`, because its lower-casing follows an older table than ours.
 */
export function foldPath(path: string): string {
  return path.toLowerCase().normalize("NFC");
}

/** `path` with the last component as the service shows it, which may differ in case from what was asked for. */
export function withName(path: SyncPath, name: string): SyncPath {
  if (name === nameOf(path) || name.includes("/") || name.includes("\0")) return path;
  if (foldPath(name) !== foldPath(nameOf(path))) return path;
  const parent = parentOf(path);
  return toSyncPath(parent === undefined ? name : `${parent}/${name}`);
}

/** Every folder above the path, the nearest first: "/a/b/c" has "/a/b" and "/a". */
export function* ancestorsOf(path: string): Iterable<string> {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) yield path.slice(0, at);
}
