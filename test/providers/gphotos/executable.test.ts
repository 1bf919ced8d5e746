import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { effort } from "../../e2e/effort.js";
import type { Ran } from "../../e2e/executable.js";
import { Job } from "../../e2e/job.js";
import { inScene as inSceneOf, type Scene } from "../photo-scene.js";
import { albumsOf, photo, useEmulator } from "./support.js";

const emulator = useEmulator();

/** The scene with the library of the emulator. */
async function inScene(remote: string, use: (scene: Scene) => Promise<void>): Promise<void> {
  const env = { ...emulator().env, GOOGLE_REFRESH_TOKEN: emulator().tokens.issue().refreshToken };
  await inSceneOf({ remote, env }, use);
}

/** Another disk than that of the temporary directories, where there is one. */
const ELSEWHERE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const BACKUP = ["--mode", "backup"];

function summaryOf(ran: Ran): Readonly<Record<string, unknown>> {
  return ran.events("summary")[0] ?? {};
}

describe(`a library of ${String(effort.photos)} photos in 40 albums`, () => {
  const { photos } = effort;
  const paths = Array.from({ length: photos }, (_, i) => `album ${i % 40}/photo ${i}.jpg`);

  test("goes up with the fewest requests, and costs one when nothing has changed, and nothing twice when state is lost", async () => {
    await inScene("gphotos:", async ({ run, write, directory }) => {
      for (const path of paths) await write(path);
      const first = await run(BACKUP);
      expect(first.code, first.stderr).toBe(0);
      expect(summaryOf(first)).toMatchObject({ uploaded: photos, failed: 0, skipped: 0 });
      const counts = emulator().requestCounts();
      expect(counts).toMatchObject({ "uploads.raw": photos, "albums.create": 40 });
      expect(counts["mediaItems.batchCreate"]).toBeLessThanOrEqual(40 * Math.ceil(photos / 40 / 50) + 10);

      emulator().resetCounters();
      const second = await run(BACKUP);
      expect(second.code, second.stderr).toBe(0);
      expect(summaryOf(second)).toMatchObject({ uploaded: 0, unchanged: photos });
      expect(emulator().requestCounts()).toEqual({ "albums.list": 1 });
      const third = await run(BACKUP);
      expect(summaryOf(third)).toMatchObject({ uploaded: 0, unchanged: photos, requests: 1 });

      emulator().resetCounters();
      const before = emulator()
        .remote.items()
        .map(({ id }) => id);
      await rm(join(directory, "state"), { recursive: true });
      const lost = await run(BACKUP);
      expect(lost.code, lost.stderr).toBe(0);
      expect(emulator().requestCounts()).toMatchObject({ "mediaItems.search": 40, "uploads.raw": photos });
      expect(
        emulator()
          .remote.items()
          .map(({ id }) => id),
      ).toEqual(before);
      expect(emulator().remote.albums()).toHaveLength(40);
      const settled = await run(BACKUP);
      expect(summaryOf(settled)).toMatchObject({ uploaded: 0, unchanged: photos });
    });
  });

  test(`killed at ${String(effort.kills)} moments, it ends with every photo once`, async () => {
    emulator().settings.latencyMs = 3;
    await inScene("gphotos:", async ({ run, write }) => {
      const some = paths.slice(0, 600);
      for (const path of some) await write(path);
      for (let kill = 0; kill < effort.kills; kill++) {
        await run(BACKUP, {
          started: (child) => {
            setTimeout(() => child.kill("SIGKILL"), 250 + ((kill * 37) % 50) * 12);
          },
        });
      }
      emulator().settings.latencyMs = 0;
      const last = await run(BACKUP);
      expect(last.code, last.stderr).toBe(0);
      const items = emulator().remote.items();
      expect(items).toHaveLength(some.length);
      expect(items.every(({ albums }) => albums.length === 1)).toBe(true);
      expect(emulator().remote.albums()).toHaveLength(40);
      const settled = await run(BACKUP);
      expect(summaryOf(settled)).toMatchObject({ uploaded: 0, unchanged: some.length, failed: 0 });
    });
  });
});

