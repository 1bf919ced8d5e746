import { appendFile, cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import { Job } from "./job.js";
import type { Finished } from "./job.js";
import { readDisk } from "./side.js";
import type { Standing } from "./side.js";

/*
 * The packages of this project: thousands of real files of all sizes, with deep paths, scoped names, executables and the
 * links of `.bin`. The tests of a group go on from each other, as runs do.
 */

const PACKAGES = resolve(import.meta.dirname, "../../node_modules");
const MOST_REQUESTS = 10;
const TIMEOUT_MS = 1_800_000;

const account = useDropbox();

let directory = "";
let local = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "trisync-e2e-"));
  local = join(directory, "local");
  await mkdir(local);
  await copyPackages(local);
}, TIMEOUT_MS);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
}, TIMEOUT_MS);

describe("node_modules and another folder", () => {
  const other = (): string => join(directory, "other");
  const job = (): Job => new Job({ local, remote: `folder:${other()}`, state: join(directory, "folder-state") });

  test("a first run brings over everything, byte for byte", { timeout: TIMEOUT_MS }, async () => {
    await mkdir(other());
    const finished = await job().syncWell();
    const here = await readLocal();
    expect(filesIn(here).length).toBeGreaterThan(10_000);
    expect(finished.summary).toMatchObject({ uploaded: filesIn(here).length, failed: 0, skipped: 0 });
    expect(await readDisk(other(), isSynced)).toEqual(here);
    tell("folder, first run", finished);
  });

  test("a run with nothing changed transfers nothing", { timeout: TIMEOUT_MS }, async () => {
    tell("folder, nothing changed", await job().syncNothing());
  });

  test("of one per cent changed, only that travels", { timeout: TIMEOUT_MS }, async () => {
    const changed = await changeOnePerCent("folder");
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({
      uploaded: changed.count,
      bytesUp: changed.bytes,
      downloaded: 0,
      bytesDown: 0,
    });
    tell("folder, 1 % changed", finished);
  });

  test("a folder of 1,000 files renamed here is renamed there", { timeout: TIMEOUT_MS }, async () => {
    await rename(join(local, "vendor"), join(local, "third party"));
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({ movedRemote: 1, uploaded: 0, bytesUp: 0, deletedRemote: 0 });
    tell("folder, renamed here", finished);
  });

  test("and one renamed there is renamed here", { timeout: TIMEOUT_MS }, async () => {
    await rename(join(other(), "third party"), join(other(), "vendor"));
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({ movedLocal: 1, downloaded: 0, bytesDown: 0, deletedLocal: 0 });
    expect(await readDisk(other(), isSynced)).toEqual(await readLocal());
    tell("folder, renamed there", finished);
  });
});

