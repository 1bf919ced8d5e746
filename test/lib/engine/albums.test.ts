import { describe, expect, test } from "vitest";
import { assess } from "../../../lib/engine/assess.js";
import { assertModeFits } from "../../../lib/engine/mode-needs.js";
import type { LocalFile, RemoteFile } from "../../../lib/model/entry.js";
import { MODES } from "../../../lib/model/mode.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { MemoryProvider } from "../../support/memory-provider.js";
import { MemoryWorld } from "../../support/memory-world.js";
import { planWorld } from "./worlds.js";
import type { PlanSettings, WorldOfThree } from "./worlds.js";

/** What services with albums instead of folders, and without a trash, ask of the plan. */

describe("where a folder is there only while it holds a file", () => {
  const cases: readonly (readonly [string, WorldOfThree, PlanSettings["mode"], readonly string[]])[] = [
    ["a new empty folder here waits for its first file", { local: { "a/": "" }, remote: {} }, "two-way", []],
    [
      "a new folder with a file is not made before it",
      { local: { "a/x": "1" }, remote: {} },
      "two-way",
      ["upload a/x"],
    ],
    [
      "the folder stays here when its last file was deleted there",
      { base: { "a/x": "1" }, local: { "a/x": "1" }, remote: {} },
      "two-way",
      ["delete-local a/x"],
    ],
    [
      "the folder there goes by itself with its last file",
      { base: { "a/x": "1" }, local: {}, remote: { "a/x": "1" } },
      "two-way",
      ["delete-remote a/x"],
    ],
    [
      "a new album comes with its folder",
      { local: {}, remote: { "a/x": "1" } },
      "two-way",
      ["create-folder-local a", "download a/x"],
    ],
    ["backup", { local: { "a/": "" }, remote: {} }, "backup", []],
    ["mirror", { local: { "b/": "" }, remote: { "a/x": "1" } }, "mirror", ["delete-remote a/x"]],
    [
      "mirror-down",
      { local: { "b/": "" }, remote: { "a/x": "1" } },
      "mirror-down",
      ["create-folder-local a", "download a/x"],
    ],
  ];
  test.each(cases)("%s", async (_, world, mode = "two-way", words) => {
    const { words: planned } = await planWorld(world, { mode, hasFolders: false });
    expect(planned).toEqual(words);
  });
});

describe("where nothing of an overwritten version would be kept", () => {
  const stagesOf = async (world: WorldOfThree, settings: PlanSettings) => {
    const { steps } = await planWorld(world, { ...settings, canOverwrite: false });
    return steps.map(({ stage, action }) => [stage, action.kind]);
  };
  const isRefused = async (world: WorldOfThree, settings: PlanSettings): Promise<boolean> => {
    const refused = await stagesOf(world, settings);
    const allowed = (await planWorld(world, settings)).steps.map(({ stage, action }) => [stage, action.kind]);
    return JSON.stringify(refused) !== JSON.stringify(allowed);
  };

  test.each(["backup", "mirror"] as const)("%s does not overwrite what this job never saw", async (mode) => {
    expect(await isRefused({ local: { a: "1" }, remote: { a: "2" } }, { mode })).toBe(true);
  });

  test.each(["backup", "mirror"] as const)("%s does not overwrite what was changed there", async (mode) => {
    const world = { base: { a: "1" }, local: { a: "2" }, remote: { a: "3" } };
    expect(await isRefused(world, { mode })).toBe(true);
  });

  test("an edited file replaces the version that this job put there", async () => {
    const world = { base: { a: "1" }, local: { a: "2" }, remote: { a: "1" } };
    expect(await isRefused(world, { mode: "two-way" })).toBe(false);
    expect(await isRefused(world, { mode: "backup" })).toBe(false);
  });

  test("no conflict rule lets the local version win", async () => {
    const world = { base: { a: "1" }, local: { a: "2" }, remote: { a: "3" } };
    const { steps } = await planWorld(world, { conflictRule: "local", canOverwrite: false });
    expect(steps.map(({ action }) => action)).toMatchObject([{ kind: "conflict", winner: "both" }]);
    const other = await planWorld(world, { conflictRule: "remote", canOverwrite: false });
    expect(other.steps.map(({ action }) => action)).toMatchObject([{ kind: "conflict", winner: "remote" }]);
  });
});

describe("a size that the service does not tell", () => {
  const path = toSyncPath("a");
  const local: LocalFile = { kind: "file", path, sizeBytes: 5, modifiedMs: 1, inode: "1:1", stamp: "s" };
  const remote: RemoteFile = {
    kind: "file",
    path,
    id: "i",
    version: "v",
    sizeBytes: undefined,
    modifiedMs: undefined,
    hash: "md5:00",
  };
  const options = { mode: "two-way", rehash: false, hashIsProof: true } as const;
  const sides = { base: undefined, local, remote };

  test("makes no difference where the hashes are equal", () => {
    const known = { local: "md5:00", remote: "unasked" } as const;
    expect(assess(sides, known, options)).toMatchObject({ decision: "record" });
  });

  test("proves nothing where one hash is missing", () => {
    const known = { local: "md5:00", remote: undefined } as const;
    expect(assess({ ...sides, remote: { ...remote, hash: undefined } }, known, options)).toMatchObject({
      decision: "conflict",
    });
  });

  test("is asked no more once the version is known", () => {
    const base = {
      kind: "file",
      path,
      remotePath: path,
      local: { sizeBytes: 5, modifiedMs: 1, inode: "1:1", stamp: "s", hash: "md5:00" },
      remote: { id: "i", version: "v", sizeBytes: 5, modifiedMs: undefined, hash: undefined },
      placed: "remote",
    } as const;
    const unasked = { local: "unasked", remote: "unasked" } as const;
    expect(assess({ ...sides, base }, unasked, options)).toMatchObject({ decision: "keep" });
  });
});

describe("a mode that the service cannot serve is refused before the run", () => {
  const refusedBy = (capabilities: object): readonly string[] =>
    MODES.filter((mode) => {
      const provider = new MemoryProvider(new MemoryWorld(), { capabilities });
      try {
        assertModeFits(mode, provider.capabilities, "photos");
        return false;
      } catch (error) {
        expect(error).toMatchObject({
          name: "UsageError",
          message: expect.stringContaining(`--mode ${mode}`) as unknown,
        });
        return true;
      }
    });

  test("without downloads", () => {
    expect(refusedBy({ canDownload: false })).toEqual(["two-way", "fetch", "mirror-down"]);
  });

  test("without deletions", () => {
    expect(refusedBy({ canDelete: false })).toEqual(["mirror"]);
  });

  test("none where it can do all", () => {
    expect(refusedBy({})).toEqual([]);
  });
});
