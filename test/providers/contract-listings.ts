import { expect } from "vitest";
import { toSyncPath } from "../../lib/model/path.js";
import { NOON } from "../support/builders.js";
import type { Suite } from "./contract.js";
import { createFolders, expectHashOf, listed, listedFile, listedPaths, put } from "./contract-bed.js";
import { pagesOf } from "./support/listings.js";
import { signal } from "./support/signal.js";

/** Who the root is, what is in it, and single entries of it. */
export function testListings({ check, capabilities }: Suite): void {
  check("an empty root is one empty full page", async ({ provider }) => {
    const pages = await pagesOf(provider);
    expect(pages.map(({ scope }) => scope)).toContain("full");
    expect(pages.flatMap(({ changes }) => changes)).toEqual([]);
  });

  check("the root is the same before and after a write", async ({ provider }) => {
    const before = await provider.identify(signal);
    await put(provider, "a.txt", "1");
    const after = await provider.identify(signal);
    expect(after.account).toBe(before.account);
    if (before.root !== undefined) expect(after.root).toBe(before.root);
    expect(await provider.identify(signal)).toEqual(after);
  });

  check("every file is listed once, with its exact size", async ({ provider }) => {
    for (const [path, content] of Object.entries({ "a.txt": "1", "d/b.txt": "22", "d/e/c.txt": "", "z.txt": "4444" })) {
      await put(provider, path, content);
    }
    const files = [...(await listed(provider)).values()].filter((entry) => entry.kind === "file");
    const sizes = Object.fromEntries(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
    expect(sizes).toEqual({ "a.txt": 1, "d/b.txt": 2, "d/e/c.txt": 0, "z.txt": 4 });
  });

  check("a listing shows what the upload said was stored", async ({ provider }) => {
    const stored = await put(provider, "d/a.txt", "content");
    const found = await listedFile(provider, "d/a.txt");
    expect(found.id).toBe(stored.id);
    expect(found.sizeBytes).toBe(stored.sizeBytes);
    expect(found.modifiedMs).toBe(stored.modifiedMs);
    // A version may be withheld from a file that was touched a moment ago; two that are there are equal.
    expect(found.version ?? stored.version).toBe(stored.version ?? found.version);
    if (capabilities.listsHash) expectHashOf(provider, "content", found.hash);
  });

  check("a hash that a listing lacks can be asked for", async ({ provider }) => {
    await put(provider, "a.txt", "content");
    const file = await listedFile(provider, "a.txt");
    expectHashOf(provider, "content", await provider.hash({ ...file, hash: undefined }, signal));
  });

  check("stat sees files, and nothing where nothing is", async ({ provider }) => {
    await put(provider, "d/a.txt", "12345");
    expect(await provider.stat(toSyncPath("d/a.txt"), signal)).toMatchObject({
      kind: "file",
      path: "d/a.txt",
      sizeBytes: 5,
    });
    expect(await provider.stat(toSyncPath("d/b.txt"), signal)).toBeUndefined();
    expect(await provider.stat(toSyncPath("x/y/z.txt"), signal)).toBeUndefined();
    expect(await provider.stat(toSyncPath("d/a.txt/b.txt"), signal)).toBeUndefined();
  });

  check("two machines see each other's files", async ({ provider, openAnother }) => {
    const other = await openAnother();
    await put(provider, "mine.txt", "1");
    await put(other, "theirs.txt", "2");
    expect(await listedPaths(provider)).toEqual(["mine.txt", "theirs.txt"]);
    expect(await listedPaths(other)).toEqual(["mine.txt", "theirs.txt"]);
    expect(await other.stat(toSyncPath("mine.txt"), signal)).toMatchObject({ kind: "file", sizeBytes: 1 });
  });

  if (capabilities.keepsModified) {
    check("modification times travel", async ({ provider }) => {
      await put(provider, "a.txt", "1", { modifiedMs: NOON - 86_400_000 });
      const { modifiedMs = 0 } = await listedFile(provider, "a.txt");
      expect(Math.abs(modifiedMs - (NOON - 86_400_000))).toBeLessThan(2000);
    });
  }

  if (capabilities.hasFolders) {
    check("folders are listed, also empty ones", async ({ provider }) => {
      await put(provider, "d/e/a.txt", "1");
      await createFolders(provider, "empty");
      expect(await listedPaths(provider)).toEqual(["d/", "d/e/", "d/e/a.txt", "empty/"]);
      expect(await provider.stat(toSyncPath("empty"), signal)).toMatchObject({ kind: "folder", path: "empty" });
    });
  }
}
