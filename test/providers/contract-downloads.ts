import { expect } from "vitest";
import { patternOf, uploadOf } from "../support/builders.js";
import type { Suite } from "./contract.js";
import { expectHashOf, listedFile, pull, pullText, put } from "./contract-bed.js";
import { codeOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Reading content back. */
export function testDownloads({ check, capabilities, largeBytes }: Suite): void {
  if (!capabilities.canDownload) return;

  check("content comes back whole", async ({ provider }) => {
    const bytes = patternOf(100_003);
    const file = await put(provider, "d/a.bin", bytes);
    expect((await pull(provider, file)).equals(bytes)).toBe(true);
    expect((await pull(provider, await listedFile(provider, "d/a.bin"))).equals(bytes)).toBe(true);
  });

  check("content comes back from any byte on", async ({ provider }) => {
    const bytes = patternOf(70_001);
    const file = await put(provider, "a.bin", bytes);
    for (const start of [1, 65_535, 65_536, 70_000]) {
      expect((await pull(provider, file, start)).equals(bytes.subarray(start))).toBe(true);
    }
  });

  check("an empty file comes back empty", async ({ provider }) => {
    expect(await pull(provider, await put(provider, "empty", ""))).toHaveLength(0);
  });

  check("a large file goes and comes whole, and from the middle", async ({ provider }) => {
    const bytes = patternOf(largeBytes);
    const { entry, sentHash } = await provider.upload(uploadOf("large.bin", bytes), signal);
    expectHashOf(provider, bytes, sentHash);
    expect((await pull(provider, entry)).equals(bytes)).toBe(true);
    const middle = Math.floor(largeBytes / 2) + 1;
    expect((await pull(provider, entry, middle)).equals(bytes.subarray(middle))).toBe(true);
  });

  if (capabilities.canReplace) {
    check("a version that was replaced is not downloaded in its place", async ({ provider, openAnother }) => {
      const old = await put(provider, "a.txt", "old");
      await put(await openAnother(), "a.txt", "new", { replaces: old });
      expect(["changed", "not-found"]).toContain(await codeOf(pullText(provider, old)));
      expect(await codeOf(provider.hash({ ...old, hash: undefined }, signal))).toBe("changed");
    });
  }

  if (capabilities.canDelete) {
    check("a file that is gone is not found", async ({ provider, openAnother }) => {
      const file = await put(provider, "a.txt", "1");
      await (await openAnother()).delete([file], signal);
      expect(["changed", "not-found"]).toContain(await codeOf(pullText(provider, file)));
    });
  }
}
