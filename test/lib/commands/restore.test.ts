import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../../lib/cli.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { describeJob, jobDirectory } from "../../../lib/state/job-directory.js";
import { acquireLock } from "../../../lib/state/lock.js";
import { createFakeWorld } from "../../support/fake-world.js";
import type { FakeWorld, FakeWorldOptions } from "../../support/fake-world.js";

const OLD = "20260301T090000Z-aaaa";
const NEW = "20260301T100000Z-bbbb";

/** A folder in whose trash two runs have put versions. */
async function prepare(options: FakeWorldOptions = {}): Promise<FakeWorld> {
  const world = createFakeWorld({ env: { TRISYNC_LOCAL: "docs" }, ...options });
  mkdirSync(join(world.dir, "docs"));
  await trash(world, OLD, { "a.txt": "a old", "sub/b.txt": "b old", "sub/c.txt": "c old" });
  await trash(world, NEW, { "a.txt": "a new", "sub/b.txt": "b new" });
  return world;
}

async function trash(world: FakeWorld, runId: string, files: Readonly<Record<string, string>>): Promise<void> {
  const folder = openFolder({ root: join(world.dir, "docs"), files: world.files, runId, now: world.now });
  for (const [name, content] of Object.entries(files)) {
    const file = join(world.dir, "docs", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    const seen = await folder.stat(toSyncPath(name));
    if (seen?.kind !== "file") throw new Error("the file is not there");
    await folder.trashFile(seen);
  }
}

function read(world: FakeWorld, name: string): string {
  return readFileSync(join(world.dir, "docs", name), "utf8");
}

test("without PATH, lists what can be restored, newest run first", async () => {
  const world = await prepare();
  expect(await main(["restore"], world)).toBe(0);
  expect(world.out().split("\n")).toEqual([
    `${NEW}        5 B  a.txt`,
    `${NEW}        5 B  sub/b.txt`,
    `${OLD}        5 B  a.txt`,
    `${OLD}        5 B  sub/b.txt`,
    `${OLD}        5 B  sub/c.txt`,
    "",
  ]);
});

test("lists one run, and as JSON", async () => {
  const world = await prepare();
  expect(await main(["restore", "--run", NEW, "--json"], world)).toBe(0);
  expect(
    world
      .out()
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { event: "trashed", run: NEW, path: "a.txt", kind: "file", bytes: 5 },
    { event: "trashed", run: NEW, path: "sub/b.txt", kind: "file", bytes: 5 },
  ]);
});

test("brings the newest version of a file back, and keeps what is there now in the trash", async () => {
  const world = await prepare();
  writeFileSync(join(world.dir, "docs/a.txt"), "now");
  expect(await main(["restore", "a.txt"], world)).toBe(0);
  expect(read(world, "a.txt")).toBe("a new");
  expect(world.out()).toBe(`restored a.txt  (of run ${NEW})\n`);
  const runs = readdirSync(join(world.dir, "docs/.trisync/trash"));
  const kept = runs
    .map((run) => join(world.dir, "docs/.trisync/trash", run, "a.txt"))
    .filter((file) => existsSync(file));
  expect(kept.map((file) => readFileSync(file, "utf8")).sort()).toEqual(["a old", "now"]);
});

test("brings the version of a named run back, by an absolute path too", async () => {
  const world = await prepare();
  expect(await main(["restore", join(world.dir, "docs/a.txt"), "--run", OLD], world)).toBe(0);
  expect(read(world, "a.txt")).toBe("a old");
});

test("brings a folder back: the newest version of everything below it", async () => {
  const world = await prepare();
  expect(await main(["restore", "./sub/"], world)).toBe(0);
  expect([read(world, "sub/b.txt"), read(world, "sub/c.txt")]).toEqual(["b new", "c old"]);
  expect(existsSync(join(world.dir, "docs/a.txt"))).toBe(false);
});

test("a dot is everything of a run", async () => {
  const world = await prepare();
  expect(await main(["restore", ".", "--run", OLD], world)).toBe(0);
  expect([read(world, "a.txt"), read(world, "sub/b.txt"), read(world, "sub/c.txt")]).toEqual([
    "a old",
    "b old",
    "c old",
  ]);
});

test.each([
  [["gone.txt"], 'holds nothing at "gone.txt"'],
  [["a.txt", "--run", "nope"], "the trash of run nope holds nothing"],
  [["../docs/a.txt"], "not a path below the root"],
  [["/etc/passwd"], "not a path below the root"],
  [["a.txt", "--local", "gone"], "gone"],
])("%j is a mistake of the user", async (args, expected) => {
  const world = await prepare();
  expect(await main(["restore", ...args], world)).toBe(2);
  expect(world.err()).toContain(expected);
  expect(existsSync(join(world.dir, "docs/a.txt"))).toBe(false);
});

test("needs to know which folder", async () => {
  const world = await prepare({ env: {} });
  expect(await main(["restore"], world)).toBe(2);
  expect(world.err()).toContain("no LOCAL");
});

test("waits for no run of this folder: it is refused while one is at work", async () => {
  const world = await prepare();
  const sides = { local: join(world.dir, "docs"), remote: "dropbox:/x" };
  const { dir } = jobDirectory(join(world.dir, ".local/state/trisync"), sides);
  describeJob(dir, { ...sides, createdMs: 0 });
  const lock = acquireLock(dir, { pid: 1, startedMs: 0 });
  expect(await main(["restore", "a.txt"], world)).toBe(11);
  expect(existsSync(join(world.dir, "docs/a.txt"))).toBe(false);
  if (!("heldBy" in lock)) lock.release();
  expect(await main(["restore", "a.txt"], world)).toBe(0);
});
