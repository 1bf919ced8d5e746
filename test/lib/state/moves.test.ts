import { describe, expect, test } from "vitest";
import type { JobState } from "../../../lib/state/types.js";
import {
  agree,
  baseFile,
  baseFolder,
  changesPage,
  deleteLocal,
  deleteRemote,
  download,
  fullPage,
  gone,
  hashOf,
  key,
  keysOf,
  listed,
  localFile,
  localFolder,
  movesOf,
  openState,
  pages,
  plan,
  remoteFile,
  remoteFolder,
  upload,
} from "./builders.js";

/** Scans entries given as [path, inode]; a path with "/" at its end is a folder. */
function scan(state: JobState, ...entries: readonly (readonly [path: string, inode: string])[]): void {
  for (const [path, inode] of entries) {
    const entry = path.endsWith("/") ? localFolder(path.slice(0, -1), inode) : localFile(path, { inode });
    state.scan.add(key(entry.path), entry);
  }
}

describe("folders moved locally", () => {
  function withFolders(): JobState {
    const state = openState();
    agree(
      state,
      baseFolder("old", { inode: "D1" }),
      baseFile("old/a", { inode: "F1" }),
      baseFolder("old/sub", { inode: "D2" }),
      baseFile("old/sub/b", { inode: "F2" }),
      baseFolder("stays", { inode: "D3" }),
      baseFile("stays/c", { inode: "F3" }),
    );
    scan(state, ["stays/", "D3"], ["stays/c", "F3"]);
    return state;
  }

  test("are known by their inode and that of a file in them, parents first", () => {
    const state = withFolders();
    scan(state, ["new/", "D1"], ["new/a", "F1"], ["new/sub/", "D2"], ["new/sub/b", "F2"]);
    expect(movesOf(state.moves.folders("local"))).toEqual(["old -> new", "old/sub -> new/sub"]);
  });

  test("are known by a file further down", () => {
    const state = withFolders();
    scan(state, ["new/", "D1"], ["new/a", "other"], ["new/sub/", "D9"], ["new/sub/b", "F2"]);
    expect(movesOf(state.moves.folders("local"))).toEqual(["old -> new"]);
  });

  test("are not guessed from an inode that was given out again", () => {
    const state = withFolders();
    scan(state, ["new/", "D1"], ["new/z", "F1"], ["new/a", "another"]);
    expect(movesOf(state.moves.folders("local"))).toEqual([]);
  });

  test("are not taken for moved while the old place is still there, or when the new one was known", () => {
    const state = withFolders();
    agree(state, baseFolder("known", { inode: "D7" }));
    scan(state, ["old/", "D8"], ["known/", "D1"], ["known/a", "F1"]);
    expect(movesOf(state.moves.folders("local"))).toEqual([]);
  });

  test("are left alone when there are two of them", () => {
    const state = withFolders();
    scan(state, ["new1/", "D1"], ["new1/a", "F1"], ["new2/", "D1"], ["new2/a", "F1"]);
    expect(movesOf(state.moves.folders("local"))).toEqual([]);
  });

  test("do not mix up names that begin alike", () => {
    const state = openState();
    agree(
      state,
      baseFolder("d", { inode: "D1" }),
      baseFile("d-x/a", { inode: "F1" }),
      baseFile("d\u{1F600}/a", { inode: "F2" }),
    );
    scan(state, ["e/", "D1"], ["e-x/a", "F1"]);
    expect(movesOf(state.moves.folders("local"))).toEqual([]);
  });
});

