import { appendFile, cp, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CloudAccount } from "./cloud-account.js";
import { effort } from "./effort.js";
import { Job } from "./job.js";
import type { Finished } from "./job.js";
import { SERVICES } from "./services.js";
import { createCloudSide, createDiskSide } from "./side.js";
import type { Side, Standing } from "./side.js";
import { useAccount } from "./use-account.js";

/*
 * Packages of this project: real files of all sizes, with deep paths, scoped names, executables and the links of `.bin`, and a
 * thousand files in a folder that is renamed. The tests of a group go on from each other, as runs do.
 */

const PACKAGES = resolve(import.meta.dirname, "../../node_modules");
const TIMEOUT_MS = 3_600_000;

/** What a run may ask for besides a listing when a folder of a thousand files is renamed. */
const MOST_FOR_RENAMING = 4;

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "trisync-e2e-"));
  await copyPackages(join(directory, "packages"));
}, TIMEOUT_MS);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
}, TIMEOUT_MS);

/** A copy of the packages and what it is synchronised with. */
interface Scene {
  readonly local: string;
  readonly here: Side;
  readonly there: Side;
  readonly job: Job;
}

describe("real files and another folder", () => {
  let scene: Scene;

  beforeAll(async () => {
    const [local, other] = [await copyOfPackages("folder"), join(directory, "other")];
    await mkdir(other);
    const job = new Job({ local, remote: `folder:${other}`, state: join(directory, "folder-state") });
    scene = { local, here: createDiskSide(local), there: createDiskSide(other), job };
  }, TIMEOUT_MS);

  test("a first run brings over everything, byte for byte", { timeout: TIMEOUT_MS }, async () => {
    await expectAllBrought(scene, "folder");
  });

  test("a run with nothing changed transfers nothing", { timeout: TIMEOUT_MS }, async () => {
    tell("folder, nothing changed", await scene.job.syncNothing());
  });

  test("of one per cent changed, only that travels", { timeout: TIMEOUT_MS }, async () => {
    await expectChangesTravel(scene, "folder");
  });

  test(
    `a folder of ${String(effort.renamedFiles)} files renamed here is renamed there`,
    { timeout: TIMEOUT_MS },
    async () => {
      await expectRenamedThere(scene, "folder");
    },
  );

  test("and one renamed there is renamed here", { timeout: TIMEOUT_MS }, async () => {
    await expectRenamedHere(scene, "folder");
  });
});

describe.each(SERVICES)("real files and $title", ({ title, open }) => {
  const account = useAccount(open);
  let scene: Scene;

  beforeAll(async () => {
    const local = await copyOfPackages(title);
    const remote = account().url("/Packages");
    const job = new Job({ local, remote, state: join(directory, `${title}-state`), env: await account().signIn() });
    const here = createDiskSide(local, () => account().createDigest());
    scene = { local, here, there: createCloudSide(account(), "/Packages"), job };
  }, TIMEOUT_MS);

  test("a first run brings over everything, byte for byte", { timeout: TIMEOUT_MS }, async () => {
    if (title === "Yandex Disk") await plantMost(account(), scene.local);
    await expectAllBrought(scene, title);
    tellRequests(title, await account().requestCounts());
  });

  test("the next run hears of what the first one did, and transfers nothing", { timeout: TIMEOUT_MS }, async () => {
    tell(`${title}, second run`, await scene.job.syncNothing());
  });

  test("a run with nothing changed asks for no more than a listing", { timeout: TIMEOUT_MS }, async () => {
    tell(`${title}, nothing changed`, await scene.job.syncNothing());
    expect(await account().requestCounts()).toEqual(account().listingOf(await scene.here.read()));
  });

  test("of one per cent changed, only that travels", { timeout: TIMEOUT_MS }, async () => {
    const { bytes } = await expectChangesTravel(scene, title);
    const sent = (await account().requests()).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    tellRequests(title, await account().requestCounts());
    expect(sent, "with the arguments of the requests, some of it as base64").toBeLessThan(1.4 * bytes + 200_000);
  });

  test(
    `a folder of ${String(effort.renamedFiles)} files renamed here is renamed there with few requests`,
    { timeout: TIMEOUT_MS },
    async () => {
      await expectRenamedThere(scene, title);
      await expectFewRequests(account(), scene);
    },
  );

  test("and one renamed there is renamed here", { timeout: TIMEOUT_MS }, async () => {
    await expectRenamedHere(scene, title);
    await expectFewRequests(account(), scene);
  });
});

async function expectAllBrought({ here, there, job }: Scene, title: string): Promise<void> {
  const finished = await job.syncWell();
  const standing = await here.read();
  const files = filesIn(standing).length;
  expect(files).toBeGreaterThan(Math.min(10_000, effort.realFiles));
  expect(finished.summary.uploaded + finished.summary.unchanged).toBe(files);
  expect(finished.summary).toMatchObject({ downloaded: 0, conflicts: 0, failed: 0, skipped: 0 });
  // By the path: services list in an order of their own.
  expect(new Map(await there.read())).toEqual(new Map(standing));
  tell(`${title}, first run`, finished);
}

