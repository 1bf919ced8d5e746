import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { effort } from "../../e2e/effort.js";
import { drawMoment, killAt } from "../../e2e/kill.js";
import type { Fault } from "../../emulators/flickr/faults.js";
import { createRandom, type Random } from "../../simulation/random.js";
import { inScene as inSceneOf, type Scene } from "../photo-scene.js";
import { useEmulatedAccount } from "./emulated-account.js";
import { picture } from "./support.js";

const account = useEmulatedAccount(["--requests-per-hour", "100000"]);

async function inScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await inSceneOf({ remote: "flickr:", env: account().env }, use);
}

const SEED = 20_261_121;

const PERMANENT = ["--permanent-deletes"];

/** What a run without changes asks for. */
function listing(albums: number): Readonly<Record<string, number>> {
  return { "photosets.getList": 1, "photosets.getPhotos": albums, "photos.getNotInSet": 1 };
}

/** Twenty-four photos in four albums, on both sides. */
async function inPlantedScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await inScene(async (scene) => {
    for (let i = 0; i < 24; i++) await scene.write(`Album ${String(i % 4)}/photo ${String(i)}.jpg`);
    await scene.job.syncWell();
    await scene.job.syncNothing();
    await account().takeCounts();
    await use(scene);
  });
}

test(
  `${String(effort.photos)} photos in 40 albums go up with the fewest calls; without changes, and without state, they are only listed`,
  { timeout: 3_600_000 },
  async () => {
    const { photos } = effort;
    await inScene(async ({ directory, local, job, write }) => {
      for (let i = 0; i < photos; i++) await write(`Album ${String(i % 40)}/photo ${String(i)}.jpg`);
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ uploaded: photos, failed: 0, skipped: 0 });
      const counts = await account().takeCounts();
      expect(counts).toMatchObject({ upload: photos, "photosets.create": 40 });
      // A batch of a hundred may end in the middle of an album.
      expect(counts["photosets.editPhotos"]).toBeLessThanOrEqual(40 + photos / 100);
      expect(sum(counts)).toBe(summary.requests);
      expect(await account().content()).toEqual(await contentOf(local));

      const { summary: second } = await job.syncNothing();
      expect(second).toMatchObject({ uploaded: 0, downloaded: 0, unchanged: photos, requests: 42 });
      expect(await account().takeCounts()).toEqual(listing(40));

      const before = await idsOfPhotos();
      await rm(join(directory, "state"), { recursive: true });
      const { summary: lost } = await job.syncWell();
      expect(lost).toMatchObject({ uploaded: 0, downloaded: 0, conflicts: 0, deletedRemote: 0, deletedLocal: 0 });
      expect(await idsOfPhotos()).toEqual(before);
      console.info(
        `Flickr, ${String(photos)} photos: ${String(summary.requests)} requests, ${String(lost.requests)} without state`,
      );
      await job.syncNothing();
    });
  },
);

