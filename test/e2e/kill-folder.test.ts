import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRandom } from "../simulation/random.js";
import { effort } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import { killManyTimes } from "./kill.js";
import { RestlessWorld } from "./restless-world.js";
import { createDiskSide } from "./side.js";

const SEED = 20_260_301;

test(
  `a run between two folders, killed at ${String(effort.kills)} random moments (seed ${String(SEED)}), loses nothing and is made good by the next`,
  { timeout: 1_800_000 },
  async () => {
    await inTemporaryDirectory(async (directory) => {
      const [local, remote] = [join(directory, "local"), join(directory, "remote")];
      await mkdir(local);
      await mkdir(remote);
      const random = createRandom(SEED);
      const world = new RestlessWorld(random, [0, 20, 300, 3000, 3000, 20_000, 70_000, 400_000]);
      const sides = { local: createDiskSide(local), remote: createDiskSide(remote) };
      const job = new Job({ local, remote: `folder:${remote}`, state: join(directory, "state") });
      await world.plant(sides.local, 30);
      await world.plant(sides.remote, 30);
      await job.syncWell();
      const killings = await killManyTimes({ job, ...sides, world, random, mostRuns: 1 }, effort.kills);
      expect(killings.killed).toBe(effort.kills);
      console.info(`folder: ${JSON.stringify(killings)}`);
    });
  },
);
