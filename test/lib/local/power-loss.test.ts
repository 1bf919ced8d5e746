import { describe, expect, test } from "vitest";
import type { Folder } from "../../../lib/local/types.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { ProcessKilled } from "../../support/simulated-disk.js";
import { createSimulatedWorld, download, LATER_RUN, seeFile, seeFolder } from "./worlds.js";
import type { SimulatedWorld } from "./worlds.js";

const OLD = { "a/x.txt": "old x", "a/y.txt": "old y", "f/1.txt": "one", "f/2.txt": "two" };

/** What a call promises about the tree at every instant. */
interface Case {
  readonly title: string;
  readonly run: (folder: Folder) => Promise<unknown>;
  /** For each path the contents it may hold; undefined for "nothing". */
  readonly allowed: Readonly<Record<string, readonly (string | undefined)[]>>;
  /** What `run` has promised once it resolved. */
  readonly done: Readonly<Record<string, string | undefined>>;
}

const cases: readonly Case[] = [
  {
    title: "a new file",
    run: (folder) => download(folder, { path: "new/n.txt", content: "new content" }),
    allowed: { "new/n.txt": [undefined, "new content"], "a/x.txt": ["old x"] },
    done: { "new/n.txt": "new content" },
  },
  {
    title: "a replaced file",
    run: async (folder) =>
      download(folder, { path: "a/x.txt", content: "new content", replaces: await seeFile(folder, "a/x.txt") }),
    allowed: { "a/x.txt": ["old x", "new content"], "a/y.txt": ["old y"] },
    done: { "a/x.txt": "new content" },
  },
  {
    title: "a copy",
    run: async (folder) => folder.copyTo(await seeFile(folder, "a/x.txt"), toSyncPath("c/copy.txt")),
    allowed: { "a/x.txt": ["old x"], "c/copy.txt": [undefined, "old x"] },
    done: { "a/x.txt": "old x", "c/copy.txt": "old x" },
  },
  {
    title: "a moved file",
    run: async (folder) => folder.move(await seeFile(folder, "a/x.txt"), toSyncPath("b/z.txt")),
    allowed: { "a/x.txt": ["old x", undefined], "b/z.txt": [undefined, "old x"] },
    done: { "a/x.txt": undefined, "b/z.txt": "old x" },
  },
  {
    title: "a moved folder",
    run: async (folder) => folder.move(await seeFolder(folder, "f"), toSyncPath("deep/g")),
    allowed: { "f/1.txt": ["one", undefined], "deep/g/1.txt": [undefined, "one"] },
    done: { "f/2.txt": undefined, "deep/g/2.txt": "two" },
  },
  {
    title: "a trashed file",
    run: async (folder) => folder.trashFile(await seeFile(folder, "a/x.txt")),
    allowed: { "a/x.txt": ["old x", undefined] },
    done: { "a/x.txt": undefined },
  },
  {
    title: "a restored file over a newer one",
    run: async (folder) => {
      await download(folder, { path: "a/x.txt", content: "newer", replaces: await seeFile(folder, "a/x.txt") });
      const [trashed] = await folder.listTrash();
      if (trashed !== undefined) await folder.restore(trashed);
    },
    allowed: { "a/x.txt": ["old x", "newer"] },
    done: { "a/x.txt": "old x" },
  },
];

const disks = [
  { disk: "with links", hasLinks: true },
  { disk: "without links", hasLinks: false },
];

describe.each(disks)("a disk $disk", ({ hasLinks }) => {
  describe.each(cases)("$title", (tried) => {
    const steps = createWorld(hasLinks);

    test("killed at every side effect", async () => {
      const count = await countSideEffects(await steps(), tried);
      expect(count).toBeGreaterThan(3);
      for (let at = 1; at <= count; at++) {
        const world = await steps();
        await runUntil(world, tried, at);
        assertOldOrNew(world, tried, `killed at ${at}`);
        await assertRecovers(world, tried, `killed at ${at}`);
      }
    });

    test("power lost at every side effect, whatever survives", async () => {
      const count = await countSideEffects(await steps(), tried);
      for (let at = 1; at <= count + 1; at++) {
        for (let seed = 1; seed <= 12; seed++) {
          const world = await steps();
          const finished = await runUntil(world, tried, at);
          world.disk.powerLoss(createRandom(seed * 1000 + at));
          const when = `power lost at ${at}, seed ${seed}`;
          assertOldOrNew(world, tried, when);
          if (finished) assertDone(world, tried, when);
          await assertRecovers(world, tried, when);
        }
      }
    });
  });
});

function createWorld(hasLinks: boolean): () => Promise<SimulatedWorld> {
  return async () => {
    const world = createSimulatedWorld({ hasLinks });
    world.plant(OLD);
    return world;
  };
}

async function countSideEffects(world: SimulatedWorld, { run }: Case): Promise<number> {
  let count = 0;
  world.disk.onSideEffect = () => {
    count++;
  };
  await run(world.open());
  return count;
}

/** True when it came to its end before side effect number `at`. */
async function runUntil(world: SimulatedWorld, { run }: Case, at: number): Promise<boolean> {
  let count = 0;
  world.disk.onSideEffect = () => {
    if (++count === at) throw new ProcessKilled(`at side effect ${at}`);
  };
  try {
    await run(world.open());
    return true;
  } catch (error) {
    if (error instanceof ProcessKilled) return false;
    throw error;
  } finally {
    world.disk.onSideEffect = undefined;
  }
}

/** P2: each path holds one of the whole contents it may hold. P1: every old content is somewhere, whole. */
function assertOldOrNew(world: SimulatedWorld, { allowed }: Case, when: string): void {
  const tree = world.disk.dump(world.root);
  for (const [path, contents] of Object.entries(allowed)) expect(contents, `${path}, ${when}`).toContain(tree[path]);
  for (const content of Object.values(OLD)) expect(Object.values(tree), `${content}, ${when}`).toContain(content);
}

/** The next run can do its work and leaves no temporary file. */
async function assertRecovers(world: SimulatedWorld, tried: Case, when: string): Promise<void> {
  world.clock.nowMs += 100_000;
  const folder = world.open(LATER_RUN);
  await folder.tidy(30);
  await download(folder, { path: "after.txt", content: "after" });
  assertOldOrNew(world, tried, `${when}, next run`);
  const left = Object.keys(world.dump()).filter((path) => path.startsWith(".trisync/tmp"));
  expect(left, when).toEqual([]);
}

function assertDone(world: SimulatedWorld, { done }: Case, when: string): void {
  const tree = world.dump();
  for (const [path, content] of Object.entries(done)) expect(tree[path], `${path}, ${when}`).toBe(content);
}

/** A small generator of numbers (mulberry32): the same seed, the same numbers. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
