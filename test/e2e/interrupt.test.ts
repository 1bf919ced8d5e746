import type { ChildProcess } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import type { DropboxAccount } from "./dropbox-account.js";
import { rowsTried } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import type { Ran } from "./executable.js";
import { Job } from "./job.js";
import { createSha256 } from "./digest.js";
import { writeLargeFile } from "./large-file.js";
import { hashFile, isSynced, readDisk } from "./side.js";

const MIB = 1024 * 1024;
const LARGE_BYTES = 64 * MIB;
/** Slow enough for a transfer of 64 MiB to be caught in the middle on any machine. */
const SLOW = ["--bandwidth", "16MiB"];
const TIMEOUT_MS = 300_000;

const KILL = { signal: "SIGKILL", code: null } as const;
const TERMINATE = { signal: "SIGTERM", code: 143 } as const;
const INTERRUPT = { signal: "SIGINT", code: 130 } as const;

const account = useDropbox();

interface Scene {
  readonly job: Job;
  readonly local: string;
  readonly directory: string;
}

/** A new pair of folders in step, with small files that are unchanged in all that follows. */
async function inScene(remote: (directory: string) => string, play: (scene: Scene) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const local = join(directory, "local");
    await mkdir(local);
    await mkdir(join(directory, "other"));
    const job = new Job({ local, remote: remote(directory), state: join(directory, "state"), env: account().env });
    await writeLargeFile(join(local, "small.txt"), { sizeBytes: 100, seed: 1 });
    await job.syncWell();
    await account().forgetRequests();
    await play({ job, local, directory });
  });
}

describe("an upload of 64 MiB to Dropbox", () => {
  test.each(rowsTried([KILL, TERMINATE, INTERRUPT]))(
    "ended by $signal in the middle is gone on with by the next run",
    { timeout: TIMEOUT_MS },
    async ({ signal, code }) => {
      const folder = `/Upload ${signal}`;
      await inScene(
        () => `dropbox:${folder}`,
        async ({ job, local }) => {
          const hash = await writeLargeFile(
            join(local, "film.mkv"),
            { sizeBytes: LARGE_BYTES, seed: 2 },
            account().createDigest(),
          );
          const ended = await endWhen(job, signal, async () => (await bytesSent(account())) >= 0.6 * LARGE_BYTES);
          expectEnded(ended, signal, code);
          const firstSent = await bytesSent(account());
          expect(firstSent).toBeLessThan(LARGE_BYTES);

          await account().forgetRequests();
          await job.syncWell();
          const thenSent = await bytesSent(account());
          console.info(`${signal}: ${toMib(firstSent)} MiB sent by the ended run, ${toMib(thenSent)} MiB by the next`);
          // The parts in flight when the run ended are sent again: four of 8 MiB at most.
          expect(thenSent).toBeLessThanOrEqual(LARGE_BYTES - firstSent + 4 * 8 * MIB);
          expect(thenSent).toBeLessThan(0.75 * LARGE_BYTES);
          expect((await account().requestCounts())["files/upload_session/start"]).toBeUndefined();
          expect((await account().hashes(folder)).get("film.mkv")).toBe(hash);
          await job.syncNothing();
        },
      );
    },
  );

  test(
    "whose file is edited before the next run leaves nothing of the old content",
    { timeout: TIMEOUT_MS },
    async () => {
      await inScene(
        () => "dropbox:/Edited",
        async ({ job, local }) => {
          await writeLargeFile(join(local, "film.mkv"), { sizeBytes: LARGE_BYTES, seed: 3 });
          await endWhen(job, "SIGKILL", async () => (await bytesSent(account())) >= 0.5 * LARGE_BYTES);
          const hash = await writeLargeFile(
            join(local, "film.mkv"),
            { sizeBytes: LARGE_BYTES, seed: 4 },
            account().createDigest(),
          );
          await job.syncWell();
          expect((await account().hashes("/Edited")).get("film.mkv")).toBe(hash);
        },
      );
    },
  );
});

describe("a download of 64 MiB from Dropbox", () => {
  test.each(rowsTried([KILL, TERMINATE]))(
    "ended by $signal in the middle is gone on with by range",
    { timeout: TIMEOUT_MS },
    async ({ signal, code }) => {
      const folder = `/Download ${signal}`;
      await inScene(
        () => `dropbox:${folder}`,
        async ({ job, local }) => {
          await account().writeGenerated(`${folder}/film.mkv`, LARGE_BYTES, 5);
          const ended = await endWhen(job, signal, async () => (await partialBytes(local)) >= 0.6 * LARGE_BYTES);
          expectEnded(ended, signal, code);
          expect((await readDisk(local, isSynced)).has("film.mkv"), "nothing half is visible").toBe(false);

          await account().forgetRequests();
          await job.syncWell();
          const downloads = (await account().requests()).filter(({ route }) => route === "files/download");
          expect(
            downloads.map(({ status }) => status),
            "206: only a part was asked for",
          ).toEqual([206]);
          const hash = await hashFile(join(local, "film.mkv"), account().createDigest());
          expect((await account().hashes(folder)).get("film.mkv")).toBe(hash);
          expect(await readdir(join(local, ".trisync/tmp"))).toEqual([]);
          await job.syncNothing();
        },
      );
    },
  );
});

