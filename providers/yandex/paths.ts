import { nameOf, parentOf, type SyncPath } from "../../lib/model/path.js";

/** Where something is on the service, in full: "disk:/Documents/a.txt", "app:/a.txt". */
export type RemotePath = string;

/** The folders that are always there. */
type Base = "disk:/" | "app:/";

/** A checked target as the service is asked for it. Paths always name their scheme: a first name may hold a colon. */
export function toRootPath(target: string): RemotePath {
  return target.startsWith("app:/") ? target : `disk:${target}`;
}

export function baseOf(path: RemotePath): Base {
  return path.startsWith("app:/") ? "app:/" : "disk:/";
}

export function isBase(path: RemotePath): boolean {
  return path === baseOf(path);
}

/** `name` inside `folder`. */
export function childOf(folder: RemotePath, name: string): RemotePath {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** The folder above; a base is its own. */
export function folderOf(path: RemotePath): RemotePath {
  const base = baseOf(path);
  const slash = path.lastIndexOf("/");
  return slash < base.length ? base : path.slice(0, slash);
}

export function lastNameOf(path: RemotePath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Paths below the root, as the service spells them. A name that the service keeps in another Unicode form than NFC is asked
 * for in that form; there are few of them, and only these are remembered.
 */
export interface Paths {
  readonly root: RemotePath;
  of(path: SyncPath | undefined): RemotePath;
  /** Called by a listing for an entry whose name is not NFC. */
  noteSpelling(path: SyncPath, name: string): void;
}

export function createPaths(root: RemotePath): Paths {
  const spellings = new Map<SyncPath, string>();
  const of = (path: SyncPath | undefined): RemotePath => {
    if (path === undefined) return root;
    if (spellings.size === 0) return childOf(root, path);
    return childOf(of(parentOf(path)), spellings.get(path) ?? nameOf(path));
  };
  return {
    root,
    of,
    noteSpelling: (path, name) => {
      spellings.set(path, name);
    },
  };
}
