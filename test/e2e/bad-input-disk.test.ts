import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, rename, rm, statfs, symlink, writeFile } from "node:fs/promises";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { rowsTried } from "./effort.js";
import { DropboxAccount } from "./dropbox-account.js";
import { inTemporaryDirectory } from "./executable.js";
import type { Ran } from "./executable.js";
import { expectEnd, textsIn, withFolderJob, write } from "./folder-job.js";
import type { FolderJob } from "./folder-job.js";
import { Job } from "./job.js";
import { withoutPrivileges } from "./privileges.js";

const run = promisify(execFile);

describe("what may not be read", () => {
  const sides = ["local", "remote"] as const;

  test.each(sides)("a file, %s: the others go through, and the other side keeps its version", async (side) => {
    await withFolderJob({ "a.txt": "1", "b.txt": "2" }, async (at) => {
      const [here, there] = side === "local" ? [at.local, at.remote] : [at.remote, at.local];
      await write(here, { "a.txt": "changed", "b.txt": "changed", "c.txt": "3" });
      await chmod(join(here, "a.txt"), 0);
      for (let round = 1; round <= 2; round++) {
        const ran = await at.job.run("sync", [], await withoutPrivileges());
        expectEnd(ran, 3, [/a\.txt.*permission denied; check its owner and permissions/]);
        expect(await textsIn(there)).toEqual({ "a.txt": "1", "b.txt": "changed", "c.txt": "3" });
      }
      await chmod(join(here, "a.txt"), 0o600);
      await at.job.syncWell();
      expect(await textsIn(there)).toEqual({ "a.txt": "changed", "b.txt": "changed", "c.txt": "3" });
    });
  });

  test.each(sides)("a folder, %s: nothing in it passes for deleted", async (side) => {
    await withFolderJob({ "a.txt": "1", "closed/b.txt": "2", "closed/in/c.txt": "3" }, async (at) => {
      const [here, there] = side === "local" ? [at.local, at.remote] : [at.remote, at.local];
      const before = await textsIn(there);
      await write(here, { "new.txt": "4" });
      await write(there, { "closed/d.txt": "5" });
      await chmod(join(here, "closed"), 0);
      const finished = await at.job.sync([], await withoutPrivileges());
      expectEnd(finished, 3, [/closed.*could not be read: permission denied; check its owner/]);
      expect(finished.outcomes.map(({ path }) => path).filter((path) => path !== "closed/d.txt")).toEqual(["new.txt"]);
      expect(await textsIn(there)).toEqual({ ...before, "closed/d.txt": "5", "new.txt": "4" });
      await chmod(join(here, "closed"), 0o700);
      await at.job.syncWell();
      expect(await textsIn(here)).toEqual(await textsIn(there));
      expect(await textsIn(here)).toMatchObject({ ...before, "closed/d.txt": "5" });
    });
  });

  test.each(sides)("the whole root, %s: nothing is done", async (side) => {
    await withFolderJob({ "a.txt": "1", "b.txt": "2" }, async (at) => {
      const [here, there] = side === "local" ? [at.local, at.remote] : [at.remote, at.local];
      await chmod(here, 0);
      const ran = await at.job.run("sync", [], await withoutPrivileges());
      await chmod(here, 0o700);
      expectEnd(ran, side === "local" ? 4 : 2, [here, /permission denied; check its owner and permissions/]);
      expect(await textsIn(there)).toEqual({ "a.txt": "1", "b.txt": "2" });
      await at.job.syncNothing();
    });
  });

  test("a folder that takes nothing new: the rest goes through", async () => {
    await withFolderJob({ "a.txt": "1", "closed/b.txt": "2" }, async ({ local, remote, job }) => {
      await write(remote, { "a.txt": "changed", "closed/c.txt": "3" });
      await chmod(join(local, "closed"), 0o500);
      const ran = await job.run("sync", [], await withoutPrivileges());
      expectEnd(ran, 3, [/closed\/c\.txt.*permission denied; check its owner and permissions/]);
      expect(await textsIn(local)).toEqual({ "a.txt": "changed", closed: null, "closed/b.txt": "2" });
      await chmod(join(local, "closed"), 0o700);
      await job.syncWell();
      expect(await textsIn(local)).toEqual(await textsIn(remote));
    });
  });
});

