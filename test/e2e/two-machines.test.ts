import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRandom } from "../simulation/random.js";
import type { CloudAccount } from "./cloud-account.js";
import { effort } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import { Job } from "./job.js";
import type { Finished } from "./job.js";
import { RestlessWorld } from "./restless-world.js";
import { SERVICES } from "./services.js";
import { contentsOf, createCloudSide, createDiskSide } from "./side.js";
import type { Side } from "./side.js";
import { useAccount } from "./use-account.js";

const SEED = 20_260_303;
const LATENCY = ["--latency-ms", "3"];

interface Machine {
  readonly side: Side;
  readonly job: Job;
}

describe.each(SERVICES)("$title", ({ title, open }) => {
  const account = useAccount(() => open(LATENCY));

  test(
    `two machines that share a folder for ${String(effort.rounds)} rounds of overlapping runs (seed ${String(SEED)}) lose nothing and end alike`,
    { timeout: 3_600_000 },
    async () => {
      await inTemporaryDirectory(async (directory) => {
        const machines = await Promise.all([
          createMachine(account(), directory, "ann"),
          createMachine(account(), directory, "ben"),
        ]);
        const shared = createCloudSide(account(), "/Shared");
        const sides = [...machines.map(({ side }) => side), shared];
        const existed = await liveTogether(machines, shared);
        const settled = await settle(machines);
        const [ann, ben, cloud] = await Promise.all(sides.map((side) => side.read()));
        expect(ann, "both machines hold the same").toEqual(ben);
        expect(ann, "and so does the service").toEqual(cloud);
        const kept = new Set([...(await standing(sides)), ...(await trashed(sides))]);
        expect(
          [...existed].filter((hash) => !kept.has(hash)),
          "contents that are nowhere any more",
        ).toEqual([]);
        console.info(
          `${title}: in step ${String(settled)} rounds after the last edit, ${String(existed.size)} contents kept`,
        );
      });
    },
  );
});

async function createMachine(account: CloudAccount, directory: string, name: string): Promise<Machine> {
  const local = join(directory, name);
  await mkdir(local);
  const places = { local, remote: account.url("/Shared"), state: join(directory, `${name}-state`) };
  const job = new Job({ ...places, env: await account.signIn() });
  return { side: createDiskSide(local, () => account.createDigest()), job };
}

/** Rounds of edits on all sides and runs that overlap; returns the hashes of all contents that ever stood anywhere. */
async function liveTogether(machines: readonly [Machine, Machine], shared: Side): Promise<ReadonlySet<string>> {
  const random = createRandom(SEED);
  const world = new RestlessWorld(random, [0, 20, 300, 3000, 3000, 20_000, 70_000]);
  for (const { side, job } of machines) {
    await world.plant(side, 20);
    await job.syncWell();
  }
  const existed = new Set<string>();
  for (let round = 0; round < effort.rounds; round++) {
    for (const { side } of machines) await world.edit(side, random.below(6));
    if (random.chance(0.5)) await world.disagree(machines[0].side, machines[1].side);
    if (random.chance(0.2)) await world.edit(shared, 2);
    for (const hash of await standing([...machines.map(({ side }) => side), shared])) existed.add(hash);
    const ended = await Promise.all(machines.map(({ job }) => runLater(job, random.below(250))));
    for (const { code, stderr } of ended) expect([0, 3], `round ${String(round)}: ${stderr}`).toContain(code);
  }
  return existed;
}

async function runLater(job: Job, delayMs: number): Promise<Finished> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  return job.sync();
}

/** Lets the machines run in turn until neither has anything to do; returns how many rounds that took. */
async function settle(machines: readonly Machine[]): Promise<number> {
  for (let round = 1; ; round++) {
    let actions = 0;
    for (const { job } of machines) {
      const { outcomes } = await job.syncWell();
      actions += outcomes.filter(({ kind }) => kind !== "record").length;
    }
    if (actions === 0) return round;
    expect(round, "rounds until nothing is left to do").toBeLessThan(4);
  }
}

async function standing(sides: readonly Side[]): Promise<readonly string[]> {
  const contents = await Promise.all(sides.map(async (side) => contentsOf(await side.read())));
  return contents.flatMap((hashes) => [...hashes]);
}

async function trashed(sides: readonly Side[]): Promise<readonly string[]> {
  const contents = await Promise.all(sides.map((side) => side.trashed()));
  return contents.flatMap((hashes) => [...hashes]);
}
