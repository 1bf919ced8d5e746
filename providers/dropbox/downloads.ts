import { Readable } from "node:stream";
import { ProviderError } from "../../lib/model/errors.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import type { Connection } from "./connection.js";
import { lookUp } from "./lookup.js";
import { remotePath } from "./paths.js";

/**
 * The listed content from `start` on. It is asked for by path, and the answer's own `rev` is compared: that one request
 * shows both that the path still holds the listed version and that the bytes are of that version, also when a download
 * goes on where an earlier one broke off. Asking by "rev:" would bring the right bytes too, but also those of a file
 * that has been replaced or deleted since.
 */
export async function download(
  { api, root }: Connection,
  file: RemoteFile,
  start: number,
  signal: AbortSignal,
): Promise<Readable> {
  const about = { operation: "download", subject: file.path };
  const path = remotePath(root.path, file.path);
  if (start > 0 && file.sizeBytes !== undefined && start >= file.sizeBytes) {
    // No range begins at the end of a file: all that is left to do is to check the version.
    const found = await lookUp(api, path, signal);
    if (found === undefined) throw new ProviderError("not-found", `download ${file.path}: it is gone`);
    if (found[".tag"] !== "file" || found.rev !== file.version) throw changed(file);
    return Readable.from([]);
  }
  const { metadata, body } = await api.download(path, start, about, signal);
  if (metadata.rev === file.version && metadata.size === file.sizeBytes) return body;
  body.destroy();
  throw changed(file);
}

function changed({ path }: RemoteFile): ProviderError {
  return new ProviderError("changed", `download ${path}: the file has been changed on Dropbox since it was listed`);
}