const MIB = 1024 * 1024;

describe.skipIf(!canMount())("a disk that is full", () => {
  test("here: what does not fit is told, the rest goes through, and nothing is deleted on either side", async () => {
    await withFolderJob(
      { "a.txt": "1", "gone here.txt": "2", "gone there.txt": "3" },
      async ({ local, remote, job, state }) => {
        await onDisk(`size=${String(4 * MIB)}`, local, async () => {
          await write(local, { "a.txt": "1", "gone there.txt": "3" });
          await rm(state, { recursive: true });
          await write(remote, { "gone here.txt": "2" });
          await job.syncWell();
          await rm(join(local, "gone here.txt"));
          await rm(join(remote, "gone there.txt"));
          await write(remote, { "small.txt": "fits", "large.bin": "x".repeat(5 * MIB), "a.txt": "changed" });
          const ran = await job.run("sync");
          expectEnd(ran, 3, [/large\.bin: no room .*free; free some space, then run again/]);
          expect(await textsIn(local)).toEqual({ "a.txt": "changed", "small.txt": "fits", "gone there.txt": "3" });
          expect(await textsIn(remote)).toMatchObject({ "gone here.txt": "2", "small.txt": "fits" });
          expect(await readdir(join(local, ".trisync/tmp")), "no part of it is left").toEqual([]);
          await rm(join(remote, "large.bin"));
          await job.syncWell();
          expect(await textsIn(local)).toEqual({ "a.txt": "changed", "small.txt": "fits" });
          expect(await textsIn(remote)).toEqual(await textsIn(local));
        });
      },
    );
  });

  test("there: the old version stays, and the next run with more space goes through", async () => {
    await withFolderJob({ "a.bin": "old" }, async ({ local, remote, job, state }) => {
      await onDisk(`size=${String(4 * MIB)}`, remote, async () => {
        await rm(state, { recursive: true });
        await job.syncWell();
        await write(local, { "a.bin": "n".repeat(3 * MIB), "b.bin": "x".repeat(3 * MIB) });
        const ran = await job.run("sync");
        expectEnd(ran, 3, [/\.bin.*the disk is full; free some space, then run again/]);
        const there = await textsIn(remote);
        expect(["old", "n".repeat(3 * MIB)]).toContain(there["a.bin"]);
        expect([undefined, "x".repeat(3 * MIB)]).toContain(there["b.bin"]);
        await run("mount", ["-o", `remount,size=${String(16 * MIB)}`, remote]);
        await job.syncWell();
        expect(await textsIn(remote)).toEqual(await textsIn(local));
      });
    });
  });

  test("under the state, while the run is planned: what was agreed on before stays known", async () => {
    await withSmallState(async ({ local, remote, small }) => {
      const names = Array.from({ length: 4_000 }, (_, i) => `many/${"n".repeat(100)}-${String(i)}.txt`);
      await write(local, Object.fromEntries(names.map((name) => [name, ""])));
      const ran = await small.run("sync", ["--json"]);
      expectEnd(ran, 3, [/no space left for the state in .*small.*--state/]);
      expect(ran.events().at(-1)).toMatchObject({ event: "summary", exitCode: 3 });
      expect(await textsIn(remote)).toEqual({ "a.txt": "1", "gone.txt": "2" });
      await rm(join(local, "many"), { recursive: true });
      await small.syncWell();
      expect(await textsIn(remote)).toEqual({ "a.txt": "1" });
      expect(await textsIn(local)).toEqual({ "a.txt": "1" });
    });
  });

  test("under the state: the run ends with words, deletes nothing, and the next one repeats nothing", async () => {
    await withSmallState(async ({ state, local, remote, small }) => {
      const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`new-${String(i)}.txt`, String(i)]));
      await write(local, files);
      await fill(state);
      const ran = await small.run("sync");
      expectEnd(ran, 3, [/no space left for the state in .*small.*--state/]);
      expect(await textsIn(remote), "nothing is deleted").toMatchObject({ "gone.txt": "2" });
      await rm(join(state, "filler"));
      await small.syncWell();
      expect(await textsIn(remote)).toEqual({ "a.txt": "1", ...files });
      expect(await textsIn(local)).toEqual({ "a.txt": "1", ...files });
      await small.syncNothing();
    });
  });
});

