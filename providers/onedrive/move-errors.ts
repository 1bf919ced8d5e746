import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { RemoteMove } from "../provider.js";

export type MovedEntry = RemoteFile | RemoteFolder;

export function gone({ entry }: RemoteMove): ProviderError {
  return new ProviderError("not-found", `move ${entry.path}: it is gone`);
}

export function unexplained({ entry }: RemoteMove): ProviderError {
  return new ProviderError("malformed", `move ${entry.path}: OneDrive did not say what became of it`);
}
