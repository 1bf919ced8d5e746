import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import { hashLargeFile, writeLargeFile } from "./large-file.js";
import { watchMemory } from "./watch-memory.js";
import type { MemoryWatch } from "./watch-memory.js";

const SIZE_MIB = 1024;
const SIZE_BYTES = SIZE_MIB * 1024 * 1024 + 12_345;
const MOST_MEMORY_MIB = 150;
const TIMEOUT_MS = 600_000;

const account = useDropbox();

function expectFlat(memory: MemoryWatch, what: string): void {
  if (process.platform !== "linux") return;
  console.info(`${what} of ${String(SIZE_MIB)} MiB: peak memory ${memory.peakMib().toFixed(0)} MiB`);
  expect(memory.peakMib()).toBeGreaterThan(20);
  expect(memory.peakMib()).toBeLessThan(MOST_MEMORY_MIB);
}

describe(`a file of ${String(SIZE_MIB)} MiB goes through in bounded memory`, () => {
  test("up to Dropbox", { timeout: TIMEOUT_MS }, async () => {
    await inTemporaryDirectory(async (directory) => {
      const local = join(directory, "local");
      await mkdir(local);
      const hash = await writeLargeFile(join(local, "film.mkv"), SIZE_BYTES, 1);
      const job = new Job({ local, remote: "dropbox:/Up", state: join(directory, "state"), env: account().env });
      const memory = watchMemory();
      const { code, summary, stderr } = await job.sync([], memory);
      expect(code, stderr).toBe(0);
      expect(summary.bytesUp).toBe(SIZE_BYTES);
      expectFlat(memory, "upload to Dropbox");
      expect(await account().hashes("/Up")).toEqual(new Map([["film.mkv", hash]]));
      await account().delete("/Up");
    });
  });

  test("down from Dropbox", { timeout: TIMEOUT_MS }, async () => {
    await inTemporaryDirectory(async (directory) => {
      const local = join(directory, "local");
      await mkdir(local);
      const { contentHash } = await account().writeGenerated("/Down/film.mkv", SIZE_BYTES, 2);
      const job = new Job({ local, remote: "dropbox:/Down", state: join(directory, "state"), env: account().env });
      const memory = watchMemory();
      const { code, summary, stderr } = await job.sync([], memory);
      expect(code, stderr).toBe(0);
      expect(summary.bytesDown).toBe(SIZE_BYTES);
      expectFlat(memory, "download from Dropbox");
      expect(await hashLargeFile(join(local, "film.mkv"))).toBe(contentHash);
    });
  });

  test("to another folder and back", { timeout: TIMEOUT_MS }, async () => {
    await inTemporaryDirectory(async (directory) => {
      const [local, other, copy] = ["local", "other", "copy"].map((name) => join(directory, name));
      if (local === undefined || other === undefined || copy === undefined) throw new Error("three names");
      for (const folder of [local, other, copy]) await mkdir(folder);
      const hash = await writeLargeFile(join(local, "film.mkv"), SIZE_BYTES, 3);
      const out = watchMemory();
      const outward = new Job({ local, remote: `folder:${other}`, state: join(directory, "state") });
      expect((await outward.sync([], out)).summary.uploaded).toBe(1);
      expectFlat(out, "to a folder");
      await rm(local, { recursive: true });
      const back = watchMemory();
      const inward = new Job({ local: copy, remote: `folder:${other}`, state: join(directory, "state") });
      expect((await inward.sync([], back)).summary.downloaded).toBe(1);
      expectFlat(back, "from a folder");
      expect(await hashLargeFile(join(copy, "film.mkv"))).toBe(hash);
    });
  });
});