describe.skipIf(!canMount())("a disk that is read-only", () => {
  const upward = ["backup", "mirror", "two-way"] as const;

  test.each(rowsTried(upward))("here: the mode %s goes up from it, and writes nothing to it", async (mode) => {
    await withFolderJob({}, async ({ local, remote, job }) => {
      await onDisk("size=1m", local, async () => {
        await write(local, { "a.txt": "1", "docs/b.txt": "2" });
        await run("mount", ["-o", "remount,ro", local]);
        await job.syncWell(["--mode", mode]);
        expect(await textsIn(remote)).toEqual({ "a.txt": "1", docs: null, "docs/b.txt": "2" });
        expect(existsSync(join(local, ".trisync"))).toBe(false);
        await job.syncWell(["--mode", mode]);
        await run("mount", ["-o", "remount,rw", local]);
        await write(local, { "a.txt": "changed" });
        await run("mount", ["-o", "remount,ro", local]);
        await job.syncWell(["--mode", mode]);
        expect(await textsIn(remote)).toMatchObject({ "a.txt": "changed" });
      });
    });
  });

  test("here: what would have to come down is told, and nothing is lost", async () => {
    await withFolderJob({}, async ({ local, remote, job }) => {
      await onDisk("size=1m", local, async () => {
        await write(local, { "a.txt": "1", "b.txt": "2", "c.txt": "3" });
        await job.syncWell();
        await rm(join(remote, "b.txt"));
        await write(remote, { "a.txt": "changed", "d/new.txt": "4" });
        await run("mount", ["-o", "remount,ro", local]);
        for (let round = 1; round <= 2; round++) {
          const ran = await job.run("sync");
          expectEnd(ran, 3, [/a\.txt.*the disk is read-only; mount it for writing/, /b\.txt/, /d.*read-only/]);
          expect(await textsIn(local)).toEqual({ "a.txt": "1", "b.txt": "2", "c.txt": "3" });
          expect(await textsIn(remote)).toEqual({ "a.txt": "changed", "c.txt": "3", d: null, "d/new.txt": "4" });
        }
        await run("mount", ["-o", "remount,rw", local]);
        await job.syncWell();
        expect(await textsIn(local)).toEqual(await textsIn(remote));
      });
    });
  });

  test("there: what would have to go up is told, and what comes down comes down", async () => {
    await withFolderJob({}, async ({ local, remote, job }) => {
      await onDisk("size=1m", remote, async () => {
        await write(remote, { "a.txt": "1", "b.txt": "2" });
        await run("mount", ["-o", "remount,ro", remote]);
        await job.syncWell();
        expect(await textsIn(local)).toEqual({ "a.txt": "1", "b.txt": "2" });
        await write(local, { "a.txt": "changed", "c.txt": "3" });
        await rm(join(local, "b.txt"));
        expectEnd(await job.run("sync"), 3, [
          /a\.txt.*the disk is read-only; mount it for writing/,
          /b\.txt/,
          /c\.txt/,
        ]);
        expect(await textsIn(remote)).toEqual({ "a.txt": "1", "b.txt": "2" });
        expect(await textsIn(local)).toEqual({ "a.txt": "changed", "c.txt": "3" });
        await run("mount", ["-o", "remount,rw", remote]);
        await job.syncWell();
        expect(await textsIn(remote)).toEqual({ "a.txt": "changed", "c.txt": "3" });
      });
    });
  });
});