describe("photos in albums", () => {
  test("of a renamed folder stay where they are: one call renames the album", async () => {
    await inPlantedScene(async ({ local, job }) => {
      const before = await idsOfPhotos();
      await rename(join(local, "Album 1"), join(local, "Rome"));
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ uploaded: 0, downloaded: 0, deletedRemote: 0, deletedLocal: 0, conflicts: 0 });
      const { "photosets.editMeta": renames, "photosets.getList": lists, ...others } = await account().takeCounts();
      expect(renames).toBe(1);
      // The list of albums is read once more, just before.
      expect(lists).toBe(2);
      expect(others).toEqual({ "photosets.getPhotos": 4, "photos.getNotInSet": 1 });
      expect(await account().albums()).toEqual(["Album 0", "Album 2", "Album 3", "Rome"]);
      expect(await idsOfPhotos()).toEqual(before);
      await job.syncNothing();
    });
  });

  test("of a folder that is renamed right after the first run stay where they are as well", async () => {
    await inScene(async ({ local, job, write }) => {
      for (let i = 0; i < 12; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
      await job.syncWell();
      const before = await idsOfPhotos();
      await account().takeCounts();
      await rename(join(local, "Album 1"), join(local, "Rome"));
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ uploaded: 0, downloaded: 0, deletedRemote: 0, deletedLocal: 0, conflicts: 0 });
      const { "photosets.editMeta": renames, "photosets.addPhoto": additions } = await account().takeCounts();
      expect({ renames, additions }).toEqual({ renames: 1, additions: undefined });
      expect(await account().content()).toEqual(await contentOf(local));
      expect(await idsOfPhotos()).toEqual(before);
      await job.syncNothing();
    });
  });

  test("that move to another folder change albums, without being sent or deleted", async () => {
    await inPlantedScene(async ({ local, job }) => {
      const before = await idsOfPhotos();
      await rename(join(local, "Album 1/photo 1.jpg"), join(local, "Album 2/photo 1.jpg"));
      await rename(join(local, "Album 1/photo 5.jpg"), join(local, "Album 3/another name.jpg"));
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ movedRemote: 2, uploaded: 0, downloaded: 0, deletedRemote: 0, deletedLocal: 0 });
      const counts = await account().takeCounts();
      expect(counts).toMatchObject({ "photosets.addPhoto": 2, "photosets.removePhoto": 2, "photos.setMeta": 1 });
      expect(counts).not.toHaveProperty("upload");
      expect(counts).not.toHaveProperty("photos.delete");
      expect(await idsOfPhotos()).toEqual(before);
      expect(await account().content()).toEqual(await contentOf(local));
      await job.syncNothing();
    });
  });

  test("that are deleted here are deleted there with --permanent-deletes, and stay without", async () => {
    await inPlantedScene(async ({ local, job }) => {
      const before = await account().content();
      await rm(join(local, "Album 2/photo 2.jpg"));
      const kept = await job.sync();
      expect(kept.summary).toMatchObject({ deletedRemote: 0, deletedLocal: 0, uploaded: 0 });
      expect(await account().content()).toEqual(before);
      await rm(join(local, "Album 3"), { recursive: true });
      const { summary } = await job.syncWell([...PERMANENT, "--max-delete", "100%"]);
      expect(summary).toMatchObject({ deletedRemote: 7, deletedLocal: 0 });
      expect(await account().content()).toEqual(await contentOf(local));
      expect(await account().albums()).toEqual(["Album 0", "Album 1", "Album 2"]);
      await job.syncNothing();
    });
  });

  test("that others add come down as they are", async () => {
    await inPlantedScene(async ({ local, job }) => {
      await account().add("Album 0", "new.jpg", picture("new on the site"));
      await account().add("Holidays", "Beach", picture("a beach"));
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ downloaded: 2, uploaded: 0, conflicts: 0 });
      expect(await readFile(join(local, "Album 0/new.jpg"))).toEqual(picture("new on the site"));
      expect(await readFile(join(local, "Holidays/Beach.jpg"))).toEqual(picture("a beach"));
      expect(await account().takeCounts()).toMatchObject({ ...listing(5), "image.get": 2 });
      await job.syncNothing();
    });
  });
});

