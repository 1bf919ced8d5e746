import type { RemoteFile, RemoteFolder, RemoteSpecial } from "../../lib/model/entry.js";
import type { ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Item } from "./schemas.js";
import { modifiedMsOf } from "./times.js";

/** A file or folder as the service describes it, at a path that was already checked. */
export function toEntry(item: Item, path: SyncPath): RemoteFile | RemoteFolder | RemoteSpecial {
  if (item.type === "file") return toRemoteFile(item, path);
  if (item.type === "dir") return toRemoteFolder(item, path);
  return { kind: "special", path, type: "entry of an unknown kind" };
}

export function toRemoteFile(item: Item, path: SyncPath): RemoteFile {
  return {
    kind: "file",
    path,
    id: item.resource_id,
    version: versionOf(item),
    sizeBytes: item.size ?? 0,
    modifiedMs: modifiedMsOf(item),
    hash: hashOf(item),
  };
}

export function toRemoteFolder(item: Item, path: SyncPath): RemoteFolder {
  return { kind: "folder", path, id: item.resource_id };
}

export function hashOf({ sha256 }: Item): ContentHash | undefined {
  return sha256 === undefined ? undefined : `sha256:${sha256}`;
}

const MD5_DIGITS = 32;

/**
 * The content itself is the version: the service's own `revision` changes with every property that is set. The MD5 comes
 * first, because it is what a deletion is made conditional on; the start of the SHA-256 makes it trustworthy.
 */
export function versionOf({ md5, sha256 }: Pick<Item, "md5" | "sha256">): string | undefined {
  return md5 === undefined || sha256 === undefined ? undefined : md5 + sha256.slice(0, 32);
}

/** The MD5 in a version; undefined for an entry that came without one. */
export function md5Of({ version }: RemoteFile): string | undefined {
  return version?.slice(0, MD5_DIGITS);
}

/** Whether the service shows the very content of the entry. */
export function isVersion(item: Item, file: RemoteFile): boolean {
  if (item.type !== "file" || item.size !== file.sizeBytes) return false;
  if (file.version !== undefined) return versionOf(item) === file.version;
  return file.hash !== undefined && hashOf(item) === file.hash;
}
