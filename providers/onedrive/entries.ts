import { parseBase64 } from "../../lib/hash/quick-xor-hash.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { RemoteEntry, RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { compareBy, compareHashes, countAsSame, joinHashes, type ContentHash } from "../../lib/model/hash.js";
import type { SyncPath } from "../../lib/model/path.js";
import { mayBeRewritten } from "./rewritten.js";
import type { DriveItem } from "./schemas.js";

/** What decides how an item is read: the kind of drive it lies in. */
export interface DriveKind {
  readonly isPersonal: boolean;
}

/**
 * A file as the service describes it, at a path that was already checked.
 *
 * Its version is the eTag, which changes with every write of the content; it also changes when the file is renamed, but then the
 * hash shows that the content did not. A document that the service itself rewrites has neither: its version is made of what such
 * a rewriting leaves alone, its id and the time that its writer gave it, and it has no hash.
 */
export function toRemoteFile(item: DriveItem, path: SyncPath, kind: DriveKind): RemoteFile {
  const isRewritten = mayBeRewritten(path, kind.isPersonal);
  return {
    kind: "file",
    path,
    id: item.id,
    version: isRewritten ? stableVersion(item) : item.eTag,
    sizeBytes: item.size ?? 0,
    modifiedMs: modifiedOf(item),
    hash: isRewritten ? undefined : hashOf(item),
  };
}

export function toRemoteFolder(item: DriveItem, path: SyncPath): RemoteFolder {
  return { kind: "folder", path, id: item.id };
}

/** As an answer to an upload or a move has it; throws where the service did not say enough. */
export function assertFile(item: DriveItem, path: SyncPath): DriveItem {
  if (item.file !== undefined || (item.folder === undefined && item.package === undefined)) return item;
  throw new ProviderError("changed", `${path}: there is a folder on OneDrive by now`);
}

/**
 * The hashes that are listed: of most files the QuickXorHash, on personal drives often SHA-256 as well, and SHA-1, which counts only
 * where it is all there is. None but those of the right length; the service has been seen to show others.
 */
export function hashOf(item: DriveItem): ContentHash | undefined {
  const { quickXorHash = "", sha256Hash = "", sha1Hash = "" } = item.file?.hashes ?? {};
  const quickXor = /^[A-Za-z0-9+/]{27}=$/.test(quickXorHash) ? parseBase64(quickXorHash) : undefined;
  const sha256 = /^[0-9A-Fa-f]{64}$/.test(sha256Hash) ? (`sha256:${sha256Hash.toLowerCase()}` as const) : undefined;
  const sha1 = /^[0-9A-Fa-f]{40}$/.test(sha1Hash) ? (`sha1:${sha1Hash.toLowerCase()}` as const) : undefined;
  if (quickXor !== undefined && sha256 !== undefined) return joinHashes(quickXor, sha256);
  return quickXor ?? sha256 ?? sha1;
}

/**
 * Whether the item may hold what was sent. The QuickXorHash decides where it is listed: it is what the service itself goes by, while
 * others have been seen to be wrong for good, and then no further try would help.
 */
export function mayHold(item: DriveItem, sizeBytes: number, sentHash: ContentHash): boolean {
  const listed = hashOf(item);
  const comparison = compareBy("quickxor", listed, sentHash);
  const isDifferent = (comparison === "unknown" ? compareHashes(listed, sentHash) : comparison) === "different";
  return item.size === sizeBytes && !isDifferent;
}

export function modifiedOf(item: DriveItem): number | undefined {
  const ms = Date.parse(item.fileSystemInfo?.lastModifiedDateTime ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

/** Every kind of item as an entry. What cannot be synchronised is a special one: there, and left alone. */
export function toEntry(item: DriveItem, path: SyncPath, kind: DriveKind): RemoteEntry {
  const type = specialType(item);
  if (type !== undefined) return { kind: "special", path, type };
  return item.folder === undefined ? toRemoteFile(item, path, kind) : toRemoteFolder(item, path);
}

/** Why the item can only be left alone; undefined for plain files and folders. */
export function specialType(item: DriveItem): string | undefined {
  if (item.remoteItem !== undefined) return "shortcut to another drive";
  if (item.package !== undefined) return item.package.type === "oneNote" ? "OneNote notebook" : "package";
  if (item.malware !== undefined) return "file that OneDrive has blocked as malware";
  return item.file === undefined && item.folder === undefined ? "item of an unknown kind" : undefined;
}

/** Whether the item still holds the content that was listed, also when a rename or the service itself gave it another eTag. */
export function holdsListed(item: DriveItem, listed: RemoteFile, kind: DriveKind): boolean {
  const now = toRemoteFile(item, listed.path, kind);
  if (specialType(item) !== undefined || item.folder !== undefined || now.id !== listed.id) return false;
  if (now.version !== undefined && now.version === listed.version) return true;
  if (mayBeRewritten(listed.path, kind.isPersonal)) return false;
  if (now.sizeBytes !== listed.sizeBytes || now.modifiedMs !== listed.modifiedMs) return false;
  return countAsSame(now.hash, listed.hash, true);
}

/** Undefined where the service names no time: then nothing can be told. */
function stableVersion(item: DriveItem): string | undefined {
  const modified = modifiedOf(item);
  return modified === undefined ? item.eTag : `${item.id} ${new Date(modified).toISOString()}`;
}