describe("the requests of the day", () => {
  test("are not overdrawn: exit code 75 at once, and the next run goes on where this one stopped", async () => {
    await inScene("gphotos:Trip", async ({ run, write }) => {
      for (let i = 0; i < 120; i++) await write(`photo ${i}.jpg`);
      const first = await run(BACKUP, { env: { GOOGLE_REQUESTS_PER_DAY: "80" } });
      expect(first.code, first.stderr).toBe(75);
      expect(first.stderr).toContain("midnight Pacific time");
      const stored = emulator().remote.items().length;
      expect(stored).toBeGreaterThan(0);
      expect(emulator().requestCount()).toBeLessThanOrEqual(80);
      expect(emulator().uploads.unusedTokens).toBe(0);
      const again = await run(BACKUP, { env: { GOOGLE_REQUESTS_PER_DAY: "80" } });
      expect(again.code).toBe(75);
      expect(emulator().requestCount()).toBeLessThanOrEqual(80);
      const last = await run(BACKUP);
      expect(last.code, last.stderr).toBe(0);
      expect(summaryOf(last)).toMatchObject({ uploaded: 120 - stored, unchanged: stored });
      expect(emulator().requestCount("uploads")).toBe(120);
    });
  });

  test("that Google says are spent end the run with 75, and the next one of the day asks nothing", async () => {
    await inScene("gphotos:Trip", async ({ run, write }) => {
      for (let i = 0; i < 60; i++) await write(`photo ${i}.jpg`);
      emulator().settings.requestsPerDay = 30;
      expect((await run(BACKUP)).code).toBe(75);
      emulator().resetCounters();
      expect((await run(BACKUP)).code).toBe(75);
      expect(emulator().requests).toEqual([]);
    });
  });
});

describe("files that are no photos", () => {
  test("are an error once, and none in the runs that follow until there are others", async () => {
    await inScene("gphotos:", async ({ run, write, local }) => {
      for (const path of ["a/photo.jpg", "top.jpg", "a/deep/photo.jpg"]) await write(path);
      await write("a/notes.txt", "no picture by its name");
      await write("a/text.jpg", "no picture at all");
      await write("a/empty.jpg", "");
      const first = await run(BACKUP);
      expect(first.code).toBe(3);
      for (const name of ["top.jpg", "deep/photo.jpg", "notes.txt", "text.jpg", "empty.jpg"]) {
        expect(first.stderr).toContain(name);
      }
      const second = await run(BACKUP);
      expect(second.code, second.stderr).toBe(0);
      expect(second.stderr).toBe("");
      expect(summaryOf(second)).toMatchObject({ failed: 0, skipped: 5, unchanged: 1 });
      await write("a/more.txt", "no picture by its name, either");
      const third = await run(BACKUP);
      expect(third.code).toBe(3);
      expect(third.stderr.trim().split("\n")).toEqual([expect.stringContaining("a/more.txt")]);
      await rm(join(local, "a/notes.txt"));
      expect((await run(BACKUP)).code).toBe(0);
      await write("a/notes.txt", "here again");
      expect((await run(BACKUP)).code).toBe(3);
    });
  });
});

describe("two jobs of one account", () => {
  test("that run at the same time take turns, and share albums and the requests of the day", async () => {
    Object.assign(emulator().settings, { latencyMs: 20, writePenaltyMs: 3_600_000 });
    await inScene("gphotos:", async ({ run, write, directory, job }) => {
      const local = join(directory, "another");
      await mkdir(join(local, "a"), { recursive: true });
      const another = new Job({ ...job.places, local });
      for (let i = 0; i < 60; i++) await write(`a/one ${String(i)}.jpg`);
      for (let i = 0; i < 60; i++) await writeFile(join(local, "a", `two ${String(i)}.jpg`), photo(`two ${String(i)}`));
      const both = await Promise.all([run(BACKUP), another.run("sync", ["--json", ...BACKUP])]);
      for (const ran of both) expect(ran.code, ran.stderr).toBe(0);
      expect(emulator().lockRejections).toBe(0);
      expect(albumsOf(emulator())["a"]).toHaveLength(120);
      expect(emulator().remote.albums()).toHaveLength(1);
      const settled = await run([...BACKUP], { env: { GOOGLE_REQUESTS_PER_DAY: "100" } });
      expect(settled.code).toBe(75);
    });
  });
});

describe("modes that Google Photos is not good for", () => {
  test.each(["two-way", "mirror", "fetch", "mirror-down"])("%s is refused before the run", async (mode) => {
    await inScene("gphotos:", async ({ run, write }) => {
      await write("a/x.jpg");
      const { code, stderr } = await run(["--mode", mode]);
      expect(code).toBe(2);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(emulator().requests.filter(({ host }) => host === "api")).toEqual([]);
    });
  });
});

