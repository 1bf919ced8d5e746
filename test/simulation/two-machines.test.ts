import { expect, test } from "vitest";
import { MemoryWorld } from "../support/memory-world.js";
import { drawEdits } from "./drawn-worlds.js";
import { Machine } from "./machine.js";
import type { RunOptions } from "./machine.js";
import { createRandom } from "./random.js";
import { createScheduler } from "./scheduler.js";
import type { Clock } from "./scheduler.js";
import { edit } from "./whole.js";

/** SEED=17 runs that one world alone; SEEDS=500 runs so many, from FIRST=1 on. */
const { SEED, SEEDS = "40", FIRST = "1" } = process.env;

const seeds = SEED === undefined ? Array.from({ length: Number(SEEDS) }, (_, i) => Number(FIRST) + i) : [Number(SEED)];

test.each(seeds)(
  "S161: two machines share a folder and run at the same time, seed %i",
  { timeout: 120_000 },
  async (seed) => {
    const random = createRandom(seed);
    const clock: Clock = { nowMs: Date.UTC(2026, 2, 1, 12) };
    const cloud = new MemoryWorld({ now: () => clock.nowMs });
    // Every other world names what changed by id, every third lags behind its own writes.
    const [listsById, isLate] = [seed % 2 === 0, seed % 3 === 0];
    const machines = ["one", "two"].map((hostname) => new Machine({ cloud, clock, random, hostname, listsById }));
    // Nobody deletes this one: a side that is empty all at once is refused.
    edit({ machine: machines[0]!, cloud }, "L write keep keep");
    const howTo = `run again with: SEED=${seed} npx vitest run test/simulation/two-machines.test.ts`;
    let count = 100;
    const everything = new Set<string>();
    try {
      for (let day = 0; day < 3; day++) {
        for (let edits = random.below(12); edits > 0; edits--) {
          const machine = random.pick(machines);
          for (const words of drawEdits(
            { machine, cloud },
            { random, fresh: () => `c${count++}`, mode: "two-way" },
            "local",
          ))
            edit({ machine, cloud }, words);
        }
        for (const machine of machines) for (const content of contentsOf(machine)) everything.add(content);
        clock.nowMs += 100_000;
        const scheduler = createScheduler(random, clock);
        const late: RunOptions = isLate ? { trouble: ({ faults }) => (faults.listingLag = random.below(6)) } : {};
        await Promise.all(machines.map((machine) => machine.run({ scheduler, ...late })));
        const trashed = [
          ...cloud.trash.map(({ content }) => content),
          ...machines.flatMap((machine) => Object.values(machine.look().trash)),
        ];
        const kept = new Set([...Object.values(cloud.tree()), ...machines.flatMap(contentsOf), ...trashed]);
        expect(
          [...everything].filter((content) => !kept.has(content)),
          `lost on day ${day}, ${howTo}`,
        ).toEqual([]);
        for (let turn = 0; turn < 6; turn++) {
          clock.nowMs += 100_000;
          await machines[turn % 2]?.run();
        }
        const trees = machines.map((machine) => machine.look().visible);
        expect(trees[0], `day ${day}, ${howTo}`).toEqual(trees[1]);
        expect(trees[0], `day ${day}, ${howTo}`).toEqual({ ...cloud.tree() });
      }
    } finally {
      for (const machine of machines) machine.dispose();
    }
  },
);

function contentsOf(machine: Machine): readonly string[] {
  return Object.values(machine.look().visible).filter((content) => content !== "");
}
