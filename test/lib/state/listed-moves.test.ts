import { describe, expect, test } from "vitest";
import type { Problem } from "../../../lib/model/entry.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { JobState } from "../../../lib/state/types.js";
import type { ListingPage, RemoteChange } from "../../../providers/provider.js";
import {
  changesPage,
  fullPage,
  gone,
  key,
  listed,
  mirrored,
  movesOf,
  openAgreed,
  openState,
  pages,
  remoteFile,
  remoteFolder,
} from "./builders.js";

function moved(from: string, to: string): RemoteChange {
  return { kind: "moved", from: toSyncPath(from), to: toSyncPath(to) };
}

async function take(state: JobState, ...changes: readonly RemoteChange[]): Promise<readonly Problem[]> {
  return state.mirror.take(pages(changesPage(changes, "c2")), false);
}

describe("listed as moved", () => {
  test("a folder takes all that is in it along, and leaves tombstones for what the base knows", async () => {
    const state = await openAgreed("d/", "d/a", "d/e/", "d/e/b", "da", "z");
    await take(state, listed(remoteFile("d/new")), moved("d", "x/y"));
    expect(mirrored(state)).toEqual([
      ...["gone d", "gone d/a", "gone d/e", "gone d/e/b", "file da"],
      ...["folder x/y", "file x/y/a", "folder x/y/e", "file x/y/e/b", "file x/y/new", "file z"],
    ]);
    expect(state.mirror.get(key("x/y/e/b"))).toEqual({ ...remoteFile("d/e/b"), path: "x/y/e/b" });
    expect(movesOf(state.moves.folders("remote"))).toEqual(["d -> x/y", "d/e -> x/y/e"]);
  });

  test("a file", async () => {
    const state = await openAgreed("a", "b");
    await take(state, moved("a", "c"), listed(remoteFile("c", { size: 9, id: "id of a" })));
    expect(mirrored(state)).toEqual(["gone a", "file b", "file c"]);
    expect(state.mirror.get(key("c"))).toMatchObject({ id: "id of a", sizeBytes: 9 });
  });

  test("what was at the new place is gone, with all that was in it", async () => {
    const state = await openAgreed("d/", "d/a", "old/", "old/a", "old/b");
    await take(state, moved("d", "old"));
    expect(mirrored(state)).toEqual(["gone d", "gone d/a", "folder old", "file old/a", "gone old/b"]);
    expect(state.mirror.get(key("old/a"))).toMatchObject({ id: "id of d/a" });
  });

  test("out of a folder into its place", async () => {
    const state = await openAgreed("d/", "d/a", "d/e/", "d/e/b");
    await take(state, moved("d/e", "d"));
    expect(mirrored(state)).toEqual(["folder d", "gone d/a", "file d/b", "gone d/e", "gone d/e/b"]);
    expect(state.mirror.get(key("d"))).toEqual({ ...remoteFolder("d/e"), path: "d" });
  });

  test("two folders change places by way of a third name", async () => {
    const state = await openAgreed("a/", "a/1", "b/", "b/2");
    await take(state, moved("b", "aside"), moved("a", "b"), moved("aside", "a"));
    expect(mirrored(state)).toEqual(["folder a", "gone a/1", "file a/2", "folder b", "file b/1", "gone b/2"]);
  });

  test("what was gone before stays gone", async () => {
    const state = await openAgreed("d/", "d/a", "d/b");
    await take(state, gone("d/a"), moved("d", "e"));
    expect(mirrored(state)).toEqual(["gone d", "gone d/a", "gone d/b", "folder e", "file e/b"]);
  });

  test("in another spelling only", async () => {
    const state = openState();
    const entries = [remoteFolder("docs"), remoteFile("docs/a")];
    await state.mirror.take(pages(fullPage(entries.map(listed), "c1")), true);
    await state.mirror.take(pages(changesPage([moved("docs", "Docs")], "c2")), true);
    expect(mirrored(state)).toEqual(["folder Docs", "file Docs/a"]);
  });

  test("twice over is once", async () => {
    const state = await openAgreed("d/", "d/a");
    await take(state, moved("d", "e"), moved("d", "e"));
    expect(mirrored(state)).toEqual(["gone d", "gone d/a", "folder e", "file e/a"]);
  });

  test("from where nothing is known is refused, and nothing of the page is kept", async () => {
    const state = await openAgreed("a");
    await expect(take(state, listed(remoteFile("b")), moved("x", "y"))).rejects.toThrow("nothing was known");
    expect(mirrored(state)).toEqual(["file a"]);
    expect(state.facts.get("cursor")).toBe("c1");
  });

  test("in a complete listing is refused", async () => {
    const state = await openAgreed("a");
    const page = fullPage([listed(remoteFile("a")), moved("a", "b")], "c2");
    await expect(state.mirror.take(pages(page), false)).rejects.toThrow("complete listing");
    expect(mirrored(state)).toEqual(["file a"]);
  });

  test("what could not be read in it goes along; problems of the new place are over", async () => {
    const state = await openAgreed("d/", "e/");
    const problemAt = (path: string): Problem => {
      const covers = { path: toSyncPath(path), subtree: false };
      return { side: "remote", path, code: "unreadable", message: "no", covers };
    };
    const problems = ["d/bad", "e/bad2", "f"].map((path): RemoteChange => ({
      kind: "problem",
      problem: problemAt(path),
    }));
    await take(state, ...problems);
    expect(await take(state, moved("d", "e"))).toEqual([problemAt("e/bad"), problemAt("f")]);
  });

  test("many rows in little time", async () => {
    const state = openState();
    const files = Array.from({ length: 10_000 }, (_, i) => remoteFile(`d/${String(i)}`));
    await state.mirror.take(pages(fullPage([remoteFolder("d"), ...files].map(listed), "c1")), false);
    const startedMs = performance.now();
    await take(state, moved("d", "e"));
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect([...state.mirror.rows()].filter(({ entry }) => entry.path.startsWith("e/"))).toHaveLength(10_000);
  });
});