describe("a copy of 64 MiB to another folder", () => {
  test.each(rowsTried([INTERRUPT, TERMINATE]))(
    "ended by $signal leaves what was done, and nothing half",
    { timeout: TIMEOUT_MS },
    async ({ signal, code }) => {
      await inScene(
        (directory) => `folder:${directory}/other`,
        async ({ job, local, directory }) => {
          const other = join(directory, "other");
          for (const name of ["a", "b", "c"])
            await writeLargeFile(join(local, `${name}.txt`), { sizeBytes: 1000, seed: 6 });
          const hash = await writeLargeFile(join(local, "z film.mkv"), { sizeBytes: LARGE_BYTES, seed: 7 });
          const ended = await endWhen(job, signal, async () => (await partialBytes(other)) >= 0.3 * LARGE_BYTES);
          expectEnded(ended, signal, code);
          expect(ended.events("outcome").map(({ path }) => path)).toEqual(
            expect.arrayContaining(["a.txt", "b.txt", "c.txt"]),
          );
          expect([...(await readDisk(other, isSynced)).keys()]).toEqual(["a.txt", "b.txt", "c.txt", "small.txt"]);

          const { summary } = await job.syncWell();
          expect(summary, "only the rest").toMatchObject({ uploaded: 1, bytesUp: LARGE_BYTES });
          expect(await hashFile(join(other, "z film.mkv"), createSha256())).toBe(hash);
          expect(await readdir(join(other, ".trisync/tmp"))).toEqual([]);
          await job.syncNothing();
        },
      );
    },
  );

  test("a second signal ends what the first one could not", { timeout: TIMEOUT_MS }, async () => {
    await inScene(
      (directory) => `folder:${directory}/other`,
      async ({ job, local, directory }) => {
        const other = join(directory, "other");
        const hash = await writeLargeFile(join(local, "film.mkv"), { sizeBytes: LARGE_BYTES, seed: 8 });
        let child: ChildProcess | undefined;
        let told = "";
        const started = (process: ChildProcess): void => {
          child = process;
          process.stderr?.on("data", (text: unknown) => (told += String(text)));
        };
        const running = job.run("sync", ["--json", ...SLOW], { started, env: { NODE_OPTIONS: ENDLESS } });
        await until(async () => (await partialBytes(other)) >= 0.3 * LARGE_BYTES);
        child?.kill("SIGINT");
        await until(() => Promise.resolve(told.includes("interrupted by SIGINT")));
        child?.kill("SIGTERM");
        const ended = await running;
        expect([ended.code, ended.signal], ended.stderr).toEqual([null, "SIGTERM"]);
        await job.syncWell();
        expect(await hashFile(join(other, "film.mkv"), createSha256())).toBe(hash);
        expect(await readdir(join(other, ".trisync/tmp"))).toEqual([]);
      },
    );
  });
});

/** Has the process go on after its work is done, as something that hangs would. */
const ENDLESS = "--import=data:text/javascript,setInterval(Date.now,1e8)";

/** A slow run that gets the signal once the condition holds; fails if it needs longer than promised to end. */
async function endWhen(job: Job, signal: NodeJS.Signals, condition: () => Promise<boolean>): Promise<Ran> {
  let child: ChildProcess | undefined;
  const running = job.run("sync", ["--json", ...SLOW], { started: (started) => (child = started) });
  await until(condition);
  child?.kill(signal);
  const startedMs = Date.now();
  const ran = await running;
  expect(Date.now() - startedMs, "ends in under 10 s").toBeLessThan(10_000);
  return ran;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(30);
}

function expectEnded(ended: Ran, signal: NodeJS.Signals, code: number | null): void {
  expect([ended.code, ended.signal], ended.stderr).toEqual([code, code === null ? signal : null]);
  if (code === null) return;
  expect(ended.events("summary")[0]).toMatchObject({ exitCode: code });
}

/** Content that has arrived in requests that were answered. */
async function bytesSent(dropbox: DropboxAccount): Promise<number> {
  const requests = await dropbox.requests();
  const parts = requests.filter(({ route, status }) => route === "files/upload_session/append_v2" && status === 200);
  return parts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
}

async function partialBytes(root: string): Promise<number> {
  const folder = join(root, ".trisync/tmp");
  try {
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    return Math.max(0, ...sizes);
  } catch {
    // Not made yet, or just renamed.
    return 0;
  }
}

function toMib(bytes: number): string {
  return (bytes / MIB).toFixed(0);
}