describe("a state directory", () => {
  test("that may not be written is told before anything is done", async () => {
    await withFolderJob({}, async ({ directory, local, remote, job }) => {
      await write(local, { "a.txt": "1" });
      const closed = join(directory, "closed");
      await mkdir(closed, { mode: 0o500 });
      for (const state of [closed, join(closed, "new")]) {
        const ran = await new Job({ ...job.places, state }).run("sync", [], await withoutPrivileges());
        expectEnd(ran, 2, [/cannot write the state in .*closed.*permission denied.*--state/]);
      }
      expect(await textsIn(remote)).toEqual({});
      await chmod(closed, 0o700);
      await new Job({ ...job.places, state: closed }).syncWell();
      await run("chmod", ["-R", "u-w", closed]);
      await write(local, { "b.txt": "2" });
      const ran = await new Job({ ...job.places, state: closed }).run("sync", [], await withoutPrivileges());
      await run("chmod", ["-R", "u+w", closed]);
      expectEnd(ran, 2, [/closed.*--state/]);
      expect(await textsIn(remote)).toEqual({ "a.txt": "1" });
      await new Job({ ...job.places, state: closed }).syncWell();
    });
  });

  test("that is a file is told", async () => {
    await withFolderJob({ "a.txt": "1" }, async ({ directory, job }) => {
      await writeFile(join(directory, "file"), "");
      for (const state of [join(directory, "file"), join(directory, "file/below")]) {
        expectEnd(await new Job({ ...job.places, state }).run("sync"), 2, [state, /--state/]);
      }
    });
  });

  test("that is LOCAL, or lies in REMOTE, is told; in LOCAL it is left out", async () => {
    await withFolderJob({ "a.txt": "1" }, async ({ local, remote, job }) => {
      expectEnd(await new Job({ ...job.places, state: local }).run("sync"), 2, [/--state/]);
      expectEnd(await new Job({ ...job.places, state: join(remote, "state") }).run("sync"), 2, [
        /inside REMOTE.*--state/,
      ]);
      const inside = new Job({ ...job.places, state: join(local, "state") });
      await inside.syncWell();
      await inside.syncNothing();
      expect(await textsIn(remote)).toEqual({ "a.txt": "1" });
    });
  });

  test("a log file that cannot be written is told before anything is done", async () => {
    await withFolderJob({ "a.txt": "1" }, async ({ directory, local, remote, job }) => {
      await write(local, { "b.txt": "2" });
      const logFile = join(directory, "missing/run.log");
      expectEnd(await job.run("sync", ["--log-file", logFile]), 2, [logFile, /give --log-file a place/]);
      expect(await textsIn(remote)).toEqual({ "a.txt": "1" });
      await job.syncWell();
    });
  });
});

describe("a folder that gives way to a link while the run is at work", () => {
  test("here, while a file comes down: nothing is written through it", async () => {
    const account = await DropboxAccount.open();
    try {
      await inTemporaryDirectory(async (directory) => {
        const local = join(directory, "local");
        await write(directory, { "local/d/old.txt": "1", "outside/old.txt": "theirs" });
        const job = new Job({ local, remote: "dropbox:/Link", state: join(directory, "state"), env: account.env });
        await job.syncWell();
        await account.write("/Link/d/new.txt", "new");
        await account.write("/Link/d/old.txt", "newer");
        await account.forgetRequests();
        await account.fault({ route: "files/download", kind: "slow", ms: 2000, times: 2 });
        const running = job.run("sync");
        await until(async () => (await account.requests()).some(({ route }) => route === "files/download"));
        await swap(directory, "local/d");
        const ran = await running;
        expectEnd(ran, 3, [/symbolic link/]);
        expect(await textsIn(join(directory, "outside"))).toEqual({ "old.txt": "theirs" });
        expect(await account.texts("/Link")).toEqual({ d: null, "d/new.txt": "new", "d/old.txt": "newer" });
        await unswap(directory, "local/d");
        await job.syncWell();
        expect(await textsIn(local)).toEqual({ d: null, "d/new.txt": "new", "d/old.txt": "newer" });
      });
    } finally {
      await account.close();
    }
  });

  test("here, before its files are deleted: those behind the link stay", async () => {
    await withSlowJob(async ({ directory, local, remote, start }) => {
      await rm(join(remote, "d"), { recursive: true });
      await write(remote, { "aaa.bin": LARGE });
      const running = start(local);
      await running.begun;
      await swap(directory, "local/d");
      const ran = await running.ended;
      expect([0, 3], ran.stderr).toContain(ran.code);
      expect(await textsIn(join(directory, "outside"))).toEqual({ "old.txt": "theirs" });
      expect(await textsIn(join(directory, "d-away"))).toEqual({ "old.txt": "1" });
    });
  });

  test("there, while a file goes up: nothing is written through it", async () => {
    await withSlowJob(async ({ directory, local, remote, start, job }) => {
      await write(local, { "d/old.txt": LARGE, "d/new.txt": "new" });
      const running = start(remote);
      await running.begun;
      await swap(directory, "remote/d");
      expectEnd(await running.ended, 3, [/symbolic link/]);
      expect(await textsIn(join(directory, "outside"))).toEqual({ "old.txt": "theirs" });
      expect(await textsIn(join(local, "d"))).toMatchObject({ "new.txt": "new" });
      await unswap(directory, "remote/d");
      await job.syncWell();
      expect(await textsIn(remote)).toEqual(await textsIn(local));
    });
  });
});

