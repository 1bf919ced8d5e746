import { beforeEach, describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { createSimulatedWorld, PLANTED_MS, scanAll, seeFile, seeFolder, WORLDS } from "./worlds.js";
import type { World } from "./worlds.js";

describe.each(WORLDS)("on $name", ({ create }) => {
  let world: World;
  beforeEach(() => {
    world = create();
    world.plant({ "a/x": "x", "a/deep/y": "y", b: "b" });
    return () => world.close();
  });

  describe("move", () => {
    test("a file keeps inode and time", async () => {
      const folder = world.open();
      const seen = await seeFile(folder, "a/x");
      const moved = await folder.move(seen, toSyncPath("new/deep/z"));
      expect(moved).toMatchObject({ path: "new/deep/z", inode: seen.inode, modifiedMs: PLANTED_MS });
      expect(moved.kind === "file" && moved.stamp).not.toBe("");
      expect(world.dump()).toEqual({ "a/deep/y": "y", b: "b", "new/deep/z": "x" });
    });

    test("a folder goes with all its content", async () => {
      const folder = world.open();
      const seen = await seeFolder(folder, "a");
      expect(await folder.move(seen, toSyncPath("c/d"))).toEqual({ kind: "folder", path: "c/d", inode: seen.inode });
      expect(world.dump()).toEqual({ "c/d/x": "x", "c/d/deep/y": "y", b: "b" });
    });

    test("replaces nothing", async () => {
      world.plant({ "empty/": null });
      const folder = world.open();
      for (const to of ["b", "a/deep", "empty"]) {
        await expect(folder.move(await seeFile(folder, "a/x"), toSyncPath(to))).rejects.toMatchObject({
          code: "exists",
        });
      }
      await expect(folder.move(await seeFolder(folder, "a/deep"), toSyncPath("empty"))).rejects.toMatchObject({
        code: "exists",
      });
      expect(world.dump()).toEqual({ "a/x": "x", "a/deep/y": "y", b: "b", "empty/": null });
    });

    test("what is no longer what was seen stays", async () => {
      const folder = world.open();
      const file = await seeFile(folder, "b");
      const deep = await seeFolder(folder, "a/deep");
      world.plant({ b: "bb" });
      await folder.move(deep, toSyncPath("kept"));
      world.plant({ "a/deep/z": "new" });
      await expect(folder.move(file, toSyncPath("c"))).rejects.toMatchObject({ code: "changed" });
      await expect(folder.move(deep, toSyncPath("c"))).rejects.toMatchObject({ code: "changed" });
      expect(world.dump()).toEqual({ "a/x": "x", "a/deep/z": "new", b: "bb", "kept/y": "y" });
    });

    test("a folder does not go into itself", async () => {
      const folder = world.open();
      await expect(folder.move(await seeFolder(folder, "a"), toSyncPath("a/deep/a"))).rejects.toMatchObject({
        code: "refused",
      });
    });

    test("only the case of a name", async () => {
      const folder = world.open();
      await folder.move(await seeFolder(folder, "a"), toSyncPath("A"));
      await folder.move(await seeFile(folder, "b"), toSyncPath("B"));
      expect(world.dump()).toEqual({ "A/x": "x", "A/deep/y": "y", B: "b" });
    });
  });

  describe("copyTo", () => {
    test("makes a file of its own with the same bytes and time", async () => {
      const folder = world.open();
      const seen = await seeFile(folder, "a/x");
      const copy = await folder.copyTo(seen, toSyncPath("a/x (conflict)"));
      expect(copy).toMatchObject({ path: "a/x (conflict)", sizeBytes: 1, modifiedMs: PLANTED_MS });
      expect(copy.inode).not.toBe(seen.inode);
      expect({ ...(await seeFile(folder, "a/x")), stamp: "" }).toEqual({ ...seen, stamp: "" });
      expect(world.dump()).toEqual({ "a/x": "x", "a/x (conflict)": "x", "a/deep/y": "y", b: "b" });
    });

    test("replaces nothing and leaves no part", async () => {
      const folder = world.open();
      await expect(folder.copyTo(await seeFile(folder, "a/x"), toSyncPath("b"))).rejects.toMatchObject({
        code: "exists",
      });
      await folder.tidy(30);
      expect(world.dump()).toEqual({ "a/x": "x", "a/deep/y": "y", b: "b" });
    });
  });

  describe("createFolder", () => {
    test("with its parents, and again", async () => {
      const folder = world.open();
      const entry = await folder.createFolder(toSyncPath("n/m"));
      expect(entry).toMatchObject({ kind: "folder", path: "n/m" });
      expect(await folder.createFolder(toSyncPath("n/m"))).toEqual(entry);
      expect((await scanAll(folder)).entries.map(({ path }) => path)).toContain("n/m");
    });

    test("not where a file is, nor through a link", async () => {
      world.symlink("a", "link");
      const folder = world.open();
      await expect(folder.createFolder(toSyncPath("b"))).rejects.toMatchObject({ code: "exists" });
      await expect(folder.createFolder(toSyncPath("b/c"))).rejects.toMatchObject({ code: "exists" });
      await expect(folder.createFolder(toSyncPath("link"))).rejects.toMatchObject({ code: "exists" });
      await expect(folder.createFolder(toSyncPath("link/c"))).rejects.toMatchObject({ code: "changed" });
    });
  });
});

describe("a disk that ignores case", () => {
  test("renames to another case, and refuses a name that is another entry's", async () => {
    const world = createSimulatedWorld({ ignoresCase: true });
    world.plant({ "Photo.JPG": "1", "Dir/x": "2", other: "3" });
    const folder = world.open();
    await folder.move(await seeFile(folder, "Photo.JPG"), toSyncPath("photo.jpg"));
    await folder.move(await seeFolder(folder, "Dir"), toSyncPath("dir"));
    expect(world.dump()).toEqual({ "photo.jpg": "1", "dir/x": "2", other: "3" });
    await expect(folder.move(await seeFile(folder, "other"), toSyncPath("PHOTO.jpg"))).rejects.toMatchObject({
      code: "exists",
    });
  });

  test("a disk that decomposes names moves and finds them", async () => {
    const world = createSimulatedWorld({ storesNfd: true });
    world.plant({ "é/ü.txt": "1" });
    const folder = world.open();
    await folder.move(await seeFile(folder, "é/ü.txt"), toSyncPath("ö/ä.txt"));
    expect((await scanAll(folder)).entries.map(({ path }) => path)).toEqual(["é", "ö", "ö/ä.txt"]);
  });
});
