import { Readable } from "node:stream";
import { expect } from "vitest";
import { toSyncPath } from "../../lib/model/path.js";
import type { UploadContent } from "../../providers/provider.js";
import { patternOf, uploadOf } from "../support/builders.js";
import type { Suite } from "./contract.js";
import { contents, listedPaths, put } from "./contract-bed.js";

const REASON = new Error("the run was told to end");

/** A run that is told to end gets its own reason back, and leaves nothing half done. */
export function testAborts({ check, capabilities, largeBytes }: Suite): void {
  check("a signal that is aborted already rejects every call with its reason", async ({ provider }) => {
    const file = await put(provider, "a.txt", "1");
    const signal = AbortSignal.abort(REASON);
    const calls: Readonly<Record<string, Promise<unknown>>> = {
      identify: provider.identify(signal),
      list: drain(provider.list(undefined, signal)),
      stat: provider.stat(file.path, signal),
      hash: provider.hash({ ...file, hash: undefined }, signal),
      download: provider.download(file, 0, signal),
      upload: provider.upload(uploadOf("b.txt", "2"), signal),
    };
    const folders = provider.createFolders([toSyncPath("d")], signal);
    const moves = provider.move([{ entry: file, to: toSyncPath("c.txt") }], signal);
    const deletes = provider.delete([file], signal);
    const all = { ...calls, createFolders: folders, move: moves, delete: deletes };
    const reasons = await Promise.allSettled(Object.values(all));
    const outcomes = Object.keys(all).map((name, i) => [name, isReason(reasons[i])]);
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(Object.keys(all).map((name) => [name, true])));
    expect(await contents(provider)).toEqual({ "a.txt": "1" });
  });

  check("an upload that is aborted on the way stores nothing", async ({ provider }) => {
    for (const sizeBytes of [1000, largeBytes]) {
      const controller = new AbortController();
      const upload = uploadOf("a.bin", abortingContent(sizeBytes, controller));
      await expect(provider.upload(upload, controller.signal)).rejects.toBe(REASON);
    }
    expect(await listedPaths(provider)).toEqual([]);
  });

  if (capabilities.canDownload) {
    check("a download that is aborted on the way ends with the reason", async ({ provider }) => {
      const file = await put(provider, "a.bin", patternOf(largeBytes));
      const controller = new AbortController();
      const stream = await provider.download(file, 0, controller.signal);
      let received = 0;
      const reading = (async () => {
        for await (const chunk of stream) {
          if (chunk instanceof Uint8Array) received += chunk.length;
          controller.abort(REASON);
        }
      })();
      await expect(reading).rejects.toBe(REASON);
      expect(received).toBeLessThan(largeBytes);
    });
  }

  if (capabilities.batch !== undefined) {
    check("a batch that is aborted already stores nothing", async ({ provider }) => {
      const uploads = ["a", "b", "c", "d", "e"].map((name) => uploadOf(name, name));
      await expect(provider.uploadBatch(uploads, AbortSignal.abort(REASON))).rejects.toBe(REASON);
      expect(await listedPaths(provider)).toEqual([]);
    });
  }
}

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  const iterator = pages[Symbol.asyncIterator]();
  while (!(await iterator.next()).done) continue;
}

function isReason(result: PromiseSettledResult<unknown> | undefined): boolean {
  return result?.status === "rejected" && result.reason === REASON;
}

/** Aborts as soon as the second half is asked for, and goes on as if nothing had happened. */
function abortingContent(sizeBytes: number, controller: AbortController): UploadContent {
  const bytes = patternOf(sizeBytes);
  const half = Math.floor(sizeBytes / 2);
  async function* chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; at += 65536) {
      const chunk = bytes.subarray(at, Math.min(end, at + 65536));
      if (at + chunk.length > half) controller.abort(REASON);
      yield chunk;
    }
  }
  return {
    sizeBytes,
    open: (start, end) => Readable.from(chunks(start, end), { objectMode: false }),
    read: async (start, end) => {
      if (end > half) controller.abort(REASON);
      return bytes.subarray(start, end);
    },
  };
}
