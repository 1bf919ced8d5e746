import { describe, expect, test } from "vitest";
import type { Problem } from "../../../lib/model/entry.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { ListingPage, RemoteChange } from "../../../providers/provider.js";
import {
  baseFile,
  baseFolder,
  changesPage,
  fullPage,
  gone,
  key,
  listed,
  mirrored,
  openAgreed,
  openState,
  openSync,
  pages,
  remoteFile,
  remoteFolder,
  tempDir,
} from "./builders.js";

function problem(path: string, covers: Problem["covers"]): Problem {
  return { side: "remote", path, code: "bad-name", message: `cannot read ${path}`, covers };
}

function reported(found: Problem): RemoteChange {
  return { kind: "problem", problem: found };
}

async function* failing(...before: readonly ListingPage[]): AsyncGenerator<ListingPage> {
  await Promise.resolve();
  yield* before;
  throw new Error("listing broke off");
}

describe("a full listing", () => {
  test("replaces the mirror when it has ended, together with the cursor", async () => {
    const state = await openAgreed("old", "both");
    await state.mirror.take(
      pages(fullPage([listed(remoteFile("both"))], "x"), fullPage([listed(remoteFile("new"))], "c2")),
      false,
    );
    expect(mirrored(state)).toEqual(["file both", "file new"]);
    expect(state.facts.get("cursor")).toBe("c2");
  });

  test("that breaks off leaves mirror and cursor as they were", async () => {
    const state = await openAgreed("old");
    const broken = failing(fullPage([listed(remoteFile("new"))], "c2"));
    await expect(state.mirror.take(broken, false)).rejects.toThrow("broke off");
    expect(mirrored(state)).toEqual(["file old"]);
    expect(state.facts.get("cursor")).toBe("c1");
    await state.mirror.take(pages(fullPage([listed(remoteFile("other"))], "c3")), false);
    expect(mirrored(state)).toEqual(["file other"]);
  });

  test("of an empty root means that everything is known: nothing", async () => {
    const state = openState();
    expect(state.mirror.isEmpty()).toBe(true);
    await state.mirror.take(pages(fullPage([])), false);
    expect(state.mirror.isEmpty()).toBe(false);
    expect(mirrored(state)).toEqual([]);
  });

  test("without a cursor is for this run only", async () => {
    const dir = tempDir();
    const first = openSync(dir).state;
    await first.mirror.take(pages(fullPage([listed(remoteFile("a"))])), false);
    expect(mirrored(first)).toEqual(["file a"]);
    await first.mirror.take(pages(fullPage([listed(remoteFile("b"))])), false);
    expect(mirrored(first)).toEqual(["file b"]);
    expect(first.mirror.get(key("b"))).toStrictEqual(remoteFile("b"));
    first.close();
    const second = openSync(dir).state;
    expect(second.mirror.isEmpty()).toBe(true);
    expect(mirrored(second)).toEqual([]);
    second.close();
  });

  test("keeps the last entry of a path, and all paths of one key", async () => {
    const state = openState();
    const changes = [
      listed(remoteFile("x", { size: 1 })),
      listed(remoteFile("x", { size: 2 })),
      listed(remoteFile("Name")),
      listed(remoteFile("name")),
    ];
    await state.mirror.take(pages(fullPage(changes, "c")), true);
    expect(mirrored(state)).toEqual(["file name", "file Name", "file x"]);
    expect(state.mirror.get(key("x"))).toMatchObject({ sizeBytes: 2 });
  });

  test("keeps every kind of entry as it was", async () => {
    const state = openState();
    const sparse = {
      ...remoteFile("sparse", { id: undefined, hash: undefined }),
      version: undefined,
      modifiedMs: undefined,
    };
    const special = { kind: "special", path: toSyncPath("doc"), type: "online document" } as const;
    const folder = { ...remoteFolder("folder"), id: undefined };
    await state.mirror.take(
      pages(fullPage([listed(sparse), listed(folder), { kind: "entry", entry: special }], "c")),
      false,
    );
    expect(state.mirror.get(key("sparse"))).toStrictEqual(sparse);
    expect(state.mirror.get(key("doc"))).toStrictEqual(special);
    expect(state.mirror.get(key("folder"))).toStrictEqual(folder);
  });
});

