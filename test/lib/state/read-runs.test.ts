import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LocalError } from "../../../lib/model/errors.js";
import { readRuns } from "../../../lib/state/read-runs.js";
import { agree, baseFile, openSync, tempDir } from "./builders.js";
import { buildChild, outputOf, startChild } from "./children/build.js";

const FILE = "state.sqlite";

function contentOf(dir: string): string[] {
  return readdirSync(dir).map(
    (name) => `${name} ${statSync(join(dir, name)).mtimeMs} ${readFileSync(join(dir, name)).toString("hex")}`,
  );
}

/** Made by a process of its own, which has ended. */
async function atRest(): Promise<string> {
  const dir = join(tempDir(), "job # ? %41");
  const built = await buildChild("one-run", tempDir());
  expect(await outputOf(startChild(built, dir))).toMatchObject({ code: 0, err: "" });
  return dir;
}

test("the history is read without a change to any file", async () => {
  const dir = await atRest();
  const before = contentOf(dir);
  expect(readRuns(dir, 10).map(({ id, exitCode }) => [id, exitCode])).toEqual([
    ["2", undefined],
    ["1", 0],
  ]);
  expect(readRuns(dir, 1)).toHaveLength(1);
  expect(contentOf(dir)).toEqual(before);
  expect(readdirSync(dir)).toEqual([FILE]);
});

test("it is there while a run is at work, the run itself included", () => {
  const dir = tempDir();
  const { state } = openSync(dir);
  state.runs.begin({ id: "now", startedMs: 1 });
  expect(readRuns(dir, 10).map(({ id }) => id)).toEqual(["now"]);
  agree(state, baseFile("a"));
  state.runs.begin({ id: "later", startedMs: 2 });
  expect(readRuns(dir, 10).map(({ id }) => id)).toEqual(["later", "now"]);
  state.close();
});

test("it is there after a kill, and the log stays for the next run", () => {
  const live = tempDir();
  const { state } = openSync(live);
  state.runs.begin({ id: "killed", startedMs: 1 });
  const dir = join(tempDir(), "killed");
  mkdirSync(dir);
  for (const suffix of ["", "-wal"]) copyFileSync(join(live, FILE + suffix), join(dir, FILE + suffix));
  state.close();
  const before = contentOf(dir);
  expect(readRuns(dir, 10).map(({ id }) => id)).toEqual(["killed"]);
  expect(contentOf(dir)).toEqual(before);
});

test("no state, or an empty file, is no history", () => {
  const dir = tempDir();
  expect(readRuns(join(dir, "none"), 10)).toEqual([]);
  writeFileSync(join(dir, FILE), "");
  expect(readRuns(dir, 10)).toEqual([]);
});

test("a damaged state is said to be damaged", () => {
  const dir = tempDir();
  writeFileSync(join(dir, FILE), "damaged ".repeat(1_000));
  expect(() => readRuns(dir, 10)).toThrow(LocalError);
  expect(() => readRuns(dir, 10)).toThrow(`the state in ${dir} is damaged`);
});