/** More than is ever read in one piece, so that it arrives on the other side bit by bit. */
const LARGE = "x".repeat(1_500_000);

interface SlowJob {
  readonly directory: string;
  readonly local: string;
  readonly remote: string;
  readonly job: Job;
  /** `begun` when a temporary file on this side has a part of a large content, the rest of which takes seconds. */
  start(target: string): { readonly begun: Promise<void>; readonly ended: Promise<Ran> };
}

async function withSlowJob(use: (slow: SlowJob) => Promise<void>): Promise<void> {
  await withFolderJob({ "a.txt": "1", "b.txt": "2", "d/old.txt": "1" }, async (at) => {
    await write(at.directory, { "outside/old.txt": "theirs" });
    const start: SlowJob["start"] = (target) => {
      const ended = at.job.run("sync", ["--bandwidth", "500k", "--concurrency", "1"]);
      const temporary = join(target, ".trisync/tmp");
      const begun = until(() => Promise.resolve(largestIn(temporary) > 10_000));
      const endedEarly = ended.then(({ stderr }) =>
        Promise.reject(new Error(`ended before it could be seen: ${stderr}`)),
      );
      return { begun: Promise.race([begun, endedEarly]), ended };
    };
    await use({ ...at, start });
  });
}

/** In bytes; 0 for none. */
function largestIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return Math.max(0, ...sizes);
}

/** In one step for whoever looks: the folder is moved away, and a link to what is not ours takes its name. */
async function swap(directory: string, path: string): Promise<void> {
  await symlink(join(directory, "outside"), join(directory, "link"));
  await rename(join(directory, path), join(directory, "d-away"));
  await rename(join(directory, "link"), join(directory, path));
}

async function unswap(directory: string, path: string): Promise<void> {
  await rm(join(directory, path));
  await rename(join(directory, "d-away"), join(directory, path));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Small disks of their own are made by mounting, which only root may; without it the reason is printed. */
function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    console.warn("tests of full and read-only disks are left out: they mount disks of their own, on Linux as root");
    return false;
  }
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "pipe" });
    return true;
  } catch (error) {
    console.warn(`tests of full and read-only disks are left out: this system lets nobody mount (${String(error)})`);
    return false;
  }
}

interface SmallState extends Pick<FolderJob, "local" | "remote"> {
  /** A directory on a disk of its own, which holds a mebibyte. */
  readonly state: string;
  readonly small: Job;
}

/** Both sides hold two files, of which one is deleted here after the first run. */
async function withSmallState(use: (at: SmallState) => Promise<void>): Promise<void> {
  await withFolderJob({ "a.txt": "1", "gone.txt": "2" }, async ({ directory, local, remote, job }) => {
    const state = join(directory, "small");
    await mkdir(state);
    const small = new Job({ ...job.places, state });
    await onDisk(`size=${String(MIB)}`, state, async () => {
      await small.syncWell();
      await rm(join(local, "gone.txt"));
      await use({ state, local, remote, small });
    });
  });
}

/** Mounts a disk in memory over the folder. */
async function onDisk(options: string, folder: string, use: () => Promise<void>): Promise<void> {
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  try {
    await use();
  } finally {
    await run("umount", ["--lazy", folder]);
  }
}

/** Leaves one page free. */
async function fill(folder: string): Promise<void> {
  const { bfree, bsize } = await statfs(folder);
  await writeFile(join(folder, "filler"), Buffer.alloc((bfree - 1) * bsize));
}
