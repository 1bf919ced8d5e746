import { describe, expect, test } from "vitest";
import { compareKeys, toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { RunRecord } from "../../../lib/state/types.js";
import type { BaseFile, LocalEntry } from "../../../lib/model/entry.js";
import * as build from "../../support/report-builders.js";
import {
  agree,
  baseFile,
  baseFolder,
  deleteRemote,
  download,
  fullPage,
  hashOf,
  key,
  keysOf,
  listed,
  localFile,
  localFolder,
  mirrored,
  openState,
  openSync,
  pages,
  plan,
  remoteFile,
  tempDir,
  upload,
} from "./builders.js";

/** Names whose order differs between UTF-16 units and code points, and names with the characters that keys are built from. */
const NAMES = [
  "a",
  "a b",
  "a-b",
  "a/b",
  "a/b/c",
  "a\u0001b",
  "a\u0002b",
  "a\u0002/b",
  "a\u0001",
  "\u{1F600}",
  "\u{1F600}/x",
  "\uE000",
  "\uFFFD",
  "\uFF5E/y",
  "\u{10FFFF}\u{10FFFF}",
  "é",
  "я",
  "Z",
].map((name) => name.normalize("NFC"));

const IN_ORDER = [...NAMES].sort((a, b) => compareKeys(key(a), key(b)));

describe("rows", () => {
  test("come in code-point order of their keys, in all three tables", async () => {
    const state = openState();
    for (const name of NAMES) state.scan.add(key(name), localFile(name));
    agree(state, ...NAMES.map((name) => baseFile(name)));
    await state.mirror.take(
      pages(
        fullPage(
          NAMES.map((name) => listed(remoteFile(name))),
          "c",
        ),
      ),
      false,
    );
    const expected = IN_ORDER.map((name) => key(name));
    expect([...state.scan.rows()].map((row) => row.key)).toEqual(expected);
    expect([...state.base.rows()].map((row) => row.key)).toEqual(expected);
    expect([...state.mirror.rows()].map((row) => row.key)).toEqual(expected);
    expect([...state.scan.rows()].map((row) => row.entry.path)).toEqual(IN_ORDER);
    expect([...state.base.rows()].map((row) => row.entry.path)).toEqual(IN_ORDER);
    expect([...state.mirror.rows()].map((row) => row.entry.path)).toEqual(IN_ORDER);
  });

  test("of a range are those from its start up to, not including, its end", () => {
    const state = openState();
    agree(state, ...["a", "a/b", "a-b", "b"].map((name) => baseFile(name)));
    expect(keysOf(state.base.rows({ from: key("a"), to: key("a-b") }))).toEqual(["a", "a/b"]);
    expect(keysOf(state.base.rows({ from: undefined, to: key("a/b") }))).toEqual(["a"]);
    expect(keysOf(state.base.rows({ from: key("a-b"), to: undefined }))).toEqual(["a-b", "b"]);
  });

  test("are read in pages without a gap or a repetition, also where several paths share a key", () => {
    const state = openState();
    const paths = Array.from({ length: 2_500 }, (_, i) => `d/${String(i).padStart(5, "0")}`);
    for (const path of paths) {
      state.scan.add(toPathKey(toSyncPath(path), true), localFile(path));
      state.scan.add(toPathKey(toSyncPath(path), true), localFile(path.toUpperCase()));
    }
    const read = [...state.scan.rows()].map((row) => row.entry.path);
    expect(read).toHaveLength(5_000);
    expect(new Set(read)).toEqual(new Set([...paths, ...paths.map((path) => path.toUpperCase())]));
    expect(state.scan.countFiles()).toBe(5_000);
  });

  test("may be read while other tables are written, and by several readers at once", () => {
    const state = openState();
    const paths = Array.from({ length: 3_000 }, (_, i) => `f${String(i).padStart(5, "0")}`);
    agree(state, ...paths.map((path) => baseFile(path)));
    const seen: string[] = [];
    const other = state.base.rows()[Symbol.iterator]();
    for (const row of state.base.rows()) {
      expect(other.next()).toEqual({ done: false, value: row });
      state.scan.add(row.key, localFile(row.entry.path));
      state.hashes.put(key(`other/${row.entry.path}`), "stamp", hashOf("1"));
      plan(state, upload(row.entry.path));
      if (seen.length % 500 === 0) state.memory.set("at", row.key);
      seen.push(row.entry.path);
    }
    expect(seen).toEqual(paths);
    expect(state.scan.countFiles()).toBe(3_000);
    let steps = 0;
    for (const step of state.plan.steps(1)) {
      state.settle([{ kind: "forgotten", key: step.key, mirrorToo: false }]);
      state.plan.remove(step.sequence);
      steps++;
    }
    expect(steps).toBe(3_000);
    expect(state.base.countFiles()).toBe(0);
    expect(state.plan.count(["upload"])).toBe(0);
  });
});

describe("entries", () => {
  const extremes: readonly BaseFile[] = [
    { ...baseFile("big", { size: Number.MAX_SAFE_INTEGER }), placed: "remote" },
    { ...baseFile("altered"), remote: { ...baseFile("x").remote, hash: hashOf("other"), sizeBytes: 0 } },
    {
      ...baseFile("sparse"),
      remote: { ...baseFile("x").remote, id: undefined, version: undefined, modifiedMs: undefined, hash: undefined },
    },
    {
      ...baseFile("times"),
      local: { ...baseFile("x").local, modifiedMs: -1.25 },
      remote: { ...baseFile("x").remote, modifiedMs: 8.64e15 },
    },
    { ...baseFile("Name"), remotePath: toSyncPath("nAME"), placed: "local" },
    { ...baseFile("far"), remote: { ...baseFile("x").remote, modifiedMs: 1e17 } },
  ];

  test.each(extremes)("of the base come back as they were: $path", (entry) => {
    const state = openState();
    agree(state, entry);
    expect(state.base.get(key(entry.path))).toStrictEqual(entry);
    expect([...state.base.rows()]).toStrictEqual([{ key: key(entry.path), entry }]);
  });

  test("of folders likewise, and they do not count as files", () => {
    const state = openState();
    const folder = { ...baseFolder("f"), remoteId: undefined };
    agree(state, folder);
    expect(state.base.get(key("f"))).toStrictEqual(folder);
    expect(state.base.get(key("g"))).toBeUndefined();
    expect(state.base.countFiles()).toBe(0);
  });

  test("of the scan come back as they were; clear empties it", () => {
    const state = openState();
    const entries: readonly LocalEntry[] = [
      localFile("file", { size: 2 ** 53 - 1, stamp: "" }),
      localFolder("folder"),
      { kind: "special", path: toSyncPath("link"), type: "symbolic link" },
      { kind: "special", path: toSyncPath("pipe"), type: "pipe" },
    ];
    for (const entry of entries) state.scan.add(key(entry.path), entry);
    for (const entry of entries) expect(state.scan.get(key(entry.path))).toStrictEqual(entry);
    state.scan.clear();
    expect([...state.scan.rows()]).toEqual([]);
  });

  test("keep a path that its folded key does not tell", () => {
    const state = openState();
    const path = toSyncPath("Straße/ÀÉ.TXT");
    const folded = toPathKey(path, true);
    state.scan.add(folded, localFile(path));
    expect(state.scan.get(folded)?.path).toBe(path);
  });
});

describe("the plan", () => {
  test("gives its steps by key, backwards where asked, with what the base knew", () => {
    const state = openState();
    const was = baseFile("b");
    state.plan.add(2, key("b"), deleteRemote("b"), was);
    for (const path of ["c", "a/x", "a"]) state.plan.add(1, key(path), upload(path), undefined);
    state.plan.add(1, key("a"), download("a"), undefined);
    expect(keysOf(state.plan.steps(1))).toEqual(["a", "a", "a/x", "c"]);
    expect(keysOf(state.plan.steps(1, "descending"))).toEqual(["c", "a/x", "a", "a"]);
    expect([...state.plan.steps(2)]).toEqual([
      { sequence: 1, stage: 2, key: key("b"), action: deleteRemote("b"), was },
    ]);
    expect(state.plan.get(key("a")).map(({ action }) => action.kind)).toEqual(["upload", "download"]);
    expect(state.plan.count(["upload", "download"])).toBe(4);
    state.plan.remove(state.plan.get(key("a"))[0]?.sequence ?? 0);
    state.plan.remove(4_711);
    expect(state.plan.get(key("a")).map(({ action }) => action.kind)).toEqual(["download"]);
    expect(state.plan.count(["upload"])).toBe(2);
    state.plan.clear();
    expect([...state.plan.steps(1), ...state.plan.steps(2)]).toEqual([]);
    expect(state.plan.count(["upload", "download", "delete-remote"])).toBe(0);
  });

  test("is read in pages in both directions, several steps of one key included", () => {
    const state = openState();
    for (let i = 0; i < 2_200; i++)
      state.plan.add(1, key(`k${String(i % 1_100).padStart(4, "0")}`), upload("x"), undefined);
    const up = [...state.plan.steps(1)].map(({ sequence }) => sequence);
    expect(new Set(up).size).toBe(2_200);
    expect([...state.plan.steps(1, "descending")].map(({ sequence }) => sequence)).toEqual(up.reverse());
  });
});

describe("what survives", () => {
  const totals = build.totals({ uploaded: 1, bytesUp: 2 ** 40 });

  test("a run: facts, memory, base, hashes and history; the scan and the plan do not", () => {
    const dir = tempDir();
    const first = openSync(dir).state;
    first.facts.set("local-root", '"1:2"');
    first.memory.set("session/1", "one");
    first.memory.set("session/2", "two");
    first.memory.set("sessioo", "three");
    first.memory.set("session/2", undefined);
    first.hashes.put(key("new"), "s1", hashOf("n"));
    first.hashes.put(key("racy"), "", hashOf("n"));
    first.scan.add(key("a"), localFile("a"));
    plan(first, upload("a"));
    agree(first, baseFile("a"));
    first.runs.begin({ id: "1", startedMs: 10 });
    first.close();

    const second = openSync(dir);
    expect(second.notices).toEqual([]);
    const { state } = second;
    expect(state.facts.get("local-root")).toBe('"1:2"');
    expect(state.memory.get("session/1")).toBe("one");
    expect(state.memory.entries("session/")).toEqual([["session/1", "one"]]);
    expect(state.hashes.get(key("new"), "s1")).toBe(hashOf("n"));
    expect(state.hashes.get(key("new"), "s2")).toBeUndefined();
    expect(state.hashes.get(key("racy"), "")).toBeUndefined();
    expect(keysOf(state.base.rows())).toEqual(["a"]);
    expect(state.runs.latest(5).map(({ id, finishedMs }) => [id, finishedMs])).toEqual([["1", undefined]]);
    expect([...state.scan.rows()]).toEqual([]);
    expect([...state.plan.steps(1)]).toEqual([]);
    state.close();
  });

  test("the generation grows once per run that changed the base", () => {
    const dir = tempDir();
    for (const expected of [undefined, "1", "2"]) {
      const { state } = openSync(dir);
      expect(state.facts.get("generation")).toBe(expected);
      state.settle([]);
      expect(state.facts.get("generation")).toBe(expected);
      agree(state, baseFile("a"));
      agree(state, baseFile("b"));
      state.close();
    }
    const { state } = openSync(dir);
    expect(state.facts.get("generation")).toBe("3");
    state.close();
  });

  test("the newest 1,000 runs", () => {
    const state = openState();
    const id = (i: number) => String(i).padStart(5, "0");
    for (let i = 0; i < 1_003; i++) state.runs.begin({ id: id(i), startedMs: i });
    const run: RunRecord = {
      id: id(1_002),
      startedMs: 1_002,
      finishedMs: 2_000,
      exitCode: 0,
      totals,
      message: undefined,
    };
    state.runs.finish(run);
    const all = state.runs.latest(5_000);
    expect(all).toHaveLength(1_000);
    expect(all[0]).toStrictEqual(run);
    expect(all.at(-1)?.id).toBe(id(3));
    expect(state.runs.latest(2).map((record) => record.id)).toEqual([id(1_002), id(1_001)]);
  });

  test("the latest success, however long ago it was", () => {
    const state = openState();
    const run: RunRecord = { id: "0", startedMs: 0, finishedMs: 1, exitCode: 0, totals, message: undefined };
    state.runs.begin({ id: "0", startedMs: 0 });
    state.runs.finish(run);
    for (let i = 1; i < 1_100; i++) state.runs.begin({ id: String(i).padStart(5, "0"), startedMs: i });
    const all = state.runs.latest(5_000);
    expect(all).toHaveLength(1_001);
    expect(all.at(-1)).toStrictEqual(run);
  });

  test("hashes, but not of files that a complete run did not find", () => {
    const state = openState();
    state.hashes.put(key("there"), "s", hashOf("1"));
    state.hashes.put(key("gone"), "s", hashOf("2"));
    state.hashes.put(key("agreed"), "s", hashOf("3"));
    state.scan.add(key("there"), localFile("there"));
    agree(state, baseFile("agreed"));
    expect(state.hashes.get(key("agreed"), "s")).toBeUndefined();
    state.runs.finish({ id: "1", startedMs: 1, finishedMs: 2, exitCode: 3, totals, message: "x" });
    expect(state.hashes.get(key("gone"), "s")).toBe(hashOf("2"));
    state.runs.finish({ id: "1", startedMs: 1, finishedMs: 2, exitCode: 0, totals, message: undefined });
    expect(state.hashes.get(key("gone"), "s")).toBeUndefined();
    expect(state.hashes.get(key("there"), "s")).toBe(hashOf("1"));
  });

  test("nothing of base and mirror once everything is forgotten", async () => {
    const state = openState();
    await state.mirror.take(pages(fullPage([listed(remoteFile("a"))], "cursor")), false);
    agree(state, baseFile("a"));
    state.memory.set("account", "x");
    expect(state.facts.get("cursor")).toBe("cursor");
    state.forgetEverything();
    expect([...state.base.rows()]).toEqual([]);
    expect(mirrored(state)).toEqual([]);
    expect(state.mirror.isEmpty()).toBe(true);
    expect(state.facts.get("cursor")).toBeUndefined();
    expect(state.memory.get("account")).toBe("x");
  });
});
