import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { createSha256 } from "./digest.js";
import { effort } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import { writeLargeFile } from "./large-file.js";
import { SERVICES } from "./services.js";
import { hashFile } from "./side.js";
import { useAccount } from "./use-account.js";
import { watchMemory } from "./watch-memory.js";
import type { MemoryWatch } from "./watch-memory.js";

const SIZE_BYTES = effort.largeMib * 1024 * 1024 + 12_345;
/** Newer versions of Node take up to 155 themselves; the smallest file that is tried would not fit in as well. */
const MOST_MEMORY_MIB = 200;
const TIMEOUT_MS = 600_000;

function expectFlat(memory: MemoryWatch, what: string): void {
  if (process.platform !== "linux") return;
  console.info(`${what} of ${String(effort.largeMib)} MiB: peak memory ${memory.peakMib().toFixed(0)} MiB`);
  expect(memory.peakMib()).toBeGreaterThan(20);
  expect(memory.peakMib()).toBeLessThan(MOST_MEMORY_MIB);
}

describe(`a file of ${String(effort.largeMib)} MiB goes through in bounded memory`, () => {
  describe.each(SERVICES)("$title", ({ title, open }) => {
    const account = useAccount(open);

    test("up", { timeout: TIMEOUT_MS }, async () => {
      await inTemporaryDirectory(async (directory) => {
        const local = join(directory, "local");
        await mkdir(local);
        const digest = account().createDigest();
        const hash = await writeLargeFile(join(local, "film.mkv"), { sizeBytes: SIZE_BYTES, seed: 1 }, digest);
        const env = await account().signIn();
        const job = new Job({ local, remote: account().url("/Up"), state: join(directory, "state"), env });
        const memory = watchMemory();
        const { code, summary, stderr } = await job.sync([], memory);
        expect(code, stderr).toBe(0);
        expect(summary.bytesUp).toBe(SIZE_BYTES);
        expectFlat(memory, `upload to ${title}`);
        expect(await account().hashes("/Up")).toEqual(new Map([["film.mkv", hash]]));
        await account().delete("/Up");
      });
    });

    test("down", { timeout: TIMEOUT_MS }, async () => {
      await inTemporaryDirectory(async (directory) => {
        const local = join(directory, "local");
        await mkdir(local);
        await account().writeGenerated("/Down/film.mkv", SIZE_BYTES, 2);
        const env = await account().signIn();
        const job = new Job({ local, remote: account().url("/Down"), state: join(directory, "state"), env });
        const memory = watchMemory();
        const { code, summary, stderr } = await job.sync([], memory);
        expect(code, stderr).toBe(0);
        expect(summary.bytesDown).toBe(SIZE_BYTES);
        expectFlat(memory, `download from ${title}`);
        const hash = await hashFile(join(local, "film.mkv"), account().createDigest());
        expect(await account().hashes("/Down")).toEqual(new Map([["film.mkv", hash]]));
      });
    });
  });

  test("to another folder and back", { timeout: TIMEOUT_MS }, async () => {
    await inTemporaryDirectory(async (directory) => {
      const [local, other, copy] = ["local", "other", "copy"].map((name) => join(directory, name));
      if (local === undefined || other === undefined || copy === undefined) throw new Error("three names");
      for (const folder of [local, other, copy]) await mkdir(folder);
      const wanted = { sizeBytes: SIZE_BYTES, seed: 3 };
      const hash = await writeLargeFile(join(local, "film.mkv"), wanted);
      const out = watchMemory();
      const outward = new Job({ local, remote: `folder:${other}`, state: join(directory, "state") });
      expect((await outward.sync([], out)).summary.uploaded).toBe(1);
      expectFlat(out, "to a folder");
      await rm(local, { recursive: true });
      const back = watchMemory();
      const inward = new Job({ local: copy, remote: `folder:${other}`, state: join(directory, "state") });
      expect((await inward.sync([], back)).summary.downloaded).toBe(1);
      expectFlat(back, "from a folder");
      expect(await hashFile(join(copy, "film.mkv"), createSha256())).toBe(hash);
    });
  });
});