describe("answers that are lost", () => {
  const STORED_ALL_THE_SAME: readonly Fault[] = [
    { route: "upload", nth: 2, kind: "status", status: 500, processed: true },
    { route: "upload", nth: 5, kind: "status", status: 504, processed: true },
    { route: "upload", nth: 8, kind: "cut-after" },
    { route: "upload", nth: 11, kind: "cut-half" },
    { route: "upload", nth: 14, kind: "empty-body" },
    { route: "upload", nth: 17, kind: "half-body" },
    { route: "upload", nth: 20, kind: "failure", code: 105, processed: true },
    { route: "upload", nth: 23, kind: "cut-before" },
    { route: "upload", nth: 26, kind: "status", status: 503 },
    ...(effort.waitsInVain ? [{ route: "upload", nth: 29, kind: "hang" } as const] : []),
  ];

  // The clock of the search index runs behind; the list of the latest uploads does not.
  test.each([0, 3_600_000])(
    "leave no photo there twice, with a search index that is %i ms behind",
    { timeout: 600_000 },
    async (searchLagMs) => {
      await account().set({ searchLagMs });
      await inScene(async ({ local, job, write }) => {
        for (let i = 0; i < 30; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
        for (const fault of STORED_ALL_THE_SAME) await account().fault(fault);
        const { summary } = await job.syncWell();
        expect(summary).toMatchObject({ uploaded: 30, failed: 0 });
        expect(await account().pendingFaults()).toEqual([]);
        expect(await account().content()).toEqual(await contentOf(local));
        await job.syncNothing();
      });
    },
  );

  test.each(["photosets.create", "photosets.editPhotos", "photosets.addPhoto"])(
    "to %s leave no album and no photo there twice",
    async (route) => {
      for (const kind of ["cut-after", "cut-half"] as const) await account().fault({ route, kind });
      await inScene(async ({ local, job, write }) => {
        for (let i = 0; i < 12; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
        await job.syncWell();
        // One more for each album, which are put there one by one.
        for (let i = 12; i < 14; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
        await job.syncWell();
        expect(await account().pendingFaults()).toEqual([]);
        expect(await account().content()).toEqual(await contentOf(local));
        expect(await account().albums()).toEqual(["Album 0", "Album 1"]);
        await job.syncNothing();
      });
    },
  );

  test("to all calls that fill an album leave its photos to the next run, which sends none again", async () => {
    for (const route of ["photosets.create", "photosets.editPhotos", "photosets.addPhoto"]) {
      await account().fault({ route, kind: "status", status: 503, times: 1000 });
    }
    await inScene(async ({ local, job, write }) => {
      for (let i = 0; i < 6; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
      const first = await job.run("sync", ["--json"]);
      expect(first.code).not.toBe(0);
      await account().clearFaults();
      await job.syncWell();
      expect(await account().content()).toEqual(await contentOf(local));
      await job.syncNothing();
    });
  });
});

describe("a photo that moves to another folder", () => {
  test.each([
    ["photosets.addPhoto", "Album 1/photo 1.jpg", "Album 2/moved.jpg"],
    ["photosets.removePhoto", "Album 1/photo 1.jpg", "Album 2/moved.jpg"],
    ["photosets.removePhoto", "Album 1/photo 1.jpg", "Album 2/photo 1.jpg"],
    ["photos.setMeta", "Album 1/photo 1.jpg", "Album 2/moved.jpg"],
    ["photos.setMeta", "Alone/only.jpg", "Album 2/moved.jpg"],
    ["photos.setMeta", "Alone/only.jpg", "Not in an album/moved.jpg"],
    ["photos.setMeta", "Not in an album/free.jpg", "Album 2/moved.jpg"],
  ])("is there once, and here once, after a run that is killed before %s: %s to %s", async (route, from, to) => {
    await inPlantedScene(async ({ local, job, write }) => {
      for (const path of ["Alone/only.jpg", "Not in an album/free.jpg"]) await write(path);
      await job.syncWell();
      await account().takeCounts();
      const before = await idsOfPhotos();
      await account().fault({ route, kind: "status", status: 503, times: 1000 });
      await rename(join(local, from), join(local, to));
      await killBefore(route, job);
      await account().clearFaults();
      // Without leave to delete anything.
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ movedRemote: 1, uploaded: 0, downloaded: 0, deletedLocal: 0 });
      expect(await account().content()).toEqual(await contentOf(local));
      expect(await idsOfPhotos()).toEqual(before);
      await job.syncNothing();
    });
  });
});

describe("runs that are killed", () => {
  test("before their uploads are listed leave them to the next run, which sends none a second time", async () => {
    await inScene(async ({ local, job, write }) => {
      for (let i = 0; i < 12; i++) await write(`Album ${String(i % 2)}/photo ${String(i)}.jpg`);
      await account().freezeListings(1000);
      await account().fault({ route: "photosets.create", kind: "status", status: 503, times: 1000 });
      await killBefore("photosets.create", job);
      await account().clearFaults();
      await job.syncWell();
      await account().freezeListings(1);
      expect(await account().content()).toEqual(await contentOf(local));
      await job.syncNothing();
    });
  });

  test(`again and again during their first work, ${String(effort.kills)} times in a row, leave no photo there twice`, async () => {
    await account().set({ latencyMs: 4 });
    const random = createRandom(SEED);
    await inScene(async ({ local, job, write }) => {
      for (let i = 0; i < 200; i++) await write(`Album ${String(i % 8)}/photo ${String(i)}.jpg`);
      let kills = 0;
      for (; kills < effort.kills; kills++) {
        const started = killAt({ at: "work", afterMs: random.below(250) });
        if ((await job.run("sync", ["--json"], { started })).signal !== "SIGKILL") break;
      }
      await job.syncWell();
      expect(await account().content()).toEqual(await contentOf(local));
      expect(await account().albums()).toHaveLength(8);
      await job.syncNothing();
      console.info(`Flickr, first work: ${String(kills)} kills`);
    });
  });

  test(
    `at ${String(effort.kills)} random moments (seed ${String(SEED)}) leave no photo there twice, and none is lost`,
    { timeout: 1_800_000 },
    async () => {
      await account().set({ latencyMs: 4 });
      const random = createRandom(SEED);
      const figures = { killed: 0, rounds: 0 };
      await inPlantedScene(async ({ directory, local, job, write }) => {
        for (; figures.killed < effort.kills; figures.rounds++) {
          if (figures.rounds > 3 * effort.kills)
            throw new Error(`only ${String(figures.killed)} kills hit a living run`);
          await edit(local, write, random, figures.rounds);
          const moment = drawMoment(random, 500);
          const context = `round ${String(figures.rounds)}, ${JSON.stringify(moment)}`;
          const ran = await job.run("sync", ["--json", ...PERMANENT], { started: killAt(moment) });
          if (ran.signal === "SIGKILL") figures.killed += 1;
          else expect(ran.code, `${context}: ${ran.stderr}`).toBe(0);
          const next = await job.sync(PERMANENT);
          expect(next.code, `${context}: ${next.stderr}`).toBe(0);
          const done = `${context}\n${ran.stdout}\n${next.stdout}`;
          expect(await account().content(), done).toEqual(await contentOf(local));
          if (figures.rounds % 5 === 0) await job.syncNothing();
          // All rounds together make more calls than Flickr allows in an hour, and a run would wait for the next.
          await rm(join(directory, "state", "shared"), { recursive: true });
        }
      });
      console.info(`Flickr: ${JSON.stringify(figures)}`);
    },
  );
});

/** Kills a run when it first asks for this. */
async function killBefore(route: string, job: Scene["job"]): Promise<void> {
  const seen = new AbortController();
  const run = job.run("sync", ["--json", ...PERMANENT], {
    started: (child) => {
      seen.signal.addEventListener("abort", () => child.kill("SIGKILL"));
    },
  });
  while ((await account().countOf(route)) === 0) await setTimeout(20);
  seen.abort();
  expect((await run).signal).toBe("SIGKILL");
}

/** What somebody does between two runs: new photos, one moved, one changed, one deleted, and at times a folder renamed. */
async function edit(local: string, write: Scene["write"], random: Random, round: number): Promise<void> {
  const files = await filesBelow(local);
  const albums = [...new Set(files.map((path) => path.slice(0, path.indexOf("/"))))];
  for (let i = 0; i < 6; i++) {
    const album = random.chance(0.04) ? `Album of round ${String(round)}` : random.pick(albums);
    await write(`${album}/new ${String(round)} ${String(i)}.jpg`);
  }
  const moved = random.pick(files);
  await rename(join(local, moved), join(local, random.pick(albums), `moved ${String(round)}.jpg`));
  const others = files.filter((path) => path !== moved);
  await write(random.pick(others), picture(`changed in round ${String(round)}`));
  for (let i = 0; i < 5; i++) await rm(join(local, random.pick(others)), { force: true });
  if (!random.chance(0.3)) return;
  const renamed = random.pick(await readdir(local));
  if (renamed.startsWith("Album")) await rename(join(local, renamed), join(local, `Album renamed in ${String(round)}`));
}

/** "path sha256" of every file, sorted. */
async function contentOf(local: string): Promise<readonly string[]> {
  const lines = (await filesBelow(local)).map(async (path) => {
    const content = await readFile(join(local, path));
    return `${path} ${createHash("sha256").update(content).digest("hex")}`;
  });
  return (await Promise.all(lines)).sort();
}

async function filesBelow(local: string): Promise<readonly string[]> {
  const entries = await readdir(local, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files
    .map((file) => relative(local, file))
    .filter((path) => !path.startsWith(".trisync/"))
    .sort();
}

async function idsOfPhotos(): Promise<readonly string[]> {
  return (await account().photos()).map(({ id }) => id).sort();
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
