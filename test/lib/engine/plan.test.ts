import { describe, expect, test } from "vitest";
import type { Mode } from "../../../lib/model/mode.js";
import { planWorld } from "./worlds.js";
import type { PlanSettings, Tree } from "./worlds.js";

interface Case {
  readonly title: string;
  readonly base?: Tree;
  readonly local: Tree;
  readonly remote: Tree;
  readonly expected: readonly string[];
  readonly settings?: PlanSettings;
}

const TWO_WAY: readonly Case[] = [
  { title: "nothing anywhere", local: {}, remote: {}, expected: [] },
  { title: "created locally", local: { a: "1" }, remote: {}, expected: ["upload a"] },
  { title: "created remotely", local: {}, remote: { a: "1" }, expected: ["download a"] },
  { title: "created on both, the same", local: { a: "1" }, remote: { a: "1" }, expected: ["record a"] },
  { title: "created on both, different sizes", local: { a: "1" }, remote: { a: "22" }, expected: ["conflict a"] },
  { title: "created on both, same size, other bytes", local: { a: "1" }, remote: { a: "2" }, expected: ["conflict a"] },
  { title: "in step", base: { a: "1" }, local: { a: "1" }, remote: { a: "1" }, expected: [] },
  { title: "edited locally", base: { a: "1" }, local: { a: "2" }, remote: { a: "1" }, expected: ["upload a"] },
  { title: "edited remotely", base: { a: "1" }, local: { a: "1" }, remote: { a: "2" }, expected: ["download a"] },
  {
    title: "edited on both, the same",
    base: { a: "1" },
    local: { a: "2" },
    remote: { a: "2" },
    expected: ["record a"],
  },
  {
    title: "edited on both, different",
    base: { a: "1" },
    local: { a: "2" },
    remote: { a: "3" },
    expected: ["conflict a"],
  },
  { title: "deleted locally", base: { a: "1" }, local: {}, remote: { a: "1" }, expected: ["delete-remote a"] },
  { title: "deleted remotely", base: { a: "1" }, local: { a: "1" }, remote: {}, expected: ["delete-local a"] },
  { title: "deleted on both", base: { a: "1" }, local: {}, remote: {}, expected: ["forget a"] },
  {
    title: "deleted remotely, edited locally: the edit wins",
    base: { a: "1" },
    local: { a: "2" },
    remote: {},
    expected: ["upload a"],
  },
  {
    title: "deleted locally, edited remotely: the edit wins",
    base: { a: "1" },
    local: {},
    remote: { a: "2" },
    expected: ["download a"],
  },
  { title: "an empty folder appears", local: { "d/": "" }, remote: {}, expected: ["create-folder-remote d"] },
  {
    title: "a folder with a file appears",
    local: {},
    remote: { "d/a": "1" },
    expected: ["create-folder-local d", "download d/a"],
  },
  {
    title: "a folder goes with all in it",
    base: { "d/a": "1" },
    local: {},
    remote: { "d/a": "1" },
    expected: ["delete-remote d/a", "delete-remote d"],
  },
  {
    title: "a folder stays for what survives in it",
    base: { "d/a": "1", "d/b": "1" },
    local: {},
    remote: { "d/a": "2", "d/b": "1" },
    expected: ["create-folder-local d", "download d/a", "delete-remote d/b"],
  },
  {
    title: "a folder emptied on one side stays",
    base: { "d/a": "1" },
    local: { "d/": "" },
    remote: { "d/a": "1" },
    expected: ["delete-remote d/a"],
  },
  {
    title: "a file becomes a folder",
    base: { x: "1" },
    local: { "x/y": "2" },
    remote: { x: "1" },
    expected: ["delete-remote x", "create-folder-remote x", "upload x/y"],
  },
  {
    title: "a folder becomes a file",
    base: { "x/y": "1" },
    local: { x: "22" },
    remote: { "x/y": "1" },
    expected: ["delete-remote x", "delete-remote x/y", "upload x"].sort((a, b) => b.length - a.length),
  },
  {
    title: "a file here, a folder there: the file gives way",
    local: { x: "1" },
    remote: { "x/y": "2" },
    expected: ["conflict x", "create-folder-local x", "download x/y"],
  },
];