describe("folders moved remotely", () => {
  test("are known by their id and that of a file in them, gone by absence or by tombstone", async () => {
    const state = openState();
    const start = [
      remoteFolder("old", "D1"),
      remoteFile("old/a", { id: "F1" }),
      remoteFolder("gone", "D2"),
      remoteFile("gone/b", { id: "F2" }),
    ];
    await state.mirror.take(pages(fullPage(start.map(listed), "c1")), false);
    agree(
      state,
      baseFolder("old", { id: "D1" }),
      baseFile("old/a", { id: "F1" }),
      baseFolder("gone", { id: "D2" }),
      baseFile("gone/b", { id: "F2" }),
    );
    expect(movesOf(state.moves.folders("remote"))).toEqual([]);
    const moved = [
      remoteFolder("new", "D1"),
      remoteFile("new/a", { id: "F1" }),
      remoteFolder("here", "D2"),
      remoteFile("here/b", { id: "F2" }),
    ];
    await state.mirror.take(pages(changesPage([gone("old"), gone("gone"), ...moved.map(listed)], "c2")), false);
    expect(movesOf(state.moves.folders("remote"))).toEqual(["gone -> here", "old -> new"]);
    await state.mirror.take(pages(fullPage(moved.map(listed))), false);
    expect(movesOf(state.moves.folders("remote"))).toEqual(["gone -> here", "old -> new"]);
  });

  test("are not guessed where the service has no ids", async () => {
    const state = openState();
    agree(state, { ...baseFolder("old"), remoteId: undefined }, baseFile("old/a"));
    await state.mirror.take(
      pages(
        fullPage([listed({ ...remoteFolder("new"), id: undefined }), listed(remoteFile("new/a", { id: undefined }))]),
      ),
      false,
    );
    expect(movesOf(state.moves.folders("remote"))).toEqual([]);
  });
});

describe("files moved locally", () => {
  test("by inode and size first, then by hash; every key once, in key order", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { inode: "1", size: 5, hash: hashOf("A") }));
    plan(state, deleteRemote("b"), baseFile("b", { inode: "2", size: 5, hash: hashOf("A") }));
    plan(state, deleteRemote("c"), baseFile("c", { inode: "3", size: 5, hash: hashOf("A") }));
    plan(state, upload("x1", { inode: "7", size: 5 }));
    plan(state, upload("x2", { inode: "3", size: 5 }));
    plan(state, upload("x3", { inode: "8", size: 5 }));
    for (const path of ["x1", "x3"]) state.hashes.put(key(path), localFile(path).stamp, hashOf("A"));
    expect(movesOf(state.moves.files("local", { hash: true }))).toEqual(["c -> x2", "a -> x1", "b -> x3"]);
    expect(movesOf(state.moves.files("remote", { hash: true }))).toEqual([]);
  });

  const no = [
    {
      title: "another size",
      was: baseFile("a", { inode: "1", size: 5 }),
      create: upload("x", { inode: "1", size: 6 }),
    },
    {
      title: "another inode and no hash",
      was: baseFile("a", { inode: "1", size: 5 }),
      create: upload("x", { inode: "2", size: 5 }),
    },
    {
      title: "a modified file",
      was: baseFile("a", { inode: "1" }),
      create: upload("x", { inode: "1" }, "local-modified"),
    },
    { title: "a deletion of nothing known", was: undefined, create: upload("x", { inode: "1:a" }) },
  ];
  test.each(no)("not with $title", ({ was, create }) => {
    const state = openState();
    plan(state, deleteRemote("a"), was);
    plan(state, create);
    expect(movesOf(state.moves.files("local", { hash: true }))).toEqual([]);
  });

  test("by inode alone where hashes prove nothing", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { inode: "1", size: 5, hash: hashOf("A") }));
    plan(state, deleteRemote("b"), baseFile("b", { inode: "2", size: 5, hash: hashOf("A") }));
    plan(state, upload("x", { inode: "7", size: 5 }));
    plan(state, upload("y", { inode: "2", size: 5 }));
    state.hashes.put(key("x"), localFile("x").stamp, hashOf("A"));
    expect(movesOf(state.moves.files("local", { hash: false }))).toEqual(["b -> y"]);
  });

  test("not by inode when the known hashes differ", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { inode: "1", hash: hashOf("A") }));
    plan(state, upload("x", { inode: "1" }));
    state.hashes.put(key("x"), localFile("x").stamp, hashOf("B"));
    expect(movesOf(state.moves.files("local", { hash: true }))).toEqual([]);
  });

  test("not by hash when both are empty, for empty files are all alike", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { inode: "1", size: 0, hash: hashOf("e") }));
    plan(state, upload("x", { inode: "2", size: 0 }));
    state.hashes.put(key("x"), localFile("x").stamp, hashOf("e"));
    expect(movesOf(state.moves.files("local", { hash: true }))).toEqual([]);
  });

  test("not once a step was taken out of the plan", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { inode: "1" }));
    plan(state, upload("x", { inode: "1" }));
    state.plan.remove(2);
    expect(movesOf(state.moves.files("local", { hash: true }))).toEqual([]);
  });
});

