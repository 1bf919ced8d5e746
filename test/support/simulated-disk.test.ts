import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../lib/local/file-system.js";
import { ProcessKilled, SimulatedDisk } from "./simulated-disk.js";

const NOW = Date.UTC(2026, 2, 1);
const ALL_LOST = (): number => 0.3; // below 0.5: entries survive; 0.3 × 4 = 1: bytes as last synced
const NOTHING_SURVIVES = (): number => 0.6; // above 0.5: entries are lost; 0.6 × 4 = 2: zeros

function createDisk(options: { readonly ignoresCase?: boolean; readonly storesNfd?: boolean } = {}): SimulatedDisk {
  return new SimulatedDisk({ now: () => NOW, ...options });
}

async function write(files: FileSystem, path: string, content: string, sync: boolean): Promise<void> {
  const handle = await files.open(path, "create");
  await handle.write(Buffer.from(content), 0);
  if (sync) await handle.sync();
  await handle.close();
}

test("plants and dumps a tree", () => {
  const disk = createDisk();
  disk.plant("/disk", { "a/b.txt": "content", "empty/": null });
  expect(disk.dump("/disk")).toEqual({ "a/b.txt": "content", "empty/": null });
});

test("a killed process leaves what it wrote and can do no more", async () => {
  const disk = createDisk();
  disk.plant("/disk", {});
  const files = disk.mount();
  await write(files, "/disk/a", "1", false);
  disk.crash();
  await expect(files.mkdir("/disk/b")).rejects.toThrow(ProcessKilled);
  expect(() => files.lstatSync("/disk/a")).toThrow(ProcessKilled);
  expect(disk.dump("/disk")).toEqual({ a: "1" });
  await disk.mount().mkdir("/disk/b");
  expect(disk.dump("/disk")).toEqual({ a: "1", "b/": null });
});

test("a hook that throws stops the call and kills the process", async () => {
  const disk = createDisk();
  disk.plant("/disk", { a: "1" });
  const files = disk.mount();
  disk.onSideEffect = (kind) => {
    if (kind === "unlink") throw new ProcessKilled("now");
  };
  await files.mkdir("/disk/b");
  await expect(files.unlink("/disk/a")).rejects.toThrow("now");
  await expect(files.mkdir("/disk/c")).rejects.toThrow(ProcessKilled);
  expect(disk.dump("/disk")).toEqual({ a: "1", "b/": null });
});

describe("power loss", () => {
  test("an unsynced entry may be gone, whatever became of its bytes", async () => {
    const disk = createDisk();
    disk.plant("/disk", {});
    await write(disk.mount(), "/disk/a", "1", true);
    disk.powerLoss(NOTHING_SURVIVES);
    expect(disk.dump("/")).toEqual({ "disk/": null });
  });

  test("a synced entry of unsynced bytes is there with other bytes", async () => {
    const disk = createDisk();
    disk.plant("/disk", {});
    const files = disk.mount();
    await write(files, "/disk/a", "1", false);
    await files.syncFolder("/disk");
    disk.powerLoss(NOTHING_SURVIVES);
    expect(disk.dump("/disk")).toEqual({ a: "\0" });
  });

  test("what was synced stays", async () => {
    const disk = createDisk();
    disk.plant("/disk", {});
    const files = disk.mount();
    await write(files, "/disk/a", "1", true);
    await files.syncFolder("/disk");
    disk.powerLoss(NOTHING_SURVIVES);
    expect(disk.dump("/disk")).toEqual({ a: "1" });
  });

  test("an overwritten file may be the old one again", async () => {
    const disk = createDisk();
    disk.plant("/disk", { a: "old" });
    const handle = await disk.mount().open("/disk/a", "read-write");
    await handle.write(Buffer.from("new"), 0);
    disk.powerLoss(ALL_LOST);
    expect(disk.dump("/disk")).toEqual({ a: "old" });
  });

  test.each([NOTHING_SURVIVES, ALL_LOST])("a rename survives whole or not at all", async (random) => {
    const disk = createDisk();
    disk.plant("/disk", { "x/a": "1", "y/": null });
    await disk.mount().rename("/disk/x/a", "/disk/y/a");
    disk.powerLoss(random);
    const moved = { "y/a": "1", "x/": null };
    expect(disk.dump("/disk")).toEqual(random() < 0.5 ? moved : { "x/a": "1", "y/": null });
  });

  test("syncing one folder of a rename makes the other half durable too, and nothing older comes back", async () => {
    const disk = createDisk();
    disk.plant("/disk", { "y/": null, "x/": null });
    const files = disk.mount();
    await write(files, "/disk/x/a", "1", true);
    await files.rename("/disk/x/a", "/disk/y/a");
    await files.syncFolder("/disk/y");
    disk.powerLoss(ALL_LOST);
    expect(disk.dump("/disk")).toEqual({ "y/a": "1", "x/": null });
  });

  test("a file that lost one of its names has one link", async () => {
    const disk = createDisk();
    disk.plant("/disk", { a: "1" });
    const files = disk.mount();
    await files.link("/disk/a", "/disk/b");
    expect((await files.lstat("/disk/a")).nlink).toBe(2n);
    disk.powerLoss(NOTHING_SURVIVES);
    expect((await disk.mount().lstat("/disk/a")).nlink).toBe(1n);
  });
});

