import fs from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { createRealWorld, createSimulatedWorld, download, PLANTED_MS, RUN, seeFile, WORLDS } from "./worlds.js";
import type { World } from "./worlds.js";

describe.each(WORLDS)("commit on $name", ({ create }) => {
  let world: World;
  beforeEach(() => {
    world = create();
    return () => world.close();
  });

  test("puts a new file in place, with its time and its parents", async () => {
    const folder = world.open();
    const entry = await download(folder, { path: "a/b/c.txt", content: "new", modifiedMs: PLANTED_MS + 7 });
    expect(entry).toMatchObject({ kind: "file", path: "a/b/c.txt", sizeBytes: 3, modifiedMs: PLANTED_MS + 7 });
    expect(entry.stamp).not.toBe("");
    expect(await folder.stat(entry.path)).toMatchObject({ inode: entry.inode, modifiedMs: entry.modifiedMs });
    expect(world.dump()).toEqual({ "a/b/c.txt": "new" });
  });

  test("replaces the file that was seen; the old one goes to the trash", async () => {
    world.plant({ "a/b.txt": "old" });
    const folder = world.open();
    await download(folder, { path: "a/b.txt", content: "new", replaces: await seeFile(folder, "a/b.txt") });
    expect(world.dump()).toEqual({ "a/b.txt": "new", [`.trisync/trash/${RUN}/a/b.txt`]: "old" });
  });

  test("keeps every version that one run replaces", async () => {
    world.plant({ "b.txt": "1" });
    const folder = world.open();
    await download(folder, { path: "b.txt", content: "2", replaces: await seeFile(folder, "b.txt") });
    await download(folder, { path: "b.txt", content: "3", replaces: await seeFile(folder, "b.txt") });
    const trash = `.trisync/trash/${RUN}`;
    expect(world.dump()).toEqual({ "b.txt": "3", [`${trash}/b.txt`]: "1", [`${trash}/b (2).txt`]: "2" });
  });

  test("a file where nothing was: changed, and it stays", async () => {
    const folder = world.open();
    const partial = await folder.openPartial("k", ["sha256"], 3);
    await partial.write(Buffer.from("new"));
    world.plant({ "a.txt": "other" });
    await expect(folder.commit(partial, toSyncPath("a.txt"), undefined, undefined)).rejects.toMatchObject({
      name: "LocalError",
      code: "changed",
    });
    await partial.discard();
    expect(world.dump()).toEqual({ "a.txt": "other" });
  });

  test("another file than the one that was seen: changed, and it stays", async () => {
    world.plant({ "a.txt": "old" });
    const folder = world.open();
    const replaces = await seeFile(folder, "a.txt");
    world.plant({ "a.txt": "older" });
    await expect(download(folder, { path: "a.txt", content: "new", replaces })).rejects.toMatchObject({
      code: "changed",
    });
    world.remove("a.txt");
    await expect(download(folder, { path: "a.txt", content: "new", replaces })).rejects.toMatchObject({
      code: "changed",
    });
    await world.open().tidy(30);
    expect(world.dump()).toEqual({});
  });

  test("a file where a parent folder should be: exists", async () => {
    world.plant({ a: "file" });
    await expect(download(world.open(), { path: "a/b.txt", content: "new" })).rejects.toMatchObject({ code: "exists" });
    expect(world.dump()[`a`]).toBe("file");
  });

  test("nothing is written through a symbolic link", async () => {
    world.plant({ "outside/kept.txt": "kept" });
    world.symlink("outside", "link");
    const folder = world.open();
    await expect(download(folder, { path: "link/x/new.txt", content: "new" })).rejects.toMatchObject({
      code: "changed",
    });
    await expect(download(folder, { path: "link/kept.txt", content: "new" })).rejects.toMatchObject({
      code: "changed",
    });
    await world.open().tidy(30);
    expect(world.dump()).toEqual({ "outside/kept.txt": "kept", link: "-> outside" });
  });

  test("nothing is written through a link that took the place of .trisync", async () => {
    world.plant({ "outside/": null });
    world.symlink("outside", ".trisync");
    await expect(download(world.open(), { path: "new.txt", content: "new" })).rejects.toMatchObject({
      code: "refused",
    });
    expect(world.dump()).toEqual({ "outside/": null, ".trisync": "-> outside" });
  });

  test("no path leads into .trisync, however it is written", async () => {
    for (const path of [".trisync", ".trisync/x", ".TriSync/x"]) {
      await expect(download(world.open(), { path, content: "new" })).rejects.toMatchObject({ code: "refused" });
    }
  });

  test("many at once into one new folder", async () => {
    const folder = world.open();
    const names = Array.from({ length: 30 }, (_, i) => `x/y/${i}.txt`);
    await Promise.all(names.map((path) => download(folder, { path, content: path })));
    expect(world.dump()).toEqual(Object.fromEntries(names.map((path) => [path, path])));
  });
});

