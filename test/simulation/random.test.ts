import { test } from "vitest";
import { tryLuck } from "./luck.js";

const COUNT = Number(process.env["COUNT"] ?? 40);
const SEED = process.env["SEED"];
const FIRST = Number(process.env["FIRST"] ?? 1);

/** One seed, or a row of them. */
const seeds = SEED === undefined ? Array.from({ length: COUNT }, (_, i) => FIRST + i) : [Number(SEED)];

test("random worlds with random troubles", async () => {
  const failures: string[] = [];
  for (const seed of seeds) {
    try {
      await tryLuck(seed);
    } catch (error) {
      failures.push(`${seed}: ${error instanceof Error ? error.message.slice(0, 1500) : String(error)}`);
    }
  }
  console.log(`${failures.length} of ${seeds.length}`);
  for (const f of failures.slice(0, 6)) console.log(f);
  if (failures.length) throw new Error("failures");
}, 3_000_000);
