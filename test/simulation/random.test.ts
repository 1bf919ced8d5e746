import { describe, expect, test } from "vitest";
import { drawSetup } from "./drawn-worlds.js";
import { killEverywhere } from "./kills.js";
import { tryLuck } from "./luck.js";
import { createRandom } from "./random.js";

/**
 * SEED=17 runs that one world alone; SEEDS=5000 runs so many, from FIRST=1 on. What a seed does is always the same, as long as the
 * program and the simulation are.
 */
const { SEED, SEEDS = "60", FIRST = "1" } = process.env;

const seeds = SEED === undefined ? Array.from({ length: Number(SEEDS) }, (_, i) => Number(FIRST) + i) : [Number(SEED)];

function howTo(seed: number): string {
  return `run again with: SEED=${seed} npx vitest run test/simulation/random.test.ts`;
}

describe("random worlds with random troubles", () => {
  test.each(seeds)("seed %i", { timeout: 120_000 }, async (seed) => {
    await tryLuck(seed, howTo(seed));
  });
});

/** A temporary file that a power failure had spoiled, taken for what was received (9), or found out a run too late (18). */
const FAILED_ONCE = SEED === undefined ? [9, 18] : [];

describe("random worlds, killed or cut off from power at every side effect", () => {
  test.each([...seeds.slice(0, Math.ceil(seeds.length / 10)), ...FAILED_ONCE])(
    "seed %i",
    { timeout: 300_000 },
    async (seed) => {
      await killEverywhere(drawSetup(createRandom(seed), seed), howTo(seed));
    },
  );
});

test("the same seed does the same thing", { timeout: 120_000 }, async () => {
  for (const seed of [3, 4, 5]) expect(await tryLuck(seed, howTo(seed))).toEqual(await tryLuck(seed, howTo(seed)));
});