describe("node_modules and Dropbox", () => {
  const job = (): Job =>
    new Job({ local, remote: "dropbox:/Packages", state: join(directory, "dropbox-state"), env: account().env });

  test("a first run brings over everything, byte for byte", { timeout: TIMEOUT_MS }, async () => {
    const finished = await job().syncWell();
    const here = await readLocal();
    expect(finished.summary).toMatchObject({ uploaded: filesIn(here).length, failed: 0, skipped: 0 });
    // By the lower-case path: the service spells names as they were written, but gives them in its own order.
    expect(new Map(await account().hashes("/Packages"))).toEqual(new Map(here));
    expect((await account().requests()).length).toBeLessThan(1000);
    tell("Dropbox, first run", finished);
  });

  test("the next run hears of what the first one did, and transfers nothing", { timeout: TIMEOUT_MS }, async () => {
    const finished = await job().syncNothing();
    expect((await account().requests()).length).toBeLessThanOrEqual(MOST_REQUESTS);
    tell("Dropbox, second run", finished);
  });

  test("a run with nothing changed asks once", { timeout: TIMEOUT_MS }, async () => {
    const finished = await job().syncNothing();
    expect(await account().requestCounts()).toEqual({ "files/list_folder/continue": 1 });
    tell("Dropbox, nothing changed", finished);
  });

  test("of one per cent changed, only that travels, in few requests", { timeout: TIMEOUT_MS }, async () => {
    const changed = await changeOnePerCent("Dropbox");
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({
      uploaded: changed.count,
      bytesUp: changed.bytes,
      downloaded: 0,
      bytesDown: 0,
    });
    const sent = (await account().requests()).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    expect(sent, "with the arguments of the requests").toBeLessThan(changed.bytes + 200_000);
    expect((await account().requests()).length, JSON.stringify(await account().requestCounts())).toBeLessThanOrEqual(
      MOST_REQUESTS,
    );
    tell("Dropbox, 1 % changed", finished);
  });

  test("a folder of 1,000 files renamed here is renamed there with few requests", { timeout: TIMEOUT_MS }, async () => {
    await rename(join(local, "vendor"), join(local, "third party"));
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({ movedRemote: 1, uploaded: 0, bytesUp: 0, deletedRemote: 0 });
    expect((await account().requests()).length, JSON.stringify(await account().requestCounts())).toBeLessThanOrEqual(
      MOST_REQUESTS,
    );
    tell("Dropbox, renamed here", finished);
  });

  test("and one renamed there is renamed here", { timeout: TIMEOUT_MS }, async () => {
    await account().move("/Packages/third party", "/Packages/vendor");
    const finished = await job().syncWell();
    expect(finished.summary).toMatchObject({ movedLocal: 1, downloaded: 0, bytesDown: 0, deletedLocal: 0 });
    expect((await account().requests()).length, JSON.stringify(await account().requestCounts())).toBeLessThanOrEqual(
      MOST_REQUESTS,
    );
    expect(new Map(await account().hashes("/Packages"))).toEqual(new Map(await readLocal()));
    tell("Dropbox, renamed there", finished);
  });
});

/** All packages, and some of them once more in a folder that can be renamed: over 1,000 files, over 10,000 in all. */
async function copyPackages(target: string): Promise<void> {
  // Tools keep caches here, which change while they are copied.
  const filter = (source: string): boolean => !/\/\.(vite|cache)/.test(source);
  const copying = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter } as const;
  await cp(PACKAGES, join(target, "node_modules"), copying);
  const missing = Math.max(1000, 10_001 - (await listFiles(target)).length);
  let copied = 0;
  for (const name of (await readdir(PACKAGES)).sort()) {
    const source = join(PACKAGES, name);
    if (copied > missing) return;
    if (!(await lstat(source)).isDirectory()) continue;
    await cp(source, join(target, "vendor", name), copying);
    copied += (await listFiles(source)).length;
  }
}

/** Paths below the folder, without what trisync keeps there for itself. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(folder, file)).filter((path) => !path.startsWith(".trisync"));
}

/** Every hundredth file gets a line more. */
async function changeOnePerCent(line: string): Promise<{ readonly count: number; readonly bytes: number }> {
  const changed = (await listFiles(local)).filter((_, i) => i % 100 === 50);
  let bytes = 0;
  for (const path of changed) {
    await appendFile(join(local, path), `\n${line}\n`);
    bytes += (await lstat(join(local, path))).size;
  }
  return { count: changed.length, bytes };
}

function readLocal(): Promise<Standing> {
  return readDisk(local, isSynced);
}

function isSynced(path: string): boolean {
  return path !== ".trisync";
}

function filesIn(standing: Standing): readonly string[] {
  return [...standing].filter(([, hash]) => hash !== null).map(([path]) => path);
}

function tell(what: string, { summary }: Finished): void {
  const { uploaded, downloaded, bytesUp, bytesDown, requests, seconds } = summary;
  console.info(`${what}: ${JSON.stringify({ uploaded, downloaded, bytesUp, bytesDown, requests, seconds })}`);
}
