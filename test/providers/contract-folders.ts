import { expect } from "vitest";
import { toSyncPath } from "../../lib/model/path.js";
import type { Suite } from "./contract.js";
import { contents, createFolders, listedFolder, listedPaths, put } from "./contract-bed.js";
import { codesOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Making folders. */
export function testFolders({ check, capabilities }: Suite): void {
  if (!capabilities.hasFolders) return;

  check("folders are made with those in them", async ({ provider }) => {
    await createFolders(provider, "a", "a/b", "a/b/c", "d");
    expect(await listedPaths(provider)).toEqual(["a/", "a/b/", "a/b/c/", "d/"]);
  });

  check("a folder that exists already is fine, and stays the same", async ({ provider, openAnother }) => {
    await createFolders(await openAnother(), "a", "a/b");
    const before = await listedFolder(provider, "a/b");
    const attempts = await provider.createFolders([toSyncPath("a"), toSyncPath("a/b")], signal);
    expect(codesOf(attempts)).toEqual(["ok", "ok"]);
    expect(attempts[1]).toMatchObject({ value: { kind: "folder", path: "a/b", id: before.id } });
    expect(await listedPaths(provider)).toEqual(["a/", "a/b/"]);
  });

  check("a file in the place of a folder stays, and the others are made", async ({ provider }) => {
    await put(provider, "name", "1");
    const attempts = await provider.createFolders(["x", "name", "y"].map(toSyncPath), signal);
    expect(attempts.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(await listedPaths(provider)).toEqual(["name", "x/", "y/"]);
    expect(await contents(provider)).toEqual({ name: "1" });
  });

  check("no folders are no error", async ({ provider }) => {
    expect(await provider.createFolders([], signal)).toEqual([]);
  });
}
