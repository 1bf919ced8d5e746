import { readFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { acquireLock } from "../../lib/state/lock.js";
import type { Ran, RunOptions } from "./executable.js";
import { inTemporaryDirectory, trisync } from "./executable.js";
import { expectEnd, withFolderJob } from "./folder-job.js";

/** Texts that only these packages hold, and that bundling leaves as they are. */
const MARKS = {
  got: "sindresorhus/got",
  zod: "ZodError",
  "fast-glob": "Patterns must be a string (non empty) or an array of strings",
};

test.each(["--version", "--help"])("%s loads none of the large packages", async (option) => {
  await inTemporaryDirectory(async (directory) => {
    const { code, packages } = await watchLoading(directory, (options) => trisync([option], options));
    expect(code).toBe(0);
    expect(packages).toEqual([]);
  });
});

test("a run that finds the job at work loads none of them, one that may go on loads those it needs", async () => {
  await withFolderJob({ "a.txt": "1" }, async ({ directory, state, job }) => {
    const [id = ""] = await readdir(join(state, "jobs"));
    const lock = acquireLock(join(state, "jobs", id), { pid: process.pid, startedMs: 0 });
    if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy}`);
    const refused = await watchLoading(directory, (options) => job.run("sync", [], options));
    expectEnd(refused, 11, [/nothing was done/]);
    expect(refused.packages).toEqual([]);
    lock.release();
    const done = await watchLoading(directory, (options) => job.run("sync", [], options));
    expectEnd(done, 0, []);
    expect(done.packages).toContain("fast-glob");
  });
});

test("a run with a service loads what it asks it with", async () => {
  await inTemporaryDirectory(async (directory) => {
    const env = { DROPBOX_ACCESS_TOKEN: "token", DROPBOX_API_URL: "http://127.0.0.1:9" };
    const args = ["plan", directory, "dropbox:/Folder", "--state", join(directory, "state"), "--max-duration", "1s"];
    const { packages } = await watchLoading(directory, (options) =>
      trisync(args, { ...options, env: { ...env, ...options.env } }),
    );
    expect(packages).toEqual(expect.arrayContaining(["got", "zod"]));
  });
});

type Watched = Ran & { readonly packages: readonly string[] };

/** Runs the executable with a hook that writes down every module as it is loaded. */
async function watchLoading(
  directory: string,
  run: (options: RunOptions & { readonly env: Readonly<Record<string, string>> }) => Promise<Ran>,
): Promise<Watched> {
  const list = join(directory, "loaded.txt");
  const hook = `import fs from "node:fs";
    fs.writeFileSync(${JSON.stringify(list)}, "");
    export const load = (url, context, next) => {
      fs.appendFileSync(${JSON.stringify(list)}, url + "\\n");
      return next(url, context);
    };`;
  const preload = `import { register } from "node:module"; register(${JSON.stringify(toUrl(hook))});`;
  const ran = await run({ env: { NODE_OPTIONS: `--import=${toUrl(preload)}` } });
  const files = (await readFile(list, "utf8")).split("\n").filter((url) => url.startsWith("file:"));
  const texts = files.map((url) => readFileSync(fileURLToPath(url), "utf8"));
  expect(texts.length, "the hook has seen modules").toBeGreaterThan(0);
  const packages = Object.entries(MARKS).filter(([, mark]) => texts.some((text) => text.includes(mark)));
  return { ...ran, packages: packages.map(([name]) => name) };
}

function toUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
