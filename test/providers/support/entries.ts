import type { RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { Provider } from "../../../providers/provider.js";
import { signal } from "./signal.js";

export async function fileAt(provider: Provider, path: string): Promise<RemoteFile> {
  const entry = await provider.stat(toSyncPath(path), signal);
  if (entry?.kind !== "file") throw new Error(`no file at ${path}`);
  return entry;
}

export async function folderAt(provider: Provider, path: string): Promise<RemoteFolder> {
  const entry = await provider.stat(toSyncPath(path), signal);
  if (entry?.kind !== "folder") throw new Error(`no folder at ${path}`);
  return entry;
}