async function expectChangesTravel({ local, job }: Scene, title: string): Promise<{ readonly bytes: number }> {
  const changed = await changeOnePerCent(local);
  const finished = await job.syncWell();
  const { count, bytes } = changed;
  expect(finished.summary).toMatchObject({ uploaded: count, bytesUp: bytes, downloaded: 0, bytesDown: 0 });
  tell(`${title}, 1 % changed`, finished);
  return changed;
}

async function expectRenamedThere({ local, here, there, job }: Scene, title: string): Promise<void> {
  await rename(join(local, "vendor"), join(local, "third party"));
  const finished = await job.syncWell();
  expect(finished.summary).toMatchObject({ movedRemote: 1, uploaded: 0, bytesUp: 0, deletedRemote: 0 });
  expect(new Map(await there.read())).toEqual(new Map(await here.read()));
  tell(`${title}, renamed here`, finished);
}

async function expectRenamedHere({ here, there, job }: Scene, title: string): Promise<void> {
  await there.move("third party", "vendor");
  const finished = await job.syncWell();
  expect(finished.summary).toMatchObject({ movedLocal: 1, downloaded: 0, bytesDown: 0, deletedLocal: 0 });
  expect(new Map(await there.read())).toEqual(new Map(await here.read()));
  tell(`${title}, renamed there`, finished);
}

async function expectFewRequests(account: CloudAccount, { here }: Scene): Promise<void> {
  const counts = await account.requestCounts();
  const listing = account.listingOf(await here.read());
  expect(total(counts) - total(listing), JSON.stringify(counts)).toBeLessThanOrEqual(MOST_FOR_RENAMING);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Some packages, in a folder that can be renamed others with over a thousand files, and the links between them. */
async function copyPackages(target: string): Promise<void> {
  const packages = await packagesByShape();
  const vendor = firstWith(packages, effort.renamedFiles);
  const others = firstWith(packages.slice(Number.isFinite(effort.realFiles) ? vendor.length : 0), effort.realFiles);
  for (const { name } of vendor) await cp(join(PACKAGES, name), join(target, "vendor", name), COPYING);
  for (const { name } of others) await cp(join(PACKAGES, name), join(target, "node_modules", name), COPYING);
  await cp(join(PACKAGES, ".bin"), join(target, "node_modules/.bin"), COPYING);
}

/** Tools keep caches, which change while they are copied. */
const COPYING = {
  recursive: true,
  verbatimSymlinks: true,
  preserveTimestamps: true,
  filter: (source: string) => !/\/\.(vite|cache)/.test(source),
} as const;

interface Package {
  readonly name: string;
  readonly files: number;
}

/** Those with many files in a folder come first: some services are asked for each folder. */
async function packagesByShape(): Promise<readonly Package[]> {
  const names = (await readdir(PACKAGES)).filter((name) => !name.startsWith("."));
  const measured = names.map(async (name) => {
    const entries = await readdir(join(PACKAGES, name), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).length;
    const folders = 1 + entries.filter((entry) => entry.isDirectory()).length;
    return { name, files, filesInFolder: files / folders };
  });
  return (await Promise.all(measured)).sort((a, b) => b.filesInFolder - a.filesInFolder);
}

function firstWith(packages: readonly Package[], moreFilesThan: number): readonly Package[] {
  let files = 0;
  return packages.filter(({ files: more }) => {
    if (files > moreFilesThan) return false;
    files += more;
    return true;
  });
}

async function copyOfPackages(name: string): Promise<string> {
  const local = join(directory, name);
  await cp(join(directory, "packages"), local, COPYING);
  return local;
}

/** Yandex allows 40 requests a second, and an upload takes some: nine of ten files are there before the first run. */
async function plantMost(account: CloudAccount, local: string): Promise<void> {
  const planted = (await listFiles(local)).filter((_, i) => i % 10 !== 0);
  for (let at = 0; at < planted.length; at += 200) {
    const files = planted
      .slice(at, at + 200)
      .map(async (path) => [`/Packages/${path}`, await readFile(join(local, path))] as const);
    await account.writeMany(Object.fromEntries(await Promise.all(files)));
  }
}

/** Paths below the folder, without what trisync keeps there for itself. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(folder, file)).filter((path) => !path.startsWith(".trisync"));
}

/** Every hundredth file gets a line more. */
async function changeOnePerCent(local: string): Promise<{ readonly count: number; readonly bytes: number }> {
  const changed = (await listFiles(local)).filter((_, i) => i % 100 === 50);
  let bytes = 0;
  for (const path of changed) {
    await appendFile(join(local, path), "\none line more\n");
    bytes += (await lstat(join(local, path))).size;
  }
  return { count: changed.length, bytes };
}

function filesIn(standing: Standing): readonly string[] {
  return [...standing].filter(([, hash]) => hash !== null).map(([path]) => path);
}

function tell(what: string, { summary }: Finished): void {
  const { uploaded, downloaded, bytesUp, bytesDown, requests, seconds } = summary;
  console.info(`${what}: ${JSON.stringify({ uploaded, downloaded, bytesUp, bytesDown, requests, seconds })}`);
}

function tellRequests(what: string, counts: Readonly<Record<string, number>>): void {
  console.info(`${what}: ${JSON.stringify(counts)}`);
}
