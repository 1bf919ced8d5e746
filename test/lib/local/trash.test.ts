import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openFolder } from "../../../lib/local/open-folder.js";
import { numbered } from "../../../lib/local/trash-name.js";
import { parseRunTime } from "../../../lib/local/tidy.js";
import type { TrashedEntry } from "../../../lib/local/types.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { createSimulatedWorld, download, LATER_RUN, RUN, seeFile, WORLDS } from "./worlds.js";
import type { World } from "./worlds.js";

const TRASH = `.trisync/trash/${RUN}`;
const LATER_TRASH = `.trisync/trash/${LATER_RUN}`;

describe.each(WORLDS)("on $name", ({ create }) => {
  let world: World;
  beforeEach(() => {
    world = create();
    world.plant({ "a/x.txt": "x", "a/b/y.txt": "y", z: "z" });
    return () => world.close();
  });

  describe("trashFile", () => {
    test("moves the file away", async () => {
      const folder = world.open();
      await folder.trashFile(await seeFile(folder, "a/b/y.txt"));
      expect(world.dump()).toEqual({ "a/x.txt": "x", "a/b/": null, z: "z", [`${TRASH}/a/b/y.txt`]: "y" });
    });

    test("a file that is gone is fine, one that changed stays", async () => {
      const folder = world.open();
      const gone = await seeFile(folder, "z");
      const other = await seeFile(folder, "a/x.txt");
      world.remove("z");
      world.plant({ "a/x.txt": "changed" });
      await folder.trashFile(gone);
      await expect(folder.trashFile(other)).rejects.toMatchObject({ code: "changed" });
      expect(world.dump()).toMatchObject({ "a/x.txt": "changed" });
    });

    test("a folder of the trash may need the name of a trashed file", async () => {
      const folder = world.open();
      await folder.trashFile(await seeFile(folder, "z"));
      world.plant({ "z/inner": "1" });
      await folder.trashFile(await seeFile(folder, "z/inner"));
      expect(world.dump()).toMatchObject({ [`${TRASH}/z`]: "z", [`${TRASH}/z (2)/inner`]: "1" });
    });

    test("not through a link", async () => {
      const folder = world.open();
      const seen = await seeFile(folder, "a/x.txt");
      world.plant({ "elsewhere/x.txt": "kept" });
      world.remove("a");
      world.symlink("elsewhere", "a");
      await expect(folder.trashFile(seen)).rejects.toMatchObject({ code: "changed" });
      expect(world.dump()).toMatchObject({ "elsewhere/x.txt": "kept" });
    });
  });

  describe("removeFolder", () => {
    test("an empty one, and one that is gone already", async () => {
      world.plant({ "empty/": null });
      const folder = world.open();
      await folder.removeFolder(toSyncPath("empty"));
      await folder.removeFolder(toSyncPath("empty"));
      expect(world.dump()).toEqual({ "a/x.txt": "x", "a/b/y.txt": "y", z: "z" });
    });

    test("what the operating system left in it goes to the trash", async () => {
      world.plant({ "f/.DS_Store": "1", "f/Thumbs.db": "2", "f/desktop.ini": "3" });
      await world.open().removeFolder(toSyncPath("f"));
      expect(world.dump()).toEqual({
        "a/x.txt": "x",
        "a/b/y.txt": "y",
        z: "z",
        [`${TRASH}/f/.DS_Store`]: "1",
        [`${TRASH}/f/Thumbs.db`]: "2",
        [`${TRASH}/f/desktop.ini`]: "3",
      });
    });

    test("anything else keeps it, with its litter", async () => {
      world.plant({ "f/.DS_Store": "1", "f/ignored.tmp": "2", "g/.DS_Store/": null });
      const folder = world.open();
      const before = world.dump();
      await expect(folder.removeFolder(toSyncPath("f"))).rejects.toMatchObject({ code: "changed" });
      await expect(folder.removeFolder(toSyncPath("g"))).rejects.toMatchObject({ code: "changed" });
      await expect(folder.removeFolder(toSyncPath("z"))).rejects.toMatchObject({ code: "changed" });
      expect(world.dump()).toEqual(before);
    });
  });

  describe("restore", () => {
    test("lists the trash, newest run first, and brings a file back", async () => {
      const first = world.open();
      expect(await first.listTrash()).toEqual([]);
      await first.trashFile(await seeFile(first, "a/b/y.txt"));
      const later = world.open(LATER_RUN);
      await later.trashFile(await seeFile(later, "z"));
      const entries = await later.listTrash();
      expect(entries).toEqual([
        { runId: LATER_RUN, path: "z", kind: "file", sizeBytes: 1 },
        { runId: RUN, path: "a/b/y.txt", kind: "file", sizeBytes: 1 },
      ]);
      world.remove("a/b");
      for (const entry of entries) await later.restore(entry);
      expect(world.dump()).toMatchObject({ "a/x.txt": "x", "a/b/y.txt": "y", z: "z" });
      expect((await later.listTrash()).filter(({ kind }) => kind === "file")).toEqual([]);
    });

    test("what is at the path goes to the trash of this run", async () => {
      const first = world.open();
      await download(first, { path: "z", content: "newer", replaces: await seeFile(first, "z") });
      const [entry] = await first.listTrash();
      const later = world.open(LATER_RUN);
      await later.restore(entry!);
      expect(world.dump()).toMatchObject({ z: "z", [`${LATER_TRASH}/z`]: "newer" });
    });

    test("within one run, too", async () => {
      const folder = world.open();
      await download(folder, { path: "z", content: "newer", replaces: await seeFile(folder, "z") });
      const [entry] = await folder.listTrash();
      await folder.restore(entry!);
      expect(world.dump()).toMatchObject({ z: "z", [`${TRASH}/z (2)`]: "newer" });
    });

    test("a folder that took the path goes to the trash whole", async () => {
      const first = world.open();
      await first.trashFile(await seeFile(first, "z"));
      world.plant({ "z/one": "1", "z/two/three": "3" });
      const later = world.open(LATER_RUN);
      await later.restore({ runId: RUN, path: toSyncPath("z"), kind: "file", sizeBytes: 1 });
      expect(world.dump()).toMatchObject({
        z: "z",
        [`${LATER_TRASH}/z/one`]: "1",
        [`${LATER_TRASH}/z/two/three`]: "3",
      });
    });

    test.each(["20990101T000000Z-ffff", "..", "../..", ".", "", "a/b"])("nothing is found in run %j", async (runId) => {
      const folder = world.open();
      await folder.trashFile(await seeFile(folder, "a/x.txt"));
      const entry: TrashedEntry = { runId, path: toSyncPath("z"), kind: "file", sizeBytes: 1 };
      await expect(folder.restore(entry)).rejects.toMatchObject({ code: "not-found" });
      expect(world.dump()).toMatchObject({ z: "z" });
    });
  });

  describe("tidy", () => {
    test("without anything of ours there is nothing to do, and nothing is made", async () => {
      const before = world.dump();
      await world.open().tidy(30);
      expect(world.dump()).toEqual(before);
    });

    test("removes what dead runs left unfinished, keeps what this run keeps", async () => {
      const dead = await world.open().openPartial("dead", ["md5"], 10);
      await dead.write(Buffer.from("x"));
      await dead.keep();
      const folder = world.open(LATER_RUN);
      const kept = await folder.openPartial("kept", ["md5"], 10);
      await kept.write(Buffer.from("y"));
      await kept.keep();
      await folder.tidy(30);
      const left = Object.entries(world.dump()).filter(([path]) => path.startsWith(".trisync/tmp/"));
      expect(left.map(([, content]) => content)).toEqual(["y"]);
    });

    test("of another job only what it has given up is removed", async () => {
      const { root, files } = world;
      const folder = join(root, ".trisync/tmp");
      let nowMs = 0;
      const open = (owner: string) => openFolder({ root, files, runId: RUN, now: () => nowMs, owner });
      const theirs = await open("other").openPartial("key", ["md5"], 1);
      await theirs.write(Buffer.from("x"));
      await (await open("mine").openPartial("key", ["md5"], 1)).keep();
      const [name = ""] = (await files.readdir(folder)).filter((each) => each.startsWith("other-"));
      nowMs = Number((await files.lstat(join(folder, name))).mtimeMs);
      await open("mine").tidy(30);
      expect(await files.readdir(folder)).toEqual([name]);
      await theirs.keep();
      nowMs += 25 * 60 * 60 * 1000;
      await open("mine").tidy(30);
      expect(await files.readdir(folder)).toEqual([]);
    });

    test("ends when the run is to end", async () => {
      world.plant({ ".trisync/trash/20200101T000000Z-aaaa/d/old": "1" });
      const reason = new Error("enough");
      await expect(world.open().tidy(0, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(world.dump()).toHaveProperty(".trisync/trash/20200101T000000Z-aaaa/d/old");
    });

    test("removes trash that is older, keeps this run's and what is not a run's", async () => {
      world.plant({
        ".trisync/trash/20260101T000000Z-aaaa/d/old": "1",
        ".trisync/trash/20260226T000000Z-bbbb/young": "2",
        ".trisync/trash/mine/precious": "3",
      });
      world.plant({ "outside/precious": "4" });
      world.symlink("../../../outside", ".trisync/trash/20260101T000000Z-aaaa/link");
      const now = Date.UTC(2026, 2, 1);
      const folder = openFolder({ root: world.root, files: world.files, runId: RUN, now: () => now });
      await folder.trashFile(await seeFile(folder, "z"));
      await folder.tidy(30);
      expect(world.dump()).toEqual({
        "a/x.txt": "x",
        "a/b/y.txt": "y",
        "outside/precious": "4",
        ".trisync/trash/20260226T000000Z-bbbb/young": "2",
        ".trisync/trash/mine/precious": "3",
        [`${TRASH}/z`]: "z",
      });
      await folder.tidy(0);
      expect(world.dump()).toMatchObject({ [`${TRASH}/z`]: "z", ".trisync/trash/mine/precious": "3" });
      expect(world.dump()).not.toHaveProperty(".trisync/trash/20260226T000000Z-bbbb/young");
    });
  });
});

describe("races between a look and the deed", () => {
  test("a file that takes the name just before it is thrown away goes back", async () => {
    const world = createSimulatedWorld();
    world.plant({ a: "old" });
    const folder = world.open();
    const seen = await seeFile(folder, "a");
    once(world, "rename", () => {
      world.remove("a");
      world.plant({ a: "newcomer" });
    });
    await expect(folder.trashFile(seen)).rejects.toMatchObject({ code: "changed" });
    expect(world.dump()).toMatchObject({ a: "newcomer" });
  });

  test("a file that takes the name while the old one is saved is not replaced", async () => {
    const world = createSimulatedWorld();
    world.plant({ a: "old" });
    const folder = world.open();
    const replaces = await seeFile(folder, "a");
    once(world, "link", () => {
      world.remove("a");
      world.plant({ a: "newcomer" });
    });
    await expect(download(folder, { path: "a", content: "new", replaces })).rejects.toMatchObject({ code: "changed" });
    expect(world.dump()).toMatchObject({ a: "newcomer" });
  });

  test("an edit in place while the old one is saved is not replaced", async () => {
    const world = createSimulatedWorld();
    world.plant({ a: "old" });
    const folder = world.open();
    const replaces = await seeFile(folder, "a");
    once(world, "link", () => world.plant({ a: "edited in place" }));
    await expect(download(folder, { path: "a", content: "new", replaces })).rejects.toMatchObject({ code: "changed" });
    expect(world.dump()).toEqual({ a: "edited in place", [`${TRASH}/`]: null });
  });

  test("a file that appears where nothing was is not replaced", async () => {
    const world = createSimulatedWorld();
    world.plant({ b: "b" });
    const folder = world.open();
    once(world, "link", () => world.plant({ a: "newcomer" }));
    await expect(download(folder, { path: "a", content: "new" })).rejects.toMatchObject({ code: "changed" });
    once(world, "link", () => world.plant({ c: "newcomer" }));
    await expect(folder.move(await seeFile(folder, "b"), toSyncPath("c"))).rejects.toMatchObject({ code: "exists" });
    expect(world.dump()).toEqual({ a: "newcomer", b: "b", c: "newcomer" });
  });

  function once(world: ReturnType<typeof createSimulatedWorld>, kind: string, happen: () => void): void {
    world.disk.onSideEffect = (effect) => {
      if (effect !== kind) return;
      world.disk.onSideEffect = undefined;
      happen();
    };
  }
});

test("when the old version cannot be saved, nothing is replaced", async () => {
  const world = createSimulatedWorld();
  world.plant({ a: "old" });
  const folder = world.open();
  const replaces = await seeFile(folder, "a");
  world.disk.fail = (call, path) =>
    path.includes("/trash/") && (call === "link" || call === "create") ? "EACCES" : undefined;
  await expect(download(folder, { path: "a", content: "new", replaces })).rejects.toMatchObject({ code: "refused" });
  world.disk.fail = (call, path) => (path.endsWith(".part") && call === "rename" ? "EIO" : undefined);
  await expect(
    download(folder, { path: "a", content: "new", replaces: await seeFile(folder, "a") }),
  ).rejects.toMatchObject({
    code: "failed",
  });
  expect(world.dump()).toEqual({ a: "old", [`${TRASH}/`]: null });
});

test.each([
  ["photo.jpg", 1, "photo.jpg"],
  ["photo.jpg", 2, "photo (2).jpg"],
  ["Makefile", 3, "Makefile (3)"],
  [".hidden", 2, ".hidden (2)"],
  [`${"x".repeat(251)}.jpg`, 2, `${"x".repeat(247)} (2).jpg`],
  ["я".repeat(127), 2, `${"я".repeat(125)} (2)`],
])("%s, number %i", (name, number, expected) => {
  expect(numbered(name, number)).toBe(expected);
  expect(Buffer.byteLength(expected)).toBeLessThanOrEqual(255);
});

test("when a run began", () => {
  expect(parseRunTime("20260301T093000Z-1a2b")).toBe(Date.UTC(2026, 2, 1, 9, 30));
  for (const other of ["mine", "20260301T093000Z", "20261399T993000Z-1a2b", "x20260301T093000Z-1a2b", "..", ""]) {
    expect(parseRunTime(other)).toBeUndefined();
  }
});
