import type { Folder, PartialFile } from "../../lib/local/types.js";
import { LocalError } from "../../lib/model/errors.js";
import type { Upload, UploadContent, Uploaded } from "../provider.js";
import { ask } from "./api.js";
import { assertTaken } from "./names.js";
import type { Root } from "./root.js";

export interface UploadOptions {
  readonly upload: Upload;
  /** Keeps temporary files of machines apart that share this folder. */
  readonly runId: string;
}

/** Content up to this size is read in one piece. */
const WHOLE_BYTES = 1024 * 1024;

/**
 * Writes to a temporary file, then gives it the name. The hash is of the bytes as they were handed to the disk, which
 * has confirmed them with fsync; they are not read back, which would mostly read this machine's own memory.
 * A killed upload starts again from nothing: half a file is soon copied anew, and never mixed with another half.
 */
export async function upload(
  folder: Folder,
  root: Root,
  { upload: { path, content, modifiedMs, replaces, resumeKey }, runId }: UploadOptions,
  signal: AbortSignal,
): Promise<Uploaded> {
  signal.throwIfAborted();
  assertTaken(path);
  const onDisk = <T>(work: () => Promise<T>): Promise<T> => ask(folder.root, work);
  const entries = await onDisk(() => root.prepare());
  const partial = await onDisk(() => folder.openPartial(`${runId} ${resumeKey}`, ["sha256"], content.sizeBytes));
  try {
    for await (const chunk of chunksOf(content)) {
      signal.throwIfAborted();
      await onDisk(() => partial.write(chunk));
    }
    assertWhole(partial, { path, sizeBytes: content.sizeBytes });
    const sentHash = partial.hash();
    // Reading and writing may have taken long: the disk may be another one by now.
    await onDisk(() => root.find());
    const seen = replaces === undefined ? undefined : entries.toLocalFile(replaces);
    const file = await onDisk(() => folder.commit(partial, path, modifiedMs, seen));
    return { entry: { ...entries.toRemoteFile(file), hash: sentHash }, sentHash };
  } catch (error) {
    // What went wrong is what matters; a temporary file that cannot be removed now is removed by a later run.
    await partial.discard().catch(() => undefined);
    throw error;
  }
}

async function* chunksOf(content: UploadContent): AsyncGenerator<Uint8Array> {
  if (content.sizeBytes <= WHOLE_BYTES) {
    yield await content.read(0, content.sizeBytes);
    return;
  }
  for await (const chunk of content.open(0, content.sizeBytes)) {
    if (!(chunk instanceof Uint8Array)) throw new Error("the content of a file must be bytes");
    yield chunk;
  }
}

function assertWhole(
  partial: PartialFile,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
): void {
  if (partial.sizeBytes === sizeBytes) return;
  throw new LocalError("changed", `${JSON.stringify(path)} changed its size while it was read; run again`);
}
