import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRandom } from "../simulation/random.js";
import { effort } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import { killManyTimes } from "./kill.js";
import { RestlessWorld } from "./restless-world.js";
import { SERVICES } from "./services.js";
import { createCloudSide, createDiskSide } from "./side.js";
import { useAccount } from "./use-account.js";

const SEED = 20_260_302;

/** A round trip long enough for a run to be caught between two requests. */
const LATENCY = ["--latency-ms", "4"];

describe.each(SERVICES)("$title", ({ title, open }) => {
  const account = useAccount(() => open(LATENCY));

  test(
    `a run killed at ${String(effort.kills)} random moments (seed ${String(SEED)}) loses nothing and is made good by the next`,
    { timeout: 1_800_000 },
    async () => {
      // Otherwise most of the time would be spent waiting for the service's own work.
      if (title === "Dropbox") await account().adjust({ jobPolls: 0 });
      await inTemporaryDirectory(async (directory) => {
        const local = join(directory, "local");
        await mkdir(local);
        const random = createRandom(SEED);
        const world = new RestlessWorld(random, [0, 20, 300, 3000, 3000, 20_000, 70_000, 1_500_000]);
        const sides = {
          local: createDiskSide(local, () => account().createDigest()),
          remote: createCloudSide(account(), "/Docs"),
        };
        const env = await account().signIn();
        const job = new Job({ local, remote: account().url("/Docs"), state: join(directory, "state"), env });
        await world.plant(sides.local, 30);
        await world.plant(sides.remote, 30);
        await job.syncWell();
        const killings = await killManyTimes({ job, ...sides, world, random, mostRuns: 2 }, effort.kills);
        expect(killings.killed).toBe(effort.kills);
        console.info(`${title}: ${JSON.stringify(killings)}`);
      });
    },
  );
});