describe("two-way", () => {
  for (const { title, base, local, remote, expected, settings } of TWO_WAY) {
    test(title, async () => {
      const { words } = await planWorld({ base, local, remote }, settings);
      expect([...words].sort()).toEqual([...expected].sort());
    });
    test(`${title}, when contents have to be asked for`, async () => {
      const { words } = await planWorld({ base, local, remote }, { ...settings, blind: true });
      expect(words.filter((word) => !word.startsWith("record")).sort()).toEqual(
        expected.filter((word) => !word.startsWith("record")).sort(),
      );
    });
  }

  test("mirrors itself when the sides are exchanged", async () => {
    for (const { base, local, remote } of TWO_WAY) {
      const there = await planWorld({ base, local, remote });
      const back = await planWorld({ base, local: remote, remote: local });
      expect(back.words.map(exchange).sort()).toEqual([...there.words].sort());
    }
  });
});

function exchange(words: string): string {
  const pairs: Record<string, string> = {
    upload: "download",
    download: "upload",
    "delete-local": "delete-remote",
    "delete-remote": "delete-local",
    "create-folder-local": "create-folder-remote",
    "create-folder-remote": "create-folder-local",
  };
  const [kind = "", ...rest] = words.split(" ");
  return [pairs[kind] ?? kind, ...rest].join(" ");
}

/** One row a mode; columns: what happened to a file that the base knows, local then remote. */
const MODES: Record<Exclude<Mode, "two-way">, Record<string, string>> = {
  backup: {
    "==": "",
    "=m": "",
    "=d": "upload a",
    "m=": "upload a",
    mm: "upload a",
    md: "upload a",
    "d=": "",
    dm: "",
    dd: "forget a",
    "+-": "upload a",
    "-+": "",
    "++": "upload a",
  },
  fetch: {
    "==": "",
    "m=": "",
    "d=": "download a",
    "=m": "download a",
    mm: "download a",
    dm: "download a",
    "=d": "",
    md: "",
    dd: "forget a",
    "+-": "",
    "-+": "download a",
    "++": "download a",
  },
  mirror: {
    "==": "",
    "=m": "upload a",
    "=d": "upload a",
    "m=": "upload a",
    mm: "upload a",
    md: "upload a",
    "d=": "delete-remote a",
    dm: "delete-remote a",
    dd: "forget a",
    "+-": "upload a",
    "-+": "delete-remote a",
    "++": "upload a",
  },
  "mirror-down": {
    "==": "",
    "m=": "download a",
    "d=": "download a",
    "=m": "download a",
    mm: "download a",
    dm: "download a",
    "=d": "delete-local a",
    md: "delete-local a",
    dd: "forget a",
    "+-": "delete-local a",
    "-+": "download a",
    "++": "download a",
  },
  outbox: {
    "==": "upload a",
    "m=": "conflict a",
    "d=": "forget a",
    "+-": "upload a",
    "-+": "",
    "++": "conflict a",
    "=d": "upload a",
  },
};

const STATES: Record<string, { base: Tree; side: Tree }> = {
  "=": { base: { a: "1" }, side: { a: "1" } },
  m: { base: { a: "1" }, side: { a: "22" } },
  d: { base: { a: "1" }, side: {} },
  "-": { base: {}, side: {} },
  "+": { base: {}, side: { a: "333" } },
};

describe.each(Object.entries(MODES))("%s", (mode, rows) => {
  for (const [state, expected] of Object.entries(rows)) {
    test(`${state}: ${expected || "nothing"}`, async () => {
      const local = STATES[state[0] ?? ""];
      const remote = STATES[state[1] ?? ""];
      if (local === undefined || remote === undefined) throw new Error("no such state");
      // Both changed, to different bytes.
      const there = state === "mm" || state === "++" ? { a: "4444" } : remote.side;
      const { words } = await planWorld({ base: local.base, local: local.side, remote: there }, { mode: toMode(mode) });
      expect(words.join(", ")).toBe(expected);
    });
  }
});

function toMode(text: string): Mode {
  for (const mode of ["two-way", "backup", "fetch", "mirror", "mirror-down", "outbox"] as const)
    if (mode === text) return mode;
  throw new Error(text);
}