describe("changes", () => {
  test("are applied page by page, each with its cursor", async () => {
    const state = await openAgreed("a");
    const broken = failing(changesPage([listed(remoteFile("b"))], "c2"), changesPage([gone("a")], "c3"));
    await expect(state.mirror.take(broken, false)).rejects.toThrow("broke off");
    expect(mirrored(state)).toEqual(["gone a", "file b"]);
    expect(state.facts.get("cursor")).toBe("c3");
  });

  test("are refused while nothing is known", async () => {
    const state = openState();
    await expect(state.mirror.take(pages(changesPage([], "c")), false)).rejects.toThrow("complete one");
    expect(state.facts.get("cursor")).toBeUndefined();
  });

  test("that turn into a full listing replace the mirror", async () => {
    const state = await openAgreed("a");
    await state.mirror.take(
      pages(changesPage([listed(remoteFile("b"))], "c2"), fullPage([listed(remoteFile("c"))], "c3")),
      false,
    );
    expect(mirrored(state)).toEqual(["file c"]);
  });

  test("a tombstone covers everything below it and stays for what the base knows", async () => {
    const state = await openAgreed("d/", "d/a", "d/e/", "d/e/b", "d-", "da");
    await state.mirror.take(pages(changesPage([listed(remoteFile("d/unknown")), gone("d")], "c2")), false);
    expect(mirrored(state)).toEqual(["gone d", "gone d/a", "gone d/e", "gone d/e/b", "file d-", "file da"]);
    expect(state.mirror.get(key("d/a"))).toEqual({ kind: "gone", path: "d/a" });
  });

  test("a tombstone is lifted by a later entry, and by forgetting the key", async () => {
    const state = await openAgreed("a", "b");
    await state.mirror.take(
      pages(changesPage([gone("a"), gone("b"), listed(remoteFile("a", { size: 9 }))], "c2")),
      false,
    );
    expect(mirrored(state)).toEqual(["file a", "gone b"]);
    state.settle([{ kind: "forgotten", key: key("b"), mirrorToo: false }]);
    expect(mirrored(state)).toEqual(["file a"]);
  });

  test("a file in the place of a folder takes all that was in it away", async () => {
    const state = await openAgreed("d/", "d/a");
    await state.mirror.take(pages(changesPage([listed(remoteFile("d"))], "c2")), false);
    expect(mirrored(state)).toEqual(["file d", "gone d/a"]);
  });

  test("a folder again leaves what is in it alone", async () => {
    const state = await openAgreed("d/", "d/a");
    await state.mirror.take(pages(changesPage([listed(remoteFolder("d", "new id"))], "c2")), false);
    expect(mirrored(state)).toEqual(["folder d", "file d/a"]);
  });

  test("the same item in another spelling is no clash; another item is", async () => {
    const state = openState();
    await state.mirror.take(pages(fullPage([listed(remoteFile("readme", { id: "1" }))], "c1")), true);
    await state.mirror.take(pages(changesPage([listed(remoteFile("README", { id: "1" }))], "c2")), true);
    expect(mirrored(state)).toEqual(["file README"]);
    await state.mirror.take(pages(changesPage([listed(remoteFile("Readme", { id: "2" }))], "c3")), true);
    expect(mirrored(state)).toEqual(["file README", "file Readme"]);
  });

  test("a tombstone for one of two clashing names leaves the other, and all below it", async () => {
    const state = openState();
    const entries = [remoteFolder("Docs"), remoteFile("Docs/x"), remoteFolder("docs"), remoteFile("docs/y")];
    await state.mirror.take(pages(fullPage(entries.map(listed), "c1")), true);
    const fold = (path: string) => toPathKey(toSyncPath(path), true);
    for (const path of ["Docs", "Docs/x"]) {
      const base = path === "Docs" ? baseFolder(path) : baseFile(path);
      const remote = path === "Docs" ? remoteFolder(path) : remoteFile(path);
      state.settle([{ kind: "agreed", key: fold(path), base, remote }]);
    }
    await state.mirror.take(pages(changesPage([gone("docs")], "c2")), true);
    expect(mirrored(state)).toEqual(["folder Docs", "file Docs/x"]);
  });

  test("a tombstone that spells a lone name in another way still means it", async () => {
    const state = openState();
    await state.mirror.take(pages(fullPage([listed(remoteFolder("Docs")), listed(remoteFile("docs/x"))], "c1")), true);
    await state.mirror.take(pages(changesPage([gone("DOCS")], "c2")), true);
    expect(mirrored(state)).toEqual([]);
  });
});

describe("problems", () => {
  const covered = problem("d/bad", { path: toSyncPath("d/bad"), subtree: true });

  test("of one listing are told, and those that cover a path again with every continued one", async () => {
    const state = openState();
    const hostile = problem("../x", undefined);
    const first = await state.mirror.take(pages(fullPage([reported(covered), reported(hostile)], "c1")), false);
    expect(new Set(first)).toEqual(new Set([covered, hostile]));
    expect(await state.mirror.take(pages(changesPage([], "c2")), false)).toEqual([covered]);
    const another = problem("e", { path: toSyncPath("e"), subtree: false });
    expect(await state.mirror.take(pages(changesPage([reported(another)], "c3")), false)).toEqual([covered, another]);
  });

  test.each([
    { title: "news of the path", change: listed(remoteFile("d/bad")) },
    { title: "a tombstone above it", change: gone("d") },
  ])("end with $title", async ({ change }) => {
    const state = openState();
    await state.mirror.take(pages(fullPage([reported(covered)], "c1")), false);
    expect(await state.mirror.take(pages(changesPage([change], "c2")), false)).toEqual([]);
  });

  test("end with a complete listing", async () => {
    const state = openState();
    await state.mirror.take(pages(fullPage([reported(covered)], "c1")), false);
    expect(await state.mirror.take(pages(fullPage([], "c2")), false)).toEqual([]);
  });
});
