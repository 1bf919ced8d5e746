import { expect, test } from "vitest";
import type { SimulatedWorld } from "./worlds.js";
import { createSimulatedWorld, seeFile, seeFolder } from "./worlds.js";

/** What a process wrote and never synced, before it died. */
async function writeUnsynced({ disk, root }: SimulatedWorld): Promise<void> {
  const files = disk.mount();
  await files.mkdir(`${root}/d`);
  const handle = await files.open(`${root}/d/a`, "create");
  await handle.write(Buffer.from("content"), 0);
  await handle.close();
}

/** A power loss that takes all it can. */
const EVERYTHING = (): number => 0.99;

test("what was written and not synced is gone after a power loss", async () => {
  const world = createSimulatedWorld();
  await writeUnsynced(world);
  world.disk.powerLoss(EVERYTHING);
  expect(world.dump()).toEqual({});
});

test("a file that was made durable stays, with the folders above it", async () => {
  const world = createSimulatedWorld();
  await writeUnsynced(world);
  const folder = world.open();
  await folder.makeDurable(await seeFile(folder, "d/a"));
  world.disk.powerLoss(EVERYTHING);
  expect(world.dump()).toEqual({ "d/a": "content" });
});

test("a folder that was made durable stays", async () => {
  const world = createSimulatedWorld();
  await world.disk.mount().mkdir(`${world.root}/e`);
  const folder = world.open();
  await folder.makeDurable(await seeFolder(folder, "e"));
  world.disk.powerLoss(EVERYTHING);
  expect(world.dump()).toEqual({ "e/": null });
});

test("what was changed long ago is not even looked at", async () => {
  const world = createSimulatedWorld();
  await writeUnsynced(world);
  const folder = world.open();
  world.clock.nowMs += 600_000;
  const seen = [await seeFile(folder, "d/a"), await seeFolder(folder, "d")] as const;
  world.disk.onSideEffect = (kind, path) => expect.unreachable(`${kind} ${path}`);
  for (const entry of seen) await folder.makeDurable(entry);
});

test("a file that was changed since is not vouched for", async () => {
  const world = createSimulatedWorld();
  await writeUnsynced(world);
  const folder = world.open();
  const seen = await seeFile(folder, "d/a");
  world.clock.nowMs += 1000;
  world.disk.plant(world.root, { "d/a": "other" });
  await expect(folder.makeDurable(seen)).rejects.toMatchObject({ name: "LocalError", code: "changed" });
});