describe("what this job put on the target and is gone from there stays gone", () => {
  test("backup", async () => {
    const world = { base: { a: "1" }, local: { a: "1" }, remote: {} };
    expect((await planWorld(world, { mode: "backup", placed: "remote" })).words).toEqual([]);
    expect((await planWorld(world, { mode: "backup", placed: "neither" })).words).toEqual(["upload a"]);
  });
  test("fetch", async () => {
    const world = { base: { a: "1" }, local: {}, remote: { a: "1" } };
    expect((await planWorld(world, { mode: "fetch", placed: "local" })).words).toEqual([]);
    expect((await planWorld(world, { mode: "fetch", placed: "neither" })).words).toEqual(["download a"]);
  });
});

describe("unknown is not absent", () => {
  test("an unreadable folder keeps all in it", async () => {
    const world = {
      base: { "d/a": "1", "d/e/b": "1", k: "1" },
      local: { "d/": "", k: "2" },
      remote: { "d/a": "2", "d/e/b": "1", k: "1" },
    };
    expect((await planWorld(world, { unknownLocal: ["d"] })).words).toEqual(["upload k"]);
  });
  test("what is unknown remotely is neither deleted nor uploaded", async () => {
    const world = { base: { a: "1", b: "1" }, local: { a: "2", b: "1" }, remote: {} };
    expect((await planWorld(world, { unknownRemote: ["a", "b"] })).words).toEqual([]);
  });
});

describe("ignored paths", () => {
  test("are forgotten, never deleted", async () => {
    const world = { base: { a: "1", b: "1" }, local: { b: "1" }, remote: { a: "1", b: "1" } };
    expect((await planWorld(world, { ignored: ["a"] })).words).toEqual(["forget a"]);
  });
  test("keep the folder they are in", async () => {
    const world = { base: { "d/a": "1" }, local: {}, remote: { "d/a": "1", "d/skip": "2" } };
    const { words } = await planWorld(world, { ignored: ["d/skip"] });
    expect(words).not.toContain("delete-remote d");
    expect(words).toContain("delete-remote d/a");
  });
});

describe("names", () => {
  test("two spellings of one name: the one the base knows is synchronised, the other reported", async () => {
    const world = { base: { b: "1" }, local: { B: "2", b: "1" }, remote: { b: "1" } };
    const { words, problems } = await planWorld(world, { foldCase: true });
    expect(words).toEqual([]);
    expect(problems).toMatchObject([{ code: "clash", path: "B" }]);
  });
  test("what is in the folder that lost a clash is left alone", async () => {
    const world = { base: { "d/a": "1" }, local: { "D/a": "2", "D/c": "3", "d/a": "1" }, remote: { "d/a": "1" } };
    const { words, problems } = await planWorld(world, { foldCase: true });
    expect(words).toEqual([]);
    expect(problems).toMatchObject([{ code: "clash", path: "D" }]);
  });
  test("a rename of case alone makes the other side follow", async () => {
    const world = { base: { a: "1" }, local: { A: "1" }, remote: { a: "1" } };
    expect((await planWorld(world, { foldCase: true })).words).toEqual(["move-remote a -> A"]);
    const back = { base: { a: "1" }, local: { a: "1" }, remote: { A: "1" } };
    expect((await planWorld(back, { foldCase: true })).words).toEqual(["move-local a -> A"]);
  });
  test("a new local file goes into the folder as the other side spells it", async () => {
    const world = { base: { "Docs/a": "1" }, local: { "docs/a": "1", "docs/n": "2" }, remote: { "Docs/a": "1" } };
    const { words } = await planWorld(world, { foldCase: true });
    expect(words).toContain("upload Docs/n");
  });
  test("a name the service refuses is planned as refused", async () => {
    const { steps } = await planWorld({ local: { "bad:": "1" }, remote: {} }, { refused: ["bad:"] });
    expect(steps).toMatchObject([{ stage: 11, action: { kind: "upload", path: "bad:" } }]);
  });
});

test("a content is asked for only when the answer matters", async () => {
  const same = { a: "1", b: "22", c: "333" };
  expect((await planWorld({ base: same, local: same, remote: same })).asked).toBe(0);
  expect((await planWorld({ local: same, remote: {} })).asked).toBe(0);
  expect((await planWorld({ base: same, local: { ...same, a: "4444" }, remote: same })).asked).toBe(0);
  expect((await planWorld({ local: same, remote: same })).asked).toBe(3);
});
