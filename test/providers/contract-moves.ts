import { expect } from "vitest";
import type { RemoteFile, RemoteFolder } from "../../lib/model/entry.js";
import { toSyncPath } from "../../lib/model/path.js";
import type { Attempt, Provider } from "../../providers/provider.js";
import type { Suite } from "./contract.js";
import { contents, createFolders, listedFolder, listedPaths, pullText, put } from "./contract-bed.js";
import { codesOf, valueOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Moving without sending content again, and without overwriting. */
export function testMoves({ check, capabilities }: Suite): void {
  if (!capabilities.canMove) return;

  check("a file is moved, and can be read at its new place", async ({ provider }) => {
    const file = await put(provider, "a.txt", "content");
    await createFolders(provider, "d");
    const moved = valueOf(await move(provider, file, "d/b.txt"));
    expect(moved).toMatchObject({ kind: "file", path: "d/b.txt", id: file.id, sizeBytes: 7 });
    if (moved.kind === "file") expect(await pullText(provider, moved)).toBe("content");
    expect(await contents(provider)).toEqual({ "d/b.txt": "content" });
  });

  check("a taken target is not overwritten", async ({ provider }) => {
    const file = await put(provider, "a.txt", "mine");
    await put(provider, "b.txt", "theirs");
    expect(codesOf(await move(provider, file, "b.txt"))).toEqual(["changed"]);
    expect(await contents(provider)).toEqual({ "a.txt": "mine", "b.txt": "theirs" });
  });

  check("each of several moves has an outcome of its own", async ({ provider }) => {
    const [a, b, c] = [await put(provider, "a", "1"), await put(provider, "b", "2"), await put(provider, "c", "3")];
    await put(provider, "taken", "4");
    const moves = [
      { entry: a, to: toSyncPath("a2") },
      { entry: b, to: toSyncPath("taken") },
      { entry: c, to: toSyncPath("c2") },
    ];
    expect(codesOf(await provider.move(moves, signal))).toEqual(["ok", "changed", "ok"]);
    expect(await contents(provider)).toEqual({ a2: "1", b: "2", c2: "3", taken: "4" });
  });

  check("a change of case is a move like any other", async ({ provider }) => {
    const file = await put(provider, "readme.md", "content");
    expect(valueOf(await move(provider, file, "README.md"))).toMatchObject({ path: "README.md" });
    expect(await contents(provider)).toEqual({ "README.md": "content" });
  });

  check("no moves are no error", async ({ provider }) => {
    expect(await provider.move([], signal)).toEqual([]);
  });

  if (capabilities.canDelete) {
    check("a source that is gone is not found", async ({ provider }) => {
      const file = await put(provider, "a.txt", "1");
      await provider.delete([file], signal);
      expect(codesOf(await move(provider, file, "b.txt"))).toEqual(["not-found"]);
      expect(await contents(provider)).toEqual({});
    });
  }

  if (capabilities.hasFolders) testFolderMoves({ check });
}

function testFolderMoves({ check }: Pick<Suite, "check">): void {
  check("a folder is moved with all its content", async ({ provider }) => {
    await put(provider, "d/a.txt", "1");
    await put(provider, "d/e/b.txt", "2");
    const folder = await listedFolder(provider, "d");
    expect(valueOf(await move(provider, folder, "f"))).toMatchObject({ kind: "folder", path: "f", id: folder.id });
    expect(await listedPaths(provider)).toEqual(["f/", "f/a.txt", "f/e/", "f/e/b.txt"]);
    expect(await contents(provider)).toEqual({ "f/a.txt": "1", "f/e/b.txt": "2" });
  });

  check("a folder is not moved onto another one", async ({ provider }) => {
    await put(provider, "d/a.txt", "1");
    await createFolders(provider, "f");
    expect(codesOf(await move(provider, await listedFolder(provider, "d"), "f"))).toEqual(["changed"]);
    expect(await listedPaths(provider)).toEqual(["d/", "d/a.txt", "f/"]);
  });

  check("a folder whose case changes keeps its content", async ({ provider }) => {
    await put(provider, "photos/a.txt", "1");
    valueOf(await move(provider, await listedFolder(provider, "photos"), "Photos"));
    expect(await listedPaths(provider)).toEqual(["Photos/", "Photos/a.txt"]);
    expect(await contents(provider)).toEqual({ "Photos/a.txt": "1" });
  });
}

async function move(
  provider: Provider,
  entry: RemoteFile | RemoteFolder,
  to: string,
): Promise<readonly Attempt<RemoteFile | RemoteFolder>[]> {
  return await provider.move([{ entry, to: toSyncPath(to) }], signal);
}
