import { Readable } from "node:stream";
import type { Folder } from "../../lib/local/types.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import { ProviderError } from "../../lib/model/errors.js";
import { ask, toProviderError } from "./api.js";
import type { Root } from "./root.js";

export interface Download {
  readonly file: RemoteFile;
  /** In bytes. */
  readonly start: number;
}

/** The content of the very file that was listed; the stream fails when that one is touched while it is read. */
export async function download(
  folder: Folder,
  root: Root,
  { file, start }: Download,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted();
  const content = await ask(folder.root, async () => {
    const entries = await root.find();
    if (entries === undefined || (await folder.stat(file.path)) === undefined) throw gone(folder, file);
    return folder.content(entries.toLocalFile(file));
  });
  const bytes = content.open(start, content.sizeBytes);
  const stream = Readable.from(pass(folder, bytes, signal), { objectMode: false });
  // Also when nobody ever read from it.
  stream.once("close", () => void content.close().catch(() => undefined));
  return stream;
}

async function* pass(folder: Folder, bytes: Readable, signal: AbortSignal): AsyncGenerator {
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    throw toProviderError(folder.root, error);
  }
}

function gone(folder: Folder, { path }: RemoteFile): ProviderError {
  return new ProviderError("not-found", `in folder:${folder.root}, ${JSON.stringify(path)} is gone; run again`);
}
