import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { hashIfShown } from "../../../providers/yandex/content-hash.js";
import { uploadOf } from "../../support/builders.js";

test("a run that is told to end does not read a long file to its end first", async () => {
  const sizeBytes = 1_000_000;
  const stop = new AbortController();
  let read = 0;
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (; read < sizeBytes; read += 1) {
      if (read === 10) stop.abort(new Error("stopped"));
      await nextTurn();
      yield Buffer.alloc(1);
    }
  };
  const { content } = uploadOf("a.bin", "");
  const long = { ...content, sizeBytes, open: () => Readable.from(pieces()) };
  const found = { type: "file", name: "a.bin", path: "disk:/a.bin", size: sizeBytes } as const;
  await expect(hashIfShown(long, found, stop.signal)).rejects.toThrow("stopped");
  expect(read).toBeLessThan(100);
});
