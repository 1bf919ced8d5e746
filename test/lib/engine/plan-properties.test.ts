import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPlan, withFolders } from "./apply.js";
import { planWorld } from "./worlds.js";
import type { Tree, WorldOfThree } from "./worlds.js";

/** Trees over two paths that may lie in one another, each absent, a folder, or one of three contents. */
function* smallTrees([a, b]: readonly [string, string]): Generator<Tree> {
  const states = [undefined, "folder", "1", "2", "33"] as const;
  for (const first of states) {
    for (const second of states) {
      // Nothing can be below a file, and what is below a folder makes it one.
      if (b.startsWith(`${a}/`) && second !== undefined && first !== "folder") continue;
      yield { ...entry(a, first), ...entry(b, second) };
    }
  }
}

function entry(path: string, state: string | undefined): Tree {
  if (state === undefined) return {};
  return state === "folder" ? { [`${path}/`]: "" } : { [path]: state };
}

async function check(world: WorldOfThree): Promise<void> {
  const planned = await planWorld(world);
  const after = applyPlan(
    world,
    planned.steps.map(({ action }) => action),
  );
  expect(after.local, "both sides end equal").toEqual(after.remote);
  expectNothingLost(world, Object.values(after.local));
  const again = await planWorld({ base: after.local, ...after });
  expect(again.words, "a second run plans nothing").toEqual([]);
}

/** A content may go only where it is what the base knew of that very path: then a person changed or deleted it. */
function expectNothingLost(world: WorldOfThree, kept: readonly string[]): void {
  for (const side of [world.local, world.remote]) {
    for (const [path, content] of Object.entries(side)) {
      if (path.endsWith("/") || content === world.base?.[path]) continue;
      expect(kept, `${path} held ${content}`).toContain(content);
    }
  }
}

describe("all worlds of two paths and three contents", () => {
  test.each([[["a", "b"]], [["x", "x/y"]]] as const)("%s", async (paths) => {
    const trees = [...smallTrees(paths)].map(withFolders);
    let count = 0;
    for (const base of trees) {
      for (const local of trees) {
        for (const remote of trees) {
          await check({ base, local, remote });
          count += 1;
        }
      }
    }
    expect(count).toBe(trees.length ** 3);
  });
});

/** Three trees that collide often: local and remote are a few edits away from one base. */
const correlatedWorlds = fc
  .record({
    base: treeOf(6),
    localEdits: treeOf(3),
    remoteEdits: treeOf(3),
    localGone: fc.nat(3),
    remoteGone: fc.nat(3),
  })
  .map(({ base, localEdits, remoteEdits, localGone, remoteGone }) => ({
    base: sound(base),
    local: sound({ ...without(base, localGone), ...localEdits }),
    remote: sound({ ...without(base, remoteGone), ...remoteEdits }),
  }));

function treeOf(maxKeys: number): fc.Arbitrary<Tree> {
  const path = fc.constantFrom("a", "b", "d/a", "d/b", "d/e/a", "d/e/", "f/", "f/a", "f");
  return fc.dictionary(path, fc.constantFrom("", "1", "2", "33"), { maxKeys });
}

function without(tree: Tree, count: number): Tree {
  return Object.fromEntries(Object.entries(tree).slice(count));
}

/** Drops what lies below a file, and files where a folder is. */
function sound(tree: Tree): Tree {
  const kept: Record<string, string> = {};
  for (const [path, content] of Object.entries(tree).sort(([a], [b]) => a.length - b.length)) {
    const parts = path.replace(/\/$/, "").split("/");
    const above = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    const isFolder = path.endsWith("/");
    const clashes = above.some((place, i) => kept[place] !== undefined && (isFolder || i < parts.length - 1));
    const hidesFolder = !isFolder && Object.keys(kept).some((other) => other.startsWith(`${path}/`));
    if (!clashes && !hidesFolder) kept[path] = isFolder ? "" : content;
  }
  return withFolders(kept);
}

test("correlated worlds converge, lose nothing and settle", async () => {
  await fc.assert(fc.asyncProperty(correlatedWorlds, check), { numRuns: 3000 });
});
