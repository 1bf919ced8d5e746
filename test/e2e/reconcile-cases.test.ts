import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { main } from "../../lib/cli.js";
import type { Output } from "../../lib/config/world.js";
import { nodeFileSystem } from "../../lib/local/file-system.js";
import { plant, readTree } from "./disk-tree.js";
import type { Reading } from "./disk-tree.js";
import { effort, isTried } from "./effort.js";
import { inTemporaryDirectory, trisync } from "./executable.js";
import type { Ran } from "./executable.js";
import { ballastOf, edit, judge, parseCases, plantBase, toWanted } from "./reconcile-case.js";
import type { Places, ReconcileCase } from "./reconcile-case.js";

const CASES = parseCases(readFileSync(join(import.meta.dirname, "../fixtures/reconcile-cases.json"), "utf8"));

const MODES: Record<ReconcileCase["mode"], string> = {
  "two-way": "two-way",
  "mirror-up": "mirror",
  "mirror-down": "mirror-down",
  "copy-up": "backup",
  "copy-down": "fetch",
};

describe("cases from the test suites of other synchronizers", () => {
  test("are all here", () => {
    expect(CASES).toHaveLength(226);
  });

  const tried = CASES.map((reconcile, i) => [reconcile.id, reconcile, i] as const);
  test.concurrent.each(tried.filter(([, , i]) => isTried(i, effort.caseStride)))("%s", async (_id, reconcile, i) => {
    await inTemporaryDirectory(async (directory) => {
      const places = await runCase(reconcile, directory);
      if (isTried(i, effort.againStride)) await expectNothingMore(reconcile, places);
    });
  });
});

/** Returns where the sides are, which are as they should be after one run. */
async function runCase(reconcile: ReconcileCase, directory: string): Promise<Places> {
  const places: Places = {
    local: join(directory, "local"),
    remote: join(directory, "remote"),
    state: join(directory, "state"),
    outside: join(directory, "outside"),
  };
  for (const place of [places.local, places.remote, places.state, places.outside]) await mkdir(place);
  const outside = toWanted(reconcile.outside ?? {}, places);
  for (const [path, { node }] of outside) await plant(places.outside, path, node, 1_000_000_000);
  if (reconcile.base !== null) await agreeOnBase(reconcile, places);
  await edit(reconcile, places);

  const ran = await sync(reconcile, places);
  const seen = await look(places);
  const outcomes = [reconcile.expect, ...(reconcile.alternatives ?? [])];
  const verdicts = outcomes.map((outcome) => [
    ...judge(outcome, places, seen, ballastOf(reconcile)),
    ...judgeExit(ran, outcome.exit, (outcome.conflicts ?? []).length > 0),
  ]);
  const best = verdicts.find((wrong) => wrong.length === 0) ?? verdicts[0];
  expect(best, ran.stderr).toEqual([]);
  const { tree } = await readTree(places.outside);
  expect([...tree]).toEqual([...outside].map(([path, { node }]) => [path, node]));
  return places;
}

async function expectNothingMore(reconcile: ReconcileCase, places: Places): Promise<void> {
  const seen = await look(places);
  await sync(reconcile, places);
  const again = await look(places);
  expect(again.local, "a further run changes nothing here").toEqual(seen.local);
  expect(again.remote, "a further run changes nothing there").toEqual(seen.remote);
}

/** The base is recorded by a real run on two equal trees, which changes neither; in this process, as that is not what is tested. */
async function agreeOnBase(reconcile: ReconcileCase, places: Places): Promise<void> {
  await plantBase(reconcile, places);
  const before = await look(places);
  const ran = await syncHere(reconcile, places);
  const hasLinks = JSON.stringify(reconcile.base).includes('"link"');
  if (!hasLinks) expect(ran.code, ran.stderr).toBe(0);
  expect(await look(places)).toEqual(before);
  if (reconcile.drop_state === true) await rm(places.state, { recursive: true });
}

async function look({ local, remote }: Places): Promise<{ readonly local: Reading; readonly remote: Reading }> {
  return { local: await readTree(local), remote: await readTree(remote) };
}

function sync(reconcile: ReconcileCase, places: Places): Promise<Ran> {
  return trisync(toArguments(reconcile, places));
}

async function syncHere(reconcile: ReconcileCase, places: Places): Promise<Pick<Ran, "code" | "stderr">> {
  let stderr = "";
  const createOutput = (write: Output["write"]): Output => ({ write, isTerminal: false, stream: new PassThrough() });
  const code = await main(toArguments(reconcile, places), {
    env: {},
    cwd: os.tmpdir(),
    now: Date.now,
    hostname: os.hostname(),
    platform: process.platform,
    files: nodeFileSystem,
    homedir: os.tmpdir(),
    pid: process.pid,
    stdin: { isTerminal: false, readLine: async () => undefined, stream: new PassThrough() },
    stdout: createOutput(() => undefined),
    stderr: createOutput((text) => (stderr += text)),
    signal: new AbortController().signal,
  });
  return { code, stderr };
}

function toArguments({ mode }: ReconcileCase, { local, remote, state }: Places): readonly string[] {
  return ["sync", local, `folder:${remote}`, "--state", state, "--mode", MODES[mode]];
}

function judgeExit({ code, signal }: Ran, rule: "any" | "nonzero" | undefined, hasConflict: boolean): string[] {
  if (code === null || signal !== null || code === 1 || code >= 126) return [`ended with ${String(code ?? signal)}`];
  if (rule === "any") return [];
  const isFine = rule === "nonzero" ? code !== 0 : code === 0 || (hasConflict && code === 3);
  return isFine ? [] : [`exit code ${String(code)}`];
}
