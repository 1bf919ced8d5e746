import {
  copyFile,
  mkdir,
  open,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { FORMAT_VERSION } from "../../lib/state/schema.js";
import { connect } from "../../lib/state/sqlite.js";
import { rowsTried } from "./effort.js";
import type { Ran, RunOptions } from "./executable.js";
import { expectEnd, textsIn, withFolderJob, write } from "./folder-job.js";
import type { FolderJob } from "./folder-job.js";

const FILES = { "a.txt": "1", "b.txt": "2", "docs/c.txt": "3" };
const TREE = { ...FILES, docs: null };

describe("a state from a newer version", () => {
  test.each(["sync", "plan", "restore", "status"])("is left alone by %s, with what to do", async (command) => {
    await withFolderJob(FILES, async ({ local, remote, state, job }) => {
      const file = await stateFile(state);
      execute(file, "PRAGMA user_version = 999");
      const before = await readFile(file);
      await write(local, { "new.txt": "4" });
      await rm(join(local, "b.txt"));
      const ran = command === "restore" ? await job.run("restore") : await job.run(command);
      if (command === "restore") expect([0, 2], "which needs no state").toContain(ran.code);
      else if (command === "status") expectEnd(ran, 3, [/newer trisync/]);
      else expectEnd(ran, 2, [file, /newer trisync.*update this one.*--state/]);
      expect(await textsIn(remote)).toEqual(TREE);
      expect((await readFile(file)).equals(before), "nothing in it has changed").toBe(true);
      execute(file, `PRAGMA user_version = ${FORMAT_VERSION}`);
      await job.syncWell();
      expect(await textsIn(remote)).toEqual({ "a.txt": "1", docs: null, "docs/c.txt": "3", "new.txt": "4" });
    });
  });
});

describe("a damaged state", () => {
  const damages: readonly { readonly title: string; readonly damage: (file: string) => Promise<void> }[] = [
    { title: "cut in half", damage: async (file) => truncate(file, Math.floor((await stat(file)).size / 2)) },
    { title: "of other bytes", damage: async (file) => writeFile(file, Buffer.alloc(20_000, "not a database ")) },
    { title: "torn in the middle", damage: (file) => overwrite(file, 4096) },
    {
      title: "of another program",
      damage: async (file) => {
        await unlink(file);
        execute(file, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
      },
    },
    {
      title: "with rows of other bytes",
      damage: async (file) => {
        execute(file, "UPDATE base SET path = x'ff00', hash = 'none', size = 'large'");
        return Promise.resolve();
      },
    },
    { title: "that is empty", damage: async (file) => truncate(file, 0) },
  ];

  test.each(rowsTried(damages))(
    "$title, is a first run in the end: both sides are united, nothing is deleted",
    async ({ damage }) => {
      await withFolderJob(FILES, async ({ local, remote, state, job }) => {
        await rm(join(local, "a.txt"));
        await write(remote, { "new.txt": "4" });
        await damage(await stateFile(state));
        const first = await job.run("sync");
        expect([0, 3], first.stderr).toContain(first.code);
        if (first.code === 3) expectEnd(first, 3, [/state in .* is damaged.*next sync starts with a fresh one/]);
        expect(await textsIn(remote), "nothing is deleted").toEqual({ ...TREE, "new.txt": "4" });
        await job.syncWell();
        const both = await textsIn(remote);
        expect(await textsIn(local)).toEqual(both);
        expect(both).toMatchObject({ "b.txt": "2", "docs/c.txt": "3", "new.txt": "4" });
        await job.syncNothing();
      });
    },
  );

  test("is put aside, and the message says where", async () => {
    await withFolderJob(FILES, async ({ state, job }) => {
      const file = await stateFile(state);
      await writeFile(file, Buffer.alloc(20_000, "not a database "));
      const ran = await job.run("sync");
      expectEnd(ran, 0, [/damaged and is kept as state\.damaged-\w+\.sqlite; this is a first run.*nothing is deleted/]);
      expect(await readdir(join(file, ".."))).toContainEqual(expect.stringMatching(/^state\.damaged-/));
    });
  });

  test("shows itself to a plan, which changes nothing", async () => {
    await withFolderJob(FILES, async ({ state, job }) => {
      const file = await stateFile(state);
      await writeFile(file, Buffer.alloc(20_000, "not a database "));
      expectEnd(await job.run("plan"), 0, [/is damaged and will be put aside/]);
      expect((await readFile(file)).length).toBe(20_000);
    });
  });

  test("that is an older copy of itself brings nothing back and deletes nothing", async () => {
    await withFolderJob(FILES, async ({ local, remote, state, job }) => {
      const file = await stateFile(state);
      await copyFile(file, `${file}.old`);
      await write(local, { "a.txt": "changed", "new.txt": "4" });
      await rm(join(local, "b.txt"));
      await job.syncWell();
      await copyFile(`${file}.old`, file);
      await job.syncWell();
      expect(await textsIn(local)).toEqual({ "a.txt": "changed", docs: null, "docs/c.txt": "3", "new.txt": "4" });
      expect(await textsIn(remote)).toEqual(await textsIn(local));
      await job.syncNothing();
    });
  });
});

describe("two runs of one job at once", () => {
  test("the second says who is at work and touches nothing; the first is not disturbed", async () => {
    await withRunAtWork(async ({ remote, job, pid, first }) => {
      const second = await job.run("sync");
      expectEnd(second, 11, [new RegExp(`process ${String(pid)}, running since \\d{4}-.*UTC`), /nothing was done/]);
      expect(existsSync(join(remote, "large.bin")), "the first was still at work").toBe(false);
      const skipped = await job.run("sync", ["--if-locked", "skip"]);
      expectEnd(skipped, 0, []);
      expect(skipped.stdout + skipped.stderr).toBe("");
      expectEnd(await job.run("sync", ["--if-locked", "wait=100ms"]), 11, [/nothing was done/]);
      expect(existsSync(join(remote, "large.bin")), "the first was still at work").toBe(false);
      const waiting = job.run("sync", ["--if-locked", "wait=5m"]);
      expect((await first).code).toBe(0);
      expectEnd(await waiting, 0, []);
      await job.syncNothing();
    });
  });

  test("a plan needs no lock; a run whose holder was killed takes over", async () => {
    await withRunAtWork(async ({ remote, job, kill, first }) => {
      expectEnd(await job.run("plan"), 0, []);
      kill();
      expect((await first).signal).toBe("SIGKILL");
      await job.syncWell();
      expect(Object.keys(await textsIn(remote))).toContain("large.bin");
      await job.syncNothing();
    });
  });
});

describe("a clock that is wrong", () => {
  const YEAR_MS = 365 * 24 * 3600 * 1000;

  test.each([-1, 1])("by %i year: only what has changed is done", async (years) => {
    await withFolderJob(FILES, async ({ directory, local, remote, job }) => {
      const shifted = await shiftClock(directory, years * YEAR_MS);
      await write(local, { "a.txt": "changed" });
      await write(remote, { "b.txt": "changed there", "new.txt": "4" });
      await rm(join(local, "docs/c.txt"));
      const ran = await job.run("sync", ["--json"], shifted);
      expectEnd(ran, 0, []);
      expect(
        ran
          .events("outcome")
          .map(({ kind, path }) => `${String(kind)} ${String(path)}`)
          .sort(),
      ).toEqual(["delete-remote docs/c.txt", "download b.txt", "download new.txt", "upload a.txt"]);
      expect((await job.run("sync", ["--json"], shifted)).events("outcome")).toEqual([]);
      await job.syncNothing();
      await write(local, { "a.txt": "changed again" });
      expect((await job.syncWell()).summary).toMatchObject({ uploaded: 1, downloaded: 0 });
      const status = await job.run("status", ["--max-age", "1h"]);
      expectEnd(status, 0, []);
    });
  });

  test("or files whose times are far ahead or before 1970: they go through and come to rest", async () => {
    await withFolderJob(FILES, async ({ local, remote, job }) => {
      const odd = {
        "ahead.txt": 4_102_444_800,
        "year.txt": Date.now() / 1000 + 31_536_000,
        "zero.txt": 0,
        "before.txt": -86_400,
      };
      for (const [name, seconds] of Object.entries(odd)) {
        await write(local, { [name]: name });
        // Node takes negative numbers for the time of now, but not such dates.
        await utimes(join(local, name), new Date(seconds * 1000), new Date(seconds * 1000));
      }
      await job.syncWell();
      await job.syncNothing();
      for (const [name, seconds] of Object.entries(odd)) {
        expect((await stat(join(remote, name))).mtimeMs / 1000).toBeCloseTo(seconds, 1);
      }
      await write(local, { "ahead.txt": "older by its time, newer by its content" });
      await utimes(join(local, "ahead.txt"), 1_000_000_000, 1_000_000_000);
      expect((await job.syncWell()).summary).toMatchObject({ uploaded: 1 });
      expect(await textsIn(remote)).toMatchObject({ "ahead.txt": "older by its time, newer by its content" });
    });
  });
});

interface AtWork extends FolderJob {
  readonly first: Promise<Ran>;
  readonly pid: number;
  readonly kill: () => void;
}

/** A run that sends a file slowly, so that it is at work for some seconds. */
async function withRunAtWork(use: (at: AtWork) => Promise<void>): Promise<void> {
  await withFolderJob(FILES, async (at) => {
    await write(at.local, { "large.bin": "x".repeat(1_500_000) });
    let pid = 0;
    const first = at.job.run("sync", ["--bandwidth", "100k"], {
      started: (child) => {
        pid = child.pid ?? 0;
      },
    });
    const temporary = join(at.remote, ".trisync/tmp");
    while (!existsSync(temporary) || (await readdir(temporary)).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await use({ ...at, first, pid, kill: () => process.kill(pid, "SIGKILL") });
  });
}

/** The file of the only job in the state. */
async function stateFile(state: string): Promise<string> {
  const [id = ""] = await readdir(join(state, "jobs"));
  return join(state, "jobs", basename(id), "state.sqlite");
}

function execute(file: string, sql: string): void {
  const connection = connect(file, { readOnly: false, defensive: false });
  connection.exec(sql);
  connection.close();
}

/** All that follows `start` becomes noise. */
async function overwrite(file: string, start: number): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, "r+");
  await handle.write(Buffer.alloc(size - start, 0x5a), 0, size - start, start);
  await handle.close();
}

/** Options that let the program, and it alone, live in another time. */
async function shiftClock(directory: string, byMs: number): Promise<RunOptions> {
  const preload = join(directory, "clock", "shift.mjs");
  await mkdir(join(directory, "clock"));
  const text = `const now = Date.now;
const shifted = () => now() + ${String(byMs)};
globalThis.Date = class extends Date {
  constructor(...parts) {
    if (parts.length === 0) super(shifted());
    else super(...parts);
  }
  static now() {
    return shifted();
  }
};
`;
  await writeFile(preload, text);
  return { env: { NODE_OPTIONS: `--import=${preload}` } };
}