test("rules of POSIX for renames and links", async () => {
  const disk = createDisk();
  disk.plant("/disk", { "d/x": "1", "e/y": "1", "empty/": null, f: "1", g: "2" });
  const files = disk.mount();
  await expect(files.rename("/disk/d", "/disk/e")).rejects.toMatchObject({ code: "ENOTEMPTY" });
  await expect(files.rename("/disk/d", "/disk/f")).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(files.rename("/disk/f", "/disk/d")).rejects.toMatchObject({ code: "EISDIR" });
  await expect(files.rename("/disk/d", "/disk/d/below")).rejects.toMatchObject({ code: "EINVAL" });
  await expect(files.link("/disk/f", "/disk/g")).rejects.toMatchObject({ code: "EEXIST" });
  await expect(files.rmdir("/disk/d")).rejects.toMatchObject({ code: "ENOTEMPTY" });
  await files.rename("/disk/d", "/disk/empty");
  await files.rename("/disk/f", "/disk/g");
  expect(disk.dump("/disk")).toEqual({ "empty/x": "1", "e/y": "1", g: "1" });
});

test("a full disk takes no more, and an unlinked file gives its room back", async () => {
  const disk = new SimulatedDisk({ now: () => NOW, freeBytes: 4 });
  disk.plant("/disk", {});
  const files = disk.mount();
  await write(files, "/disk/a", "1234", false);
  await expect(write(files, "/disk/b", "5", false)).rejects.toMatchObject({ code: "ENOSPC" });
  await files.unlink("/disk/a");
  expect(await files.freeBytes("/disk")).toBe(4);
});

test("errors on demand", async () => {
  const disk = createDisk();
  disk.plant("/disk", { a: "1" });
  disk.fail = (call, path) => (call === "open" && path.endsWith("/a") ? "EIO" : undefined);
  await expect(disk.mount().open("/disk/a", "read")).rejects.toMatchObject({ code: "EIO" });
});

test("a disk that ignores case and one that decomposes names", async () => {
  const ignoring = createDisk({ ignoresCase: true });
  ignoring.plant("/disk", { "Ab.txt": "1" });
  expect(ignoring.mount().lstatSync("/disk/aB.TXT")?.size).toBe(1n);
  await ignoring.mount().rename("/disk/Ab.txt", "/disk/aB.txt");
  expect(ignoring.dump("/disk")).toEqual({ "aB.txt": "1" });

  const decomposing = createDisk({ storesNfd: true });
  decomposing.plant("/disk", { "é.txt": "1" });
  expect(await decomposing.mount().readdir("/disk")).toEqual(["é.txt".normalize("NFD")]);
  expect(decomposing.mount().lstatSync("/disk/é.txt")?.size).toBe(1n);
});

test("links are followed on the way, and a circle of them is noticed", async () => {
  const disk = createDisk();
  disk.plant("/disk", { "d/x": "1" });
  disk.plantSpecial("/disk/link", "link", "d");
  disk.plantSpecial("/disk/loop", "link", "/disk/loop");
  const files = disk.mount();
  expect((await files.lstat("/disk/link")).isSymbolicLink()).toBe(true);
  expect((await files.lstat("/disk/link/x")).isFile()).toBe(true);
  await expect(files.lstat("/disk/loop/x")).rejects.toMatchObject({ code: "ELOOP" });
});