describe("files moved remotely", () => {
  test("by id with equal size, else by hash, the service's own included", () => {
    const state = openState();
    const altered = baseFile("b", { size: 7, hash: hashOf("local") });
    plan(state, deleteLocal("a"), baseFile("a", { id: "1", size: 5, hash: hashOf("A") }));
    plan(state, deleteLocal("b"), { ...altered, remote: { ...altered.remote, hash: hashOf("stored") } });
    plan(state, download("x", { id: "1", size: 5, hash: undefined }));
    plan(state, download("y", { id: "9", size: 7, hash: hashOf("stored") }));
    expect(movesOf(state.moves.files("remote", { hash: true }))).toEqual(["a -> x", "b -> y"]);
  });

  test("by id when the service lists more hashes than it did, and the one it did is equal", () => {
    const state = openState();
    plan(state, deleteLocal("a"), baseFile("a", { id: "1", hash: "quickxor:01" }));
    plan(state, deleteLocal("b"), baseFile("b", { id: "2", hash: "quickxor:02 sha256:bb" }));
    plan(state, deleteLocal("c"), baseFile("c", { id: "3", hash: "quickxor:03 sha256:cc" }));
    plan(state, download("x", { id: "1", hash: "quickxor:01 sha256:aa" }));
    plan(state, download("y", { id: "2", hash: "quickxor:02" }));
    plan(state, download("z", { id: "3", hash: "quickxor:03 sha256:dd" }));
    expect(movesOf(state.moves.files("remote", { hash: false }))).toEqual(["a -> x", "b -> y"]);
  });

  test("not when the file was changed on its way", () => {
    const state = openState();
    plan(state, deleteLocal("a"), baseFile("a", { id: "1", size: 5, hash: hashOf("A") }));
    plan(state, download("x", { id: "1", size: 5, hash: hashOf("B") }));
    expect(movesOf(state.moves.files("remote", { hash: true }))).toEqual([]);
  });
});

describe("suspects", () => {
  test("are new files as large as a lost one whose hash would tell and is not known", () => {
    const state = openState();
    plan(state, upload("before", { size: 5 }));
    expect(keysOf(state.moves.suspects())).toEqual([]);
    plan(state, deleteRemote("a"), baseFile("a", { size: 5 }));
    plan(state, deleteRemote("e"), baseFile("e", { size: 0 }));
    plan(state, upload("same", { size: 5 }));
    plan(state, upload("other", { size: 6 }));
    plan(state, upload("empty", { size: 0 }));
    plan(state, upload("racy", { size: 5, stamp: "" }));
    plan(state, upload("hashed", { size: 5 }));
    state.hashes.put(key("hashed"), localFile("hashed").stamp, hashOf("h"));
    expect(keysOf(state.moves.suspects())).toEqual(["before", "same"]);
  });

  test("may be hashed while they are read", () => {
    const state = openState();
    plan(state, deleteRemote("a"), baseFile("a", { size: 5, hash: hashOf("A") }));
    for (let i = 0; i < 2_500; i++) plan(state, upload(`u${i}`, { size: 5 }));
    let count = 0;
    for (const { key: found } of state.moves.suspects()) {
      state.hashes.put(found, localFile(found).stamp, hashOf("B"));
      count++;
    }
    expect(count).toBe(2_500);
    expect(keysOf(state.moves.suspects())).toEqual([]);
  });
});
