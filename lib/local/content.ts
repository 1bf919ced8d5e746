import { Readable } from "node:stream";
import type { UploadContent } from "../../providers/provider.js";
import { createHasher } from "../hash/hasher.js";
import type { LocalFile } from "../model/entry.js";
import type { Algorithms, ContentHash } from "../model/hash.js";
import { explainErrors } from "./errors.js";
import type { FileHandle } from "./file-system.js";
import type { FolderContext } from "./folder-context.js";
import { locate } from "./locate.js";
import { readPiece, readRange } from "./read-range.js";
import { assertSeen } from "./seen.js";

export type OpenContent = UploadContent & { verify(): Promise<void>; close(): Promise<void> };

/** A file open for reading. It stays the one that was seen even if another takes its name; `verify` tells. */
export async function openContent(context: FolderContext, seen: LocalFile): Promise<OpenContent> {
  const { path, sizeBytes } = seen;
  const handle = await openSeen(context, seen);

  async function* read(start: number, end: number): AsyncGenerator<Buffer> {
    yield* readRange(handle, { start, end, path }, "fresh");
    assertSeen(await handle.stat(), seen);
  }

  return {
    sizeBytes,
    open: (start, end) => Readable.from(inWords(path, read(start, end)), { objectMode: false }),
    read: (start, end, into) =>
      explainErrors("read", path, async () => {
        const piece = await readPiece(handle, { start, end, path }, into);
        assertSeen(await handle.stat(), seen);
        return piece;
      }),
    verify: () =>
      explainErrors("read", path, async () => {
        assertSeen(await handle.stat(), seen);
        assertSeen((await locate(context, path, "present")).stats, seen);
      }),
    close: () => explainErrors("close", path, () => handle.close()),
  };
}

/** Reads the file whole. Rejects with "changed" when it is not the one that was seen, before or after. */
export async function hashSeen(
  context: FolderContext,
  {
    seen,
    algorithms,
    signal,
  }: { readonly seen: LocalFile; readonly algorithms: Algorithms; readonly signal: AbortSignal },
): Promise<ContentHash> {
  signal.throwIfAborted();
  const handle = await openSeen(context, seen);
  return explainErrors("read", seen.path, async () => {
    try {
      const hasher = createHasher(...algorithms);
      for await (const chunk of readRange(handle, { start: 0, end: seen.sizeBytes, path: seen.path }, "reuse")) {
        signal.throwIfAborted();
        hasher.update(chunk);
      }
      assertSeen(await handle.stat(), seen);
      return hasher.digest();
    } finally {
      await handle.close();
    }
  });
}

/** Looks before it opens, so that a pipe or a device is not even touched, and again at what was opened. */
async function openSeen(context: FolderContext, seen: LocalFile): Promise<FileHandle> {
  return explainErrors("read", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    assertSeen(stats, seen);
    const handle = await context.files.open(absolute, "read");
    try {
      assertSeen(await handle.stat(), seen);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

async function* inWords(path: string, chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const next = await explainErrors("read", path, () => chunks.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return(undefined);
  }
}
