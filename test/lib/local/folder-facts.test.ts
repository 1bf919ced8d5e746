import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { coalesceSyncs } from "../../../lib/local/coalesce-syncs.js";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import { stampOf, timesOf } from "../../../lib/local/stamp.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { createRealWorld, createSimulatedWorld, PLANTED_MS, RUN, seeFile } from "./worlds.js";

describe("identify", () => {
  test("the same folder gives the same answer, also through a link; another folder another", async () => {
    const world = createRealWorld();
    world.plant({ "a/": null, "b/": null });
    world.symlink("a", "link");
    const identify = (name: string): Promise<string> =>
      openFolder({ root: join(world.root, name), files: nodeFileSystem, runId: RUN, now: Date.now }).identify();
    expect(await identify("a")).toBe(await identify("link"));
    expect(await identify("a")).not.toBe(await identify("b"));
    world.close();
  });

  test("a root that is missing or no folder is a mistake in the command", async () => {
    const world = createSimulatedWorld();
    world.plant({ file: "1" });
    for (const name of ["file", "missing", "file/below"]) {
      const folder = openFolder({ root: `${world.root}/${name}`, files: world.files, runId: RUN, now: Date.now });
      await expect(folder.identify()).rejects.toMatchObject({ name: "UsageError" });
    }
  });

  test("an error of the disk is not", async () => {
    const world = createSimulatedWorld();
    world.disk.fail = (call) => (call === "lstat" ? "EIO" : undefined);
    await expect(world.open().identify()).rejects.toMatchObject({ name: "LocalError", code: "failed" });
  });
});

describe("ignoresCase", () => {
  test.each([
    { ignoresCase: true, tree: { "a.txt": "1" } },
    { ignoresCase: false, tree: { "a.txt": "1" } },
    { ignoresCase: true, tree: { "123": "1", "Dir/": null } },
    { ignoresCase: false, tree: { "a.txt": "1", "A.TXT": "2" } },
    { ignoresCase: true, tree: {} },
    { ignoresCase: false, tree: { "123": "1" } },
  ])("asks what is there: $ignoresCase with $tree", async ({ ignoresCase, tree }) => {
    const world = createSimulatedWorld({ ignoresCase });
    world.plant(tree);
    expect(await world.open().ignoresCase()).toBe(ignoresCase);
  });

  test.each([true, false])("where nothing tells, the platform's habit: %s", async (platformIgnoresCase) => {
    const world = createSimulatedWorld();
    world.disk.plant("/123", { "456": "1" });
    const folder = openFolder({ root: "/123", files: world.files, runId: RUN, now: Date.now, platformIgnoresCase });
    expect(await folder.ignoresCase()).toBe(platformIgnoresCase);
  });

  test("writes nothing", async () => {
    const world = createSimulatedWorld();
    world.disk.onSideEffect = (kind) => {
      throw new Error(kind);
    };
    expect(await world.open().ignoresCase()).toBe(false);
  });
});

describe("stamps", () => {
  test("a file touched a moment ago has none; later it has one, and it stays", async () => {
    const world = createRealWorld();
    fs.writeFileSync(join(world.root, "a"), "1");
    const stats = fs.lstatSync(join(world.root, "a"), { bigint: true });
    const writtenMs = Number(stats.ctimeNs) / 1e6;
    expect(stampOf(stats, writtenMs + 10, "by anyone")).toBe("");
    expect(stampOf(stats, writtenMs + 60, "by anyone")).toBe(timesOf(stats));
    // A clock that was set back does not make it trustworthy, one set back far does not matter.
    expect(stampOf(stats, writtenMs - 10, "by anyone")).toBe("");
    world.close();
  });

  test("disks that keep whole seconds need two of them", async () => {
    const world = createSimulatedWorld({ timeUnitNs: 1_000_000_000n });
    world.plant({ a: "1" });
    world.disk.setMode(`${world.root}/a`, 0o600);
    const stats = await world.files.lstat(`${world.root}/a`);
    const changedMs = Number(stats.ctimeNs) / 1e6;
    expect(stampOf(stats, changedMs + 1900, "by anyone")).toBe("");
    expect(stampOf(stats, changedMs + 2100, "by anyone")).not.toBe("");
  });

  test("what this run wrote has a stamp at once, unless its modification time is fresh too", async () => {
    const world = createSimulatedWorld();
    const folder = world.open();
    for (const [path, modifiedMs] of [["old", PLANTED_MS] as const, ["fresh", undefined] as const]) {
      const partial = await folder.openPartial(path, ["md5"], 1);
      await partial.write(Buffer.from("1"));
      const { stamp } = await folder.commit(partial, toSyncPath(path), modifiedMs, undefined);
      expect(stamp !== "").toBe(modifiedMs !== undefined);
    }
    world.clock.nowMs += 1000;
    expect((await seeFile(folder, "old")).stamp).not.toBe("");
  });

  test("times come back to the millisecond", async () => {
    const world = createRealWorld();
    for (const modifiedMs of [1_700_000_000_001, 1_700_000_000_123, 1_700_000_000_999, 86_400_000, 1]) {
      const folder = world.open();
      const partial = await folder.openPartial(`${modifiedMs}`, ["md5"], 0);
      const entry = await folder.commit(partial, toSyncPath(`${modifiedMs}`), modifiedMs, undefined);
      expect(entry.modifiedMs).toBe(modifiedMs);
    }
    world.close();
  });
});

test("stat tells what is there, and what is not", async () => {
  const world = createRealWorld();
  world.plant({ "d/f": "1" });
  world.symlink("d", "l");
  const folder = world.open();
  expect(await folder.stat(toSyncPath("d"))).toMatchObject({ kind: "folder" });
  expect(await folder.stat(toSyncPath("d/f"))).toMatchObject({ kind: "file", sizeBytes: 1 });
  expect(await folder.stat(toSyncPath("l"))).toMatchObject({ kind: "special", type: "symbolic link" });
  for (const nothing of ["no", "no/where", "d/f/below", "d/no"]) {
    expect(await folder.stat(toSyncPath(nothing))).toBeUndefined();
  }
  world.close();
});

test("opening a folder touches nothing", () => {
  const world = createSimulatedWorld();
  world.disk.fail = (call) => {
    throw new Error(call);
  };
  expect(world.open().root).toBe(world.root);
});

describe("coalesceSyncs", () => {
  test("calls that come while one is under way share the next", async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const sync = coalesceSyncs((path) => {
      begun.push(path);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    const first = sync("/a");
    await settle();
    const second = sync("/a");
    const third = sync("/a");
    const other = sync("/b");
    await settle();
    expect(begun).toEqual(["/a", "/b"]);
    ends[0]?.();
    await first;
    await settle();
    expect(begun).toEqual(["/a", "/b", "/a"]);
    ends[1]?.();
    ends[2]?.();
    await Promise.all([second, third, other]);
  });

  test("one that fails does not fail the next", async () => {
    let calls = 0;
    const sync = coalesceSyncs(async () => {
      if (++calls === 1) throw new Error("first");
    });
    await expect(sync("/a")).rejects.toThrow("first");
    await expect(sync("/a")).resolves.toBeUndefined();
  });

  async function settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
});