describe("outbox", () => {
  test("archives what is stored, sets aside what is refused with its reason, and keeps the rest", async () => {
    await inScene("gphotos:", async ({ run, write, directory, local }) => {
      const [archive, errors] = [join(directory, "sent"), join(directory, "refused")];
      const outbox = ["--mode", "outbox", "--archive", archive, "--error-folder", errors];
      await write("a/good.jpg");
      await write("a/text.jpg", "no picture at all");
      await write("a/notes.txt", "no picture by its name");
      await write("top.jpg");
      await write("a/late.jpg");
      emulator().fault({
        route: "mediaItems.batchCreate",
        kind: "fail-items",
        code: 13,
        filenames: ["late.jpg"],
        times: 9,
      });
      const first = await run(outbox);
      expect(first.code, first.stderr).toBe(3);
      emulator().clearFaults();
      expect(albumsOf(emulator())).toEqual({ a: ["good.jpg"] });
      expect(await tree(archive)).toEqual([`${today()}/a/good.jpg`]);
      expect(await tree(errors)).toEqual([
        `${today()}/a/notes.txt`,
        `${today()}/a/notes.txt.reason.txt`,
        `${today()}/a/text.jpg`,
        `${today()}/a/text.jpg.reason.txt`,
        `${today()}/top.jpg`,
        `${today()}/top.jpg.reason.txt`,
      ]);
      expect(await readFile(join(errors, today(), "a/text.jpg.reason.txt"), "utf8")).toContain("finds no photo");
      expect(await tree(local)).toEqual(["a/late.jpg"]);

      // Cameras use names again: nothing that was archived or stored is replaced.
      await write("a/good.jpg", photo("another"));
      const second = await run(outbox);
      expect(second.code, second.stderr).toBe(0);
      expect(albumsOf(emulator())["a"]?.toSorted()).toEqual(["good.jpg", "good.jpg", "late.jpg"]);
      expect(await tree(local)).toEqual([]);
      expect((await tree(archive)).length).toBe(3);
      expect(await readFile(join(archive, today(), "a/good.jpg"))).toEqual(photo("a/good.jpg"));

      // Already there by its bytes: archived without being sent.
      emulator().resetCounters();
      await write("a/good.jpg", photo("another"));
      const third = await run(outbox);
      expect(third.code, third.stderr).toBe(0);
      expect(emulator().requestCount("uploads")).toBe(0);
      expect(emulator().remote.items()).toHaveLength(3);
    });
  });

  test("sends again what was deleted at Google meanwhile, though another photo came in its place", async () => {
    await inScene("gphotos:", async ({ run, write, directory }) => {
      const outbox = ["--mode", "outbox", "--archive", join(directory, "sent")];
      await write("a/x.jpg");
      await write("a/y.jpg");
      expect((await run(outbox)).code).toBe(0);
      expect((await run(outbox)).code).toBe(0);
      const { remote } = emulator();
      const gone = remote.items().find(({ filename }) => filename === "x.jpg");
      remote.removeItem(gone!.id, { forGood: true });
      await remote.addItem({ filename: "z.jpg", content: photo("z"), albumIds: [remote.albums()[0]!.id] });
      await write("a/x.jpg");
      const again = await run(outbox);
      expect(again.code, again.stderr).toBe(0);
      expect(albumsOf(emulator())).toEqual({ a: ["y.jpg", "z.jpg", "x.jpg"] });
    });
  });

  test.each(["the same disk", "another disk"])(
    "killed at any moment, each file is stored and archived, on %s",
    async (disk) => {
      emulator().settings.latencyMs = 3;
      await inScene("gphotos:", async ({ run, write, directory, local }) => {
        const elsewhere = await mkdtemp(join(disk === "another disk" ? ELSEWHERE : directory, "trisync-archive-"));
        try {
          const outbox = ["--mode", "outbox", "--archive", elsewhere];
          const paths = Array.from({ length: 240 }, (_, i) => `album ${String(i % 4)}/photo ${String(i)}.jpg`);
          for (const path of paths) await write(path);
          for (let kill = 0; kill < effort.kills; kill++) {
            await run(outbox, {
              started: (child) => {
                setTimeout(() => child.kill("SIGKILL"), 250 + ((kill * 37) % 50) * 12);
              },
            });
          }
          const last = await run(outbox);
          expect(last.code, last.stderr).toBe(0);
          expect(await tree(local)).toEqual([]);
          expect(emulator().remote.items()).toHaveLength(240);
          expect(emulator().remote.albums()).toHaveLength(4);
          const archived = (await tree(elsewhere)).filter((path) => !path.endsWith(".trisync-part"));
          const wanted = paths.map((path) => photo(path).toString("base64"));
          const contents = await Promise.all(archived.map((path) => readFile(join(elsewhere, path), "base64")));
          expect(new Set(contents)).toEqual(new Set(wanted));
        } finally {
          await rm(elsewhere, { recursive: true });
        }
      });
    },
  );

  test("a missing source folder is an error, and nothing is made", async () => {
    await inScene("gphotos:", async ({ run, directory, local }) => {
      await rm(local, { recursive: true });
      const { code } = await run(["--mode", "outbox", "--archive", join(directory, "sent")]);
      expect(code).toBe(2);
      expect((await readdir(directory)).filter((name) => name !== "state")).toEqual([]);
    });
  });
});

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Paths of all files below, sorted. */
async function tree(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1)).sort();
}