describe("what is known by id", () => {
  const place = (state: JobState, id: string) => state.mirror.find(id);

  test("is a file or folder, where it is now", async () => {
    const state = await openAgreed("d/", "d/a");
    expect(place(state, "id of d")).toEqual({ kind: "folder", path: "d" });
    await take(state, moved("d", "e"));
    expect(place(state, "id of d/a")).toEqual({ kind: "file", path: "e/a" });
    await take(state, gone("e/a"));
    expect(place(state, "id of d/a")).toBeUndefined();
    expect(place(state, "never seen")).toBeUndefined();
  });

  test("follows each page of changes", async () => {
    const state = await openAgreed("a");
    async function* following(): AsyncGenerator<ListingPage> {
      await Promise.resolve();
      yield changesPage([listed(remoteFolder("d"))], "c2");
      expect(place(state, "id of d")).toEqual({ kind: "folder", path: "d" });
      expect(place(state, "id of a")).toEqual({ kind: "file", path: "a" });
      yield changesPage([gone("a")], "c3");
      expect(place(state, "id of a")).toBeUndefined();
    }
    await state.mirror.take(following(), false);
  });

  test("is, while a complete listing comes in, what it has shown so far", async () => {
    const state = await openAgreed("a");
    async function* anew(): AsyncGenerator<ListingPage> {
      await Promise.resolve();
      yield fullPage([]);
      expect(place(state, "id of a")).toBeUndefined();
      yield fullPage([listed(remoteFile("b"))]);
      expect(place(state, "id of b")).toEqual({ kind: "file", path: "b" });
      throw new Error("listing broke off");
    }
    await expect(state.mirror.take(anew(), false)).rejects.toThrow("broke off");
    expect(place(state, "id of a")).toEqual({ kind: "file", path: "a" });
    expect(place(state, "id of b")).toBeUndefined();
  });

  test("is found in a listing without a cursor, too", async () => {
    const state = openState();
    await state.mirror.take(pages(fullPage([listed(remoteFile("a"))])), false);
    expect(place(state, "id of a")).toEqual({ kind: "file", path: "a" });
  });
});

