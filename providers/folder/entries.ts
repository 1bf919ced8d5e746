import type {
  LocalEntry,
  LocalFile,
  LocalFolder,
  RemoteEntry,
  RemoteFile,
  RemoteFolder,
} from "../../lib/model/entry.js";

/**
 * What `lib/local` shows, as a remote entry, and back. On the remote side inodes of the root's own device are written
 * without its number: disks get another one when they are attached again, which must not make every file look new.
 */
export interface Entries {
  toRemoteFile(file: LocalFile): RemoteFile;
  toRemoteFolder(folder: LocalFolder): RemoteFolder;
  toRemote(entry: LocalEntry): RemoteEntry;
  toLocalFile(file: RemoteFile): LocalFile;
  toLocal(entry: RemoteFile | RemoteFolder): LocalFile | LocalFolder;
}

/** `rootInode` is "device:inode" of the root as it is right now. */
export function createEntries(rootInode: string): Entries {
  const device = rootInode.slice(0, rootInode.indexOf(":") + 1);
  const strip = (text: string): string => (text.startsWith(device) ? text.slice(device.length) : text);
  const restore = (text: string): string => (/^\d+:/.test(text) ? text : device + text);

  const toRemoteFile = (file: LocalFile): RemoteFile => ({
    kind: "file",
    path: file.path,
    id: strip(file.inode),
    version: file.stamp === "" ? undefined : file.stamp,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    hash: undefined,
  });
  const toRemoteFolder = ({ path, inode }: LocalFolder): RemoteFolder => ({ kind: "folder", path, id: strip(inode) });
  const toLocalFile = (file: RemoteFile): LocalFile => ({
    kind: "file",
    path: file.path,
    // Every entry of ours has a size, a time and an inode. One without is no file that was seen here, and equals none.
    sizeBytes: file.sizeBytes ?? Number.NaN,
    modifiedMs: file.modifiedMs ?? Number.NaN,
    inode: restore(file.id ?? ""),
    stamp: file.version ?? "",
  });

  return {
    toRemoteFile,
    toRemoteFolder,
    toLocalFile,
    toRemote: (entry) => {
      switch (entry.kind) {
        case "file":
          return toRemoteFile(entry);
        case "folder":
          return toRemoteFolder(entry);
        case "special":
          return { kind: "special", path: entry.path, type: entry.type };
      }
    },
    toLocal: (entry) =>
      entry.kind === "file" ? toLocalFile(entry) : { kind: "folder", path: entry.path, inode: restore(entry.id ?? "") },
  };
}
