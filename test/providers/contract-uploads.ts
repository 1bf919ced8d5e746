import { expect } from "vitest";
import { LocalError } from "../../lib/model/errors.js";
import { changingContent, NOON, patternOf, uploadOf } from "../support/builders.js";
import type { Suite } from "./contract.js";
import { contents, createFolders, expectHashOf, listedPaths, put } from "./contract-bed.js";
import { codeOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Storing one file: whole or not at all, and never over something that was not expected. */
export function testUploads({ check, capabilities, largeBytes }: Suite): void {
  check("a new file is stored, and its hash is that of the bytes sent", async ({ provider }) => {
    const { entry, sentHash } = await provider.upload(uploadOf("d/new.txt", "content"), signal);
    expect(entry).toMatchObject({ kind: "file", path: "d/new.txt", sizeBytes: 7 });
    expectHashOf(provider, "content", sentHash);
    expect(await contents(provider)).toEqual({ "d/new.txt": "content" });
  });

  // Where content never changes, equal names stand side by side, and nobody may be kept out.
  if (capabilities.canReplace || capabilities.canDownload) {
    check("a file that is there already is not overwritten", async ({ provider, openAnother }) => {
      await put(await openAnother(), "a.txt", "theirs");
      expect(await codeOf(put(provider, "a.txt", "mine!"))).toBe("changed");
      expect(await contents(provider)).toEqual({ "a.txt": "theirs" });
    });
  } else {
    check("a file that is there already stays beside the new one, each under a name of its own", async (bed) => {
      await put(await bed.openAnother(), "a.txt", "theirs");
      await put(bed.provider, "a.txt", "mine!");
      const found = await contents(bed.provider);
      expect(found["a.txt"]).toBe("mine!");
      expect(Object.values(found).sort()).toEqual(["mine!", "theirs"]);
    });
  }

  check("content that changes while it is read leaves nothing behind", async ({ provider }) => {
    for (const sizeBytes of [1000, largeBytes]) {
      const content = changingContent(patternOf(sizeBytes), Math.floor(sizeBytes / 2));
      const failure = await provider.upload(uploadOf("a.bin", content), signal).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(LocalError);
      expect(failure).toMatchObject({ code: "changed" });
    }
    expect(await listedPaths(provider)).toEqual([]);
  });

  check("many files at once all arrive", async ({ provider }) => {
    const names = Array.from({ length: 12 }, (_, i) => `d${i % 3}/f${i}.txt`);
    await Promise.all(names.map((name) => put(provider, name, `content of ${name}`)));
    expect(await contents(provider)).toEqual(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  });

  if (capabilities.hasFolders) {
    check("a folder of that name is not replaced by a file", async ({ provider }) => {
      await createFolders(provider, "name");
      expect(await codeOf(put(provider, "name", "1"))).toBe("changed");
      expect(await listedPaths(provider)).toEqual(["name/"]);
    });

    check("a file in the place of a folder on the way stays", async ({ provider }) => {
      await put(provider, "name", "1");
      expect(["changed", "rejected"]).toContain(await codeOf(put(provider, "name/below.txt", "2")));
      expect(await contents(provider)).toEqual({ name: "1" });
    });
  }

  if (capabilities.canReplace) testReplacing({ check, capabilities, largeBytes });
}

function testReplacing({ check, capabilities, largeBytes }: Suite): void {
  check("the listed version is replaced", async ({ provider }) => {
    const old = await put(provider, "a.txt", "old");
    const { entry } = await provider.upload(
      uploadOf("a.txt", "newer", { replaces: old, modifiedMs: NOON + 60_000 }),
      signal,
    );
    expect(await contents(provider)).toEqual({ "a.txt": "newer" });
    expect(entry.sizeBytes).toBe(5);
    if (old.version !== undefined) expect(entry.version).not.toBe(old.version);
  });

  check("new content of the same size and time is a new version", async ({ provider }) => {
    const old = await put(provider, "a.txt", "one");
    const now = await put(provider, "a.txt", "two", { replaces: old });
    if (old.version !== undefined) expect(now.version).not.toBe(old.version);
    expect(await contents(provider)).toEqual({ "a.txt": "two" });
  });

  check("a version that somebody replaced meanwhile is not overwritten", async ({ provider, openAnother }) => {
    const old = await put(provider, "a.txt", "one");
    await put(await openAnother(), "a.txt", "two", { replaces: old });
    expect(await codeOf(put(provider, "a.txt", "333", { replaces: old }))).toBe("changed");
    expect(await contents(provider)).toEqual({ "a.txt": "two" });
  });

  check("a large file replaces only the version it was meant for", async ({ provider, openAnother }) => {
    const old = await put(provider, "a.bin", "small");
    await put(await openAnother(), "a.bin", "theirs", { replaces: old });
    expect(await codeOf(put(provider, "a.bin", patternOf(largeBytes), { replaces: old }))).toBe("changed");
    expect(await contents(provider)).toEqual({ "a.bin": "theirs" });
  });

  check("content that changes while it is read leaves the old version in its place", async ({ provider }) => {
    const old = await put(provider, "a.txt", "old");
    const upload = uploadOf("a.txt", changingContent(patternOf(largeBytes), largeBytes - 1), { replaces: old });
    await expect(provider.upload(upload, signal)).rejects.toBeInstanceOf(LocalError);
    expect(await contents(provider)).toEqual({ "a.txt": "old" });
  });

  if (capabilities.canDelete) {
    check("a version that somebody deleted meanwhile is a lost race too", async ({ provider, openAnother }) => {
      const old = await put(provider, "a.txt", "one");
      await (await openAnother()).delete([old], signal);
      expect(await codeOf(put(provider, "a.txt", "two", { replaces: old }))).toBe("changed");
      expect(await contents(provider)).toEqual({});
    });
  }

  if (capabilities.trash !== "none") {
    check("what was replaced can be brought back", async ({ provider, trashed }) => {
      const old = await put(provider, "d/a.txt", "precious");
      await put(provider, "d/a.txt", "newer", { replaces: old });
      expect(await trashed(old.path)).toContain("precious");
    });
  }
}