describe("a folder that this job renamed there since the last listing", () => {
  const fold = (path: string) => ({ key: toPathKey(toSyncPath(path), false), path: toSyncPath(path) });

  function renames(state: JobState, from: string, to: string): void {
    state.settle([{ kind: "moved", from: fold(from), to: fold(to), mirrorToo: true }]);
  }

  async function withRenamed(): Promise<JobState> {
    const state = await openAgreed("d/", "d/a", "d/b");
    renames(state, "d", "e");
    expect(mirrored(state)).toEqual(["folder e", "file e/a", "file e/b"]);
    return state;
  }

  test("what was deleted in it before is gone, although the listing names it by its old path", async () => {
    const state = await withRenamed();
    const relisted = [remoteFolder("e", "id of d"), remoteFile("e/b")];
    await take(state, gone("d/a"), gone("d"), ...relisted.map(listed));
    expect(mirrored(state)).toEqual(["folder e", "file e/b"]);
  });

  test("or not at all", async () => {
    const state = await withRenamed();
    await take(state, gone("d"), listed(remoteFolder("e", "id of d")), listed(remoteFile("e/b")));
    expect(mirrored(state)).toEqual(["folder e", "file e/b"]);
  });

  test("is known by id at its old place while the listing comes in", async () => {
    const state = await withRenamed();
    async function* byId(): AsyncGenerator<ListingPage> {
      await Promise.resolve();
      expect(state.mirror.find("id of d")).toEqual({ kind: "folder", path: "d" });
      yield changesPage([moved("d", "e"), gone("e/a")], "c2");
    }
    await state.mirror.take(byId(), false);
    // The base knows the file by its new name, so that a tombstone stays for it.
    expect(mirrored(state)).toEqual(["folder e", "gone e/a", "file e/b"]);
  });

  test("stays renamed as long as the listing is silent about it", async () => {
    const state = await withRenamed();
    await take(state, listed(remoteFile("z")));
    expect(mirrored(state)).toEqual(["folder e", "file e/a", "file e/b", "file z"]);
    await take(state, gone("d"), listed(remoteFolder("e", "id of d")), listed(remoteFile("e/b")));
    expect(mirrored(state)).toEqual(["folder e", "file e/b", "file z"]);
  });

  test("is back where somebody put it back", async () => {
    const state = await withRenamed();
    const back = [gone("d"), gone("e"), ...[remoteFolder("d"), remoteFile("d/a")].map(listed)];
    await take(state, ...back);
    expect(mirrored(state).filter((row) => !row.startsWith("gone"))).toEqual(["folder d", "file d/a"]);
  });

  test("and a folder in it", async () => {
    const state = await openAgreed("d/", "d/f/", "d/f/a");
    renames(state, "d", "e");
    renames(state, "e/f", "e/g");
    await take(state, listed(remoteFile("z")));
    expect(mirrored(state)).toEqual(["folder e", "folder e/g", "file e/g/a", "file z"]);
    await take(state, gone("d"), ...["e", "e/g"].map((path) => listed(remoteFolder(path))));
    expect(mirrored(state)).toEqual(["folder e", "folder e/g", "file z"]);
  });

  test("is settled by a complete listing", async () => {
    const state = await withRenamed();
    await state.mirror.take(pages(fullPage([remoteFolder("e"), remoteFile("e/a")].map(listed), "c3")), false);
    expect(mirrored(state)).toEqual(["folder e", "file e/a"]);
    await take(state);
    expect(mirrored(state)).toEqual(["folder e", "file e/a"]);
  });
});
