import { expect, test } from "vitest";
import { assertNothingLost } from "./judge.js";
import { killEverywhere, settleDown } from "./kills.js";
import { createRandom } from "./random.js";
import type { Random } from "./random.js";
import { edit, lookAt, prepare } from "./whole.js";
import type { Setup, Whole } from "./whole.js";

/** SEED=17 runs that one world alone; SEEDS=500 runs so many, from FIRST=1 on. */
const { SEED, SEEDS = "20", FIRST = "1" } = process.env;

const seeds = SEED === undefined ? Array.from({ length: Number(SEEDS) }, (_, i) => Number(FIRST) + i) : [Number(SEED)];

const BASE = {
  keep: "keep",
  "Work/a": "a1",
  "Work/b": "b1",
  "Work/Sub/c": "c1",
  "Work/Sub/d": "d1",
  "Work/Sub/Deep/e": "e1",
  "Work/Old/f": "f1",
};

test.each(seeds)(
  "folders renamed by case alone, and edits below them in the same run, seed %i",
  { timeout: 60_000 },
  async (seed) => {
    const random = createRandom(seed);
    let whole = await prepare({ ...drawCase(random, seed), edits: [] });
    const told: string[] = [];
    try {
      for (let day = 0; day < 3; day++) {
        const synced = lookAt(whole);
        for (const words of drawDay(whole, random, `c${String(day)}`)) {
          told.push(words);
          edit(whole, words);
        }
        whole = { ...whole, synced, start: lookAt(whole) };
        whole.clock.nowMs += 100_000;
        const howTo = `SEED=${String(seed)} npx vitest run test/simulation/case-renames.test.ts: ${told.join(", ")}`;
        const ran = await whole.machine.run();
        const undone = ran.outcomes.filter(({ status }) => status !== "done");
        expect(undone, howTo).toEqual([]);
        assertNothingLost(whole, howTo);
        whole.clock.nowMs += 100_000;
        await settleDown(whole, howTo);
        const { local, remote } = lookAt(whole);
        expect(local, howTo).toEqual(remote);
        told.push("run");
      }
    } finally {
      whole.machine.dispose();
    }
  },
);

test.each([
  { side: "R", ignoresCase: "remote" },
  { side: "L", ignoresCase: "local" },
] as const)(
  "$side renames by case alone and edits below, killed or cut off from power at every side effect",
  { timeout: 300_000 },
  async ({ side, ignoresCase }) => {
    const words = ["mv Work WORK", "write WORK/n n1", "write WORK/a a2", "rm WORK/b", "rm WORK/Old"];
    await killEverywhere(
      { base: { local: BASE }, edits: words.map((each) => `${side} ${each}`), ignoresCase },
      "by case alone",
    );
  },
);

/** One side ignores case, the other side does, or both. */
function drawCase(random: Random, seed: number): Omit<Setup, "edits"> {
  return {
    base: { local: BASE },
    seed,
    ignoresCase: (["remote", "local", true] as const)[seed % 3] ?? true,
    listsById: random.chance(0.3),
    provider: { capabilities: { hasCursor: random.chance(0.6), concurrency: random.pick([1, 4]) } },
  };
}

/** One person renames folders by case alone and edits what is in them; another edits on the other side, in the old spelling. */
function* drawDay(whole: Whole, random: Random, fresh: string): Generator<string> {
  const [renamer, other] = random.chance(0.6) ? (["R", "L"] as const) : (["L", "R"] as const);
  const before = foldersOf(whole, other);
  let count = 0;
  const drawn = new Set<string>();
  for (let renames = 1 + random.below(2); renames > 0; renames--) {
    const folder = random.pick(foldersOf(whole, renamer));
    if (drawn.has(folder.toLowerCase())) continue;
    drawn.add(folder.toLowerCase());
    yield `${renamer} mv ${folder} ${inOtherCase(folder)}`;
  }
  for (let edits = 1 + random.below(4); edits > 0; edits--) {
    const words = drawBelow(whole, renamer, random, `${fresh}${String(count++)}`);
    if (words !== undefined) yield words;
  }
  if (random.chance(0.4)) yield `${other} write ${random.pick(before)}/x${fresh} ${fresh}x`;
}

function drawBelow(whole: Whole, side: "L" | "R", random: Random, fresh: string): string | undefined {
  const folders = foldersOf(whole, side);
  const files = treeOf(whole, side).filter((path) => !path.endsWith("/") && path.includes("/"));
  const folder = random.pick(folders);
  const deepest = folders.filter((path) => path.includes("/") && !folders.some((at) => at.startsWith(`${path}/`)));
  const drawn = random.below(6);
  if (drawn === 0 || files.length < 3) return `${side} write ${folder}/n${fresh} ${fresh}`;
  if (drawn === 1) return `${side} write ${random.pick(files)} ${fresh}`;
  if (drawn === 2) return `${side} rm ${random.pick(files)}`;
  if (drawn === 3) return deepest.length === 0 ? undefined : `${side} rm ${random.pick(deepest)}`;
  if (drawn === 4) return `${side} mv ${random.pick(files)} ${folder}/m${fresh}`;
  return `${side} write ${folder}/New${fresh}/n ${fresh}`;
}

function treeOf(whole: Whole, side: "L" | "R"): readonly string[] {
  const { local, remote } = lookAt(whole);
  return Object.keys(side === "L" ? local : remote);
}

function foldersOf(whole: Whole, side: "L" | "R"): readonly string[] {
  const folders = treeOf(whole, side).flatMap((path) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
  });
  return [...new Set(folders)];
}

function inOtherCase(folder: string): string {
  return folder.replace(/[^/]*$/, (name) => (name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase()));
}