describe("partial files", () => {
  test("a later run goes on where the first stopped, and knows the hash of all of it", async () => {
    const world = createSimulatedWorld();
    const first = await world.open().openPartial("key", ["sha256"], 6);
    await first.write(Buffer.from("abc"));
    await first.keep();
    world.disk.crash();

    const folder = world.open();
    const second = await folder.openPartial("key", ["sha256"], 6);
    expect(second.sizeBytes).toBe(3);
    await second.write(Buffer.from("def"));
    expect(second.hash()).toBe("sha256:bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721");
    await folder.commit(second, toSyncPath("a"), undefined, undefined);
    expect(world.dump()).toEqual({ a: "abcdef" });
  });

  test("tells whether it holds the very bytes of a file", async () => {
    const world = createSimulatedWorld();
    world.plant({ same: "abc", other: "abd", longer: "abcd" });
    const folder = world.open();
    const partial = await folder.openPartial("key", ["md5"], 3);
    await partial.write(Buffer.from("abc"));
    const holds = async (path: string): Promise<boolean> => {
      const content = await folder.content(await seeFile(folder, path));
      return partial.holds(content).finally(() => content.close());
    };
    expect([await holds("same"), await holds("other"), await holds("longer")]).toEqual([true, false, false]);
    await partial.discard();
  });

  test("restart throws away what is there", async () => {
    const world = createSimulatedWorld();
    const folder = world.open();
    const partial = await folder.openPartial("key", ["md5"], 3);
    await partial.write(Buffer.from("wrong"));
    await partial.restart();
    expect(partial.sizeBytes).toBe(0);
    await partial.write(Buffer.from("abc"));
    expect(partial.hash()).toBe("md5:900150983cd24fb0d6963f7d28e17f72");
  });

  test("one that is longer than the content is not gone on with", async () => {
    const world = createSimulatedWorld();
    const first = await world.open().openPartial("key", ["sha256"], 6);
    await first.write(Buffer.from("abcdef"));
    await first.keep();
    expect((await world.open().openPartial("key", ["sha256"], 5)).sizeBytes).toBe(0);
  });

  test("a file that has its place already is never written to as a partial one", async () => {
    const world = createSimulatedWorld();
    world.disk.onSideEffect = (kind, path) => {
      if (kind === "unlink" && path.endsWith(".part")) throw new Error("killed");
    };
    await expect(download(world.open(), { path: "a", content: "abc" })).rejects.toThrow("killed");
    world.disk.onSideEffect = undefined;
    const again = await world.open().openPartial("a abc", ["sha256"], 3);
    expect(again.sizeBytes).toBe(0);
    await again.write(Buffer.from("xyz"));
    expect(world.dump()["a"]).toBe("abc");
  });

  test("nothing is written through a link that takes a folder's place while the content is brought to the disk", async () => {
    const world = createSimulatedWorld();
    world.plant({ "d/kept.txt": "kept", "outside/": null });
    let isSwapped = false;
    world.disk.fail = (call, path) => {
      if (call !== "sync" || !path.endsWith(".part") || isSwapped) return undefined;
      isSwapped = true;
      world.disk.moveAsUser(`${world.root}/d`, `${world.root}/away`);
      world.symlink(`${world.root}/outside`, "d");
      return undefined;
    };
    const written = download(world.open(), { path: "d/new.txt", content: "new" });
    await expect(written).rejects.toMatchObject({ code: "changed" });
    expect(isSwapped).toBe(true);
    expect(world.dump()).toMatchObject({ "outside/": null, "away/kept.txt": "kept" });
  });

  test("no room: full up front, and full when it runs out on the way", async () => {
    const world = createSimulatedWorld({ freeBytes: 10 });
    const folder = world.open();
    await expect(folder.openPartial("key", ["sha256"], 11)).rejects.toMatchObject({ name: "LocalError", code: "full" });
    const partial = await folder.openPartial("key", ["sha256"], 10);
    world.disk.freeBytes = 2;
    await partial.write(Buffer.from("abc"));
    const placed = folder.commit(partial, toSyncPath("new.txt"), undefined, undefined);
    await expect(placed).rejects.toMatchObject({ code: "full" });
    await partial.discard();
    expect(world.dump()).toEqual({});
  });

  test.each([
    ["EROFS", "refused"],
    ["EACCES", "refused"],
    ["EDQUOT", "full"],
    ["EIO", "failed"],
  ])("%s is said as %s, with the path", async (errno, code) => {
    const world = createSimulatedWorld();
    world.disk.fail = (call) => (call === "mkdir" ? errno : undefined);
    const error = await world
      .open()
      .openPartial("key", ["sha256"], 1)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "LocalError", code });
    expect(String(error)).toContain(world.root);
  });

  test("a name that is too long is refused and names the path", async () => {
    const world = createRealWorld();
    const path = "x".repeat(256);
    await expect(download(world.open(), { path, content: "1" })).rejects.toMatchObject({ code: "refused" });
    await expect(download(world.open(), { path: "y".repeat(255), content: "1" })).resolves.toMatchObject({
      sizeBytes: 1,
    });
    world.close();
  });
});

describe("permissions, on a real directory", () => {
  let world: World;
  beforeEach(() => {
    world = createRealWorld();
    return () => world.close();
  });

  test("a new file gets those of any new file; what is unfinished or trashed is private", async () => {
    fs.writeFileSync(join(world.root, "sample"), "");
    const folder = world.open();
    await download(folder, { path: "new", content: "1" });
    expect(modeOf("new")).toBe(modeOf("sample"));
    expect(modeOf(".trisync")).toBe(0o700);
    expect(modeOf(".trisync/tmp")).toBe(0o700);
  });

  test.each([0o600, 0o755, 0o444])("a replaced file's %i stay", async (mode) => {
    world.plant({ a: "1" });
    fs.chmodSync(join(world.root, "a"), mode);
    const folder = world.open();
    await download(folder, { path: "a", content: "2", replaces: await seeFile(folder, "a") });
    expect(modeOf("a")).toBe(mode);
    expect(world.dump()["a"]).toBe("2");
  });

  function modeOf(path: string): number {
    return fs.statSync(join(world.root, path)).mode & 0o777;
  }
});
