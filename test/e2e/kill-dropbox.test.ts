import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRandom } from "../simulation/random.js";
import { useDropbox } from "./dropbox-account.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import { killManyTimes } from "./kill.js";
import { RestlessWorld } from "./restless-world.js";
import { createDiskSide, createDropboxSide } from "./side.js";

const SEED = 20_260_302;
const KILLS = 25;

/** A round trip long enough for a run to be caught between two requests. */
const account = useDropbox(["--latency-ms", "4"]);

test(
  `a run with Dropbox, killed at ${String(KILLS)} random moments (seed ${String(SEED)}), loses nothing and is made good by the next`,
  { timeout: 1_800_000 },
  async () => {
    // Otherwise most of the time would be spent waiting for the service's own work.
    await account().set({ jobPolls: 0 });
    await inTemporaryDirectory(async (directory) => {
      const local = join(directory, "local");
      await mkdir(local);
      const random = createRandom(SEED);
      const world = new RestlessWorld(random, [0, 20, 300, 3000, 3000, 20_000, 70_000, 1_500_000]);
      const sides = { local: createDiskSide(local), remote: createDropboxSide(account(), "/Docs") };
      const job = new Job({ local, remote: "dropbox:/Docs", state: join(directory, "state"), env: account().env });
      await world.plant(sides.local, 30);
      await world.plant(sides.remote, 30);
      await job.syncWell();
      const killings = await killManyTimes({ job, ...sides, world, random, mostRuns: 2 }, KILLS);
      expect(killings.killed).toBe(KILLS);
      console.info(`Dropbox: ${JSON.stringify(killings)}`);
    });
  },
);
