import { expect } from "vitest";
import type { Suite } from "./contract.js";
import { contents, createFolders, listedFile, listedFolder, listedPaths, put } from "./contract-bed.js";
import { codesOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Deleting only what was listed, and so that it can be brought back. */
export function testDeletes({ check, capabilities }: Suite): void {
  if (!capabilities.canDelete) return;

  check("the listed file is deleted", async ({ provider }) => {
    await put(provider, "a.txt", "1");
    await put(provider, "b.txt", "2");
    expect(codesOf(await provider.delete([await listedFile(provider, "a.txt")], signal))).toEqual(["ok"]);
    expect(await contents(provider)).toEqual({ "b.txt": "2" });
  });

  check("a file that is gone already is fine", async ({ provider, openAnother }) => {
    const file = await put(provider, "d/a.txt", "1");
    await (await openAnother()).delete([file], signal);
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
  });

  check("many are deleted, files before the folder that held them", async ({ provider }) => {
    const names = Array.from({ length: 40 }, (_, i) => `f${i}.txt`);
    const files = await Promise.all(
      names.map((name) => put(provider, `${capabilities.hasFolders ? "d/" : ""}${name}`, name)),
    );
    const folders = capabilities.hasFolders ? [await listedFolder(provider, "d")] : [];
    const attempts = await provider.delete([...files, ...folders], signal);
    expect(codesOf(attempts)).toEqual([...files, ...folders].map(() => "ok"));
    expect(await listedPaths(provider)).toEqual([]);
  });

  check("none to delete is no error", async ({ provider }) => {
    expect(await provider.delete([], signal)).toEqual([]);
  });

  if (capabilities.canReplace) {
    check("a file that is another version by now stays", async ({ provider, openAnother }) => {
      const old = await put(provider, "a.txt", "one");
      const other = await put(provider, "b.txt", "2");
      await put(await openAnother(), "a.txt", "two", { replaces: old });
      expect(codesOf(await provider.delete([old, other], signal))).toEqual(["changed", "ok"]);
      expect(await contents(provider)).toEqual({ "a.txt": "two" });
    });
  }

  if (capabilities.trash !== "none") {
    check("what was deleted can be brought back", async ({ provider, trashed }) => {
      const file = await put(provider, "d/a.txt", "precious");
      await provider.delete([file], signal);
      expect(await trashed(file.path)).toContain("precious");
    });

    check("two versions deleted one after the other can both be brought back", async ({ provider, trashed }) => {
      const first = await put(provider, "a.txt", "first");
      await provider.delete([first], signal);
      await provider.delete([await put(provider, "a.txt", "second")], signal);
      expect([...(await trashed(first.path))].sort()).toEqual(["first", "second"]);
    });
  }

  if (capabilities.hasFolders) {
    check("a folder is deleted only while it is empty", async ({ provider, openAnother }) => {
      await createFolders(provider, "d", "empty");
      const [folder, empty] = [await listedFolder(provider, "d"), await listedFolder(provider, "empty")];
      await put(await openAnother(), "d/late.txt", "theirs");
      expect(codesOf(await provider.delete([folder, empty], signal))).toEqual(["changed", "ok"]);
      expect(await listedPaths(provider)).toEqual(["d/", "d/late.txt"]);
      expect(await contents(provider)).toEqual({ "d/late.txt": "theirs" });
    });

    check("a folder that is gone already is fine", async ({ provider }) => {
      await createFolders(provider, "d");
      const folder = await listedFolder(provider, "d");
      await provider.delete([folder], signal);
      expect(codesOf(await provider.delete([folder], signal))).toEqual(["ok"]);
    });
  }
}
