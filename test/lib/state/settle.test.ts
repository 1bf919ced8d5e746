import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BaseEntry, RemoteEntry } from "../../../lib/model/entry.js";
import { isKeyBelow, rebaseKey, toPathKey, toSyncPath } from "../../../lib/model/path.js";
import type { PathKey } from "../../../lib/model/path.js";
import type { JobState, Settlement } from "../../../lib/state/types.js";
import {
  agree,
  baseFile,
  baseFolder,
  changesPage,
  fullPage,
  gone,
  key,
  keysOf,
  listed,
  mirrored,
  openAgreed,
  openState,
  pages,
  remoteFile,
  remoteFolder,
} from "./builders.js";

function place(path: string) {
  return { key: key(path), path: toSyncPath(path) };
}

function moved(from: string, to: string, mirrorToo = true): Settlement {
  return { kind: "moved", from: place(from), to: place(to), mirrorToo };
}

describe("moved", () => {
  test("takes the whole subtree along, in base and mirror, and nothing else", async () => {
    const state = await openAgreed("a/", "a/x", "a/s/", "a/s/y", "a-b", "ab/z");
    state.settle([moved("a", "new/place")]);
    const expected = ["a-b", "ab/z", "new/place", "new/place/s", "new/place/s/y", "new/place/x"];
    expect(keysOf(state.base.rows())).toEqual(expected);
    expect(keysOf(state.mirror.rows())).toEqual(expected);
    expect(state.base.get(key("new/place/s/y"))).toStrictEqual({
      ...baseFile("a/s/y"),
      path: "new/place/s/y",
      remotePath: "new/place/s/y",
    });
    expect(state.mirror.get(key("new/place/x"))).toStrictEqual({ ...remoteFile("a/x"), path: "new/place/x" });
  });

  test("replaces what was at the target", async () => {
    const state = await openAgreed("a/", "a/x", "b/", "b/x", "b/old");
    state.settle([moved("a", "b")]);
    expect(keysOf(state.base.rows())).toEqual(["b", "b/x"]);
    expect(keysOf(state.mirror.rows())).toEqual(["b", "b/x"]);
    expect(state.base.get(key("b/x"))).toMatchObject({ remote: { id: "id of a/x" } });
  });

  test("works from inside the target, and into the same key", async () => {
    const state = await openAgreed("a/", "a/b/", "a/b/b/", "a/b/b/x", "a/c");
    state.settle([moved("a/b", "a")]);
    expect(keysOf(state.base.rows())).toEqual(["a", "a/b", "a/b/x"]);
    state.settle([moved("a", "a")]);
    expect(keysOf(state.base.rows())).toEqual(["a", "a/b", "a/b/x"]);
  });

  test("gives another spelling where case is folded, though parents are spelled in another length", () => {
    const state = openState();
    const fold = (path: string) => toPathKey(toSyncPath(path), true);
    const base = baseFile("İx/Name");
    state.settle([{ kind: "agreed", key: fold("İx/Name"), base, remote: remoteFile("İx/Name") }]);
    const from = { key: fold("İx"), path: toSyncPath("i̇x") };
    const to = { key: fold("İX"), path: toSyncPath("İX") };
    expect(from.key).toBe(to.key);
    state.settle([{ kind: "moved", from, to, mirrorToo: true }]);
    expect(state.base.get(fold("İx/Name"))?.path).toBe("İX/Name");
    expect(mirrored(state)).toEqual(["file İX/Name"]);
  });

  test("leaves the mirror alone when the remote side moved by itself, but for tombstones of the old place", async () => {
    const state = await openAgreed("a/", "a/x");
    const entries = [remoteFolder("b"), remoteFile("b/x")];
    await state.mirror.take(pages(changesPage([gone("a"), ...entries.map(listed)], "c2")), false);
    state.settle([moved("a", "b", false)]);
    expect(keysOf(state.base.rows())).toEqual(["b", "b/x"]);
    expect(mirrored(state)).toEqual(["folder b", "file b/x"]);
  });

  test("carries tombstones below the folder along when we moved the remote side", async () => {
    const state = await openAgreed("a/", "a/x", "a/y");
    await state.mirror.take(pages(changesPage([gone("a/x")], "c2")), false);
    state.settle([moved("a", "b")]);
    expect(mirrored(state)).toEqual(["folder b", "gone b/x", "file b/y"]);
  });

  test("what we moved into a folder that somebody deleted since went with it", async () => {
    const state = await openAgreed("a/", "b");
    state.settle([moved("b", "a/b")]);
    await state.mirror.take(pages(changesPage([gone("a")], "c2")), false);
    expect(mirrored(state)).toEqual(["gone a", "gone a/b"]);
  });

  test("moves 10,000 rows in little time", () => {
    const state = openState();
    for (let i = 0; i < 10; i++) {
      agree(state, ...Array.from({ length: 1_000 }, (_, j) => baseFile(`d/${i}/${j}`)));
    }
    const before = process.cpuUsage();
    state.settle([moved("d", "e")]);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
    expect(state.base.countFiles()).toBe(10_000);
    expect(state.base.get(key("e/9/999"))?.path).toBe("e/9/999");
  });
});

describe("agreed", () => {
  test("replaces the remote file under its former spelling", () => {
    const state = openState();
    const fold = toPathKey(toSyncPath("name"), true);
    const remote = (path: string) => remoteFile(path, { id: undefined });
    state.settle([{ kind: "agreed", key: fold, base: baseFile("Name"), remote: remote("Name") }]);
    state.settle([{ kind: "agreed", key: fold, base: baseFile("NAME"), remote: remote("NAME") }]);
    expect(mirrored(state)).toEqual(["file NAME"]);
  });

  test("leaves the other of two clashing names alone, and so does forgetting", async () => {
    const state = openState();
    const fold = toPathKey(toSyncPath("name"), true);
    await state.mirror.take(pages(fullPage([listed(remoteFile("Name")), listed(remoteFile("name"))], "c")), true);
    state.settle([{ kind: "agreed", key: fold, base: baseFile("Name"), remote: remoteFile("Name") }]);
    expect(mirrored(state)).toEqual(["file name", "file Name"]);
    state.settle([{ kind: "forgotten", key: fold, mirrorToo: true }]);
    expect(mirrored(state)).toEqual(["file name"]);
  });
});

describe("forgotten", () => {
  test("drops one key, not what is below it, and the mirror only where asked", async () => {
    const state = await openAgreed("a/", "a/x", "b");
    state.settle([
      { kind: "forgotten", key: key("a"), mirrorToo: false },
      { kind: "forgotten", key: key("b"), mirrorToo: true },
    ]);
    expect(keysOf(state.base.rows())).toEqual(["a/x"]);
    expect(mirrored(state)).toEqual(["folder a", "file a/x"]);
  });
});

test("a failing settlement leaves nothing of its transaction behind", () => {
  const state = openState();
  const broken: Settlement = { kind: "agreed", key: key("b"), base: baseFile("b"), remote: remoteFile("b") };
  Object.defineProperty(broken, "base", {
    get: () => {
      throw new Error("broken on the way");
    },
  });
  const good: Settlement = { kind: "agreed", key: key("a"), base: baseFile("a"), remote: remoteFile("a") };
  expect(() => {
    state.settle([good, broken]);
  }).toThrow("broken on the way");
  expect([...state.base.rows()]).toEqual([]);
  expect(state.facts.get("generation")).toBeUndefined();
  state.settle([good]);
  expect(keysOf(state.base.rows())).toEqual(["a"]);
});

const PATHS = [
  "a",
  "a/b",
  "a/b/c",
  "a/\u{1F600}",
  "a/\uFF5E",
  "b",
  "b/a",
  "b\u0001",
  "b\u0002c",
  "a-b",
  "a/b/\u0001",
].map(toSyncPath);

interface Model {
  readonly base: Map<PathKey, BaseEntry>;
  readonly mirror: Map<PathKey, RemoteEntry | "gone">;
  /** Our own renames there since the last listing. */
  own: readonly Renamed[];
}

type Renamed = Pick<Extract<Settlement, { kind: "moved" }>, "from" | "to">;

type Step =
  | { readonly kind: "settle"; readonly settlements: readonly Settlement[] }
  | { readonly kind: "changes"; readonly entries: readonly RemoteEntry[]; readonly gone: readonly string[] }
  | { readonly kind: "full"; readonly entries: readonly RemoteEntry[] };

const path = fc.constantFrom(...PATHS);
const remoteEntry: fc.Arbitrary<RemoteEntry> = fc
  .record({ path, size: fc.nat(9), isFolder: fc.boolean() })
  .map(({ path, size, isFolder }) => (isFolder ? remoteFolder(path) : remoteFile(path, { size })));
const settlement: fc.Arbitrary<Settlement> = fc.oneof(
  fc.record({ path, size: fc.nat(9), isFolder: fc.boolean() }).map(({ path, size, isFolder }): Settlement => {
    const base = isFolder ? baseFolder(path) : baseFile(path, { size });
    const remote = isFolder ? remoteFolder(path) : remoteFile(path, { size });
    return { kind: "agreed", key: key(path), base, remote };
  }),
  fc
    .record({ path, mirrorToo: fc.boolean() })
    .map(({ path, mirrorToo }): Settlement => ({ kind: "forgotten", key: key(path), mirrorToo })),
  fc
    .record({ from: path, to: path, mirrorToo: fc.boolean() })
    // Nothing is ever moved into itself.
    .filter(({ from, to }) => !isKeyBelow(key(to), key(from)))
    .map(({ from, to, mirrorToo }) => moved(from, to, mirrorToo)),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("settle" as const), settlements: fc.array(settlement, { maxLength: 4 }) }),
  fc.record({
    kind: fc.constant("changes" as const),
    entries: fc.array(remoteEntry, { maxLength: 3 }),
    gone: fc.array(path, { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant("full" as const), entries: fc.array(remoteEntry, { maxLength: 4 }) }),
);

test("any sequence of listings and settlements leaves what a simple model says", async () => {
  const state = openState();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const model: Model = { base: new Map(), mirror: new Map(), own: [] };
      state.forgetEverything();
      await state.mirror.take(pages(fullPage([], "c")), false);
      for (const one of steps) await take(state, model, one);
      expect([...state.base.rows()].map(({ key, entry }) => [key, entry])).toStrictEqual(sorted(model.base));
      expect(
        [...state.mirror.rows()].map(({ key, entry }) => [key, entry.kind === "gone" ? "gone" : entry]),
      ).toStrictEqual(sorted(model.mirror));
    }),
    { numRuns: 400 },
  );
});

function sorted<T>(map: ReadonlyMap<PathKey, T>): [PathKey, T][] {
  return [...map].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function take(state: JobState, model: Model, one: Step): Promise<void> {
  switch (one.kind) {
    case "settle":
      state.settle(one.settlements);
      for (const settlement of one.settlements) settleModel(model, settlement);
      return;
    case "changes":
      await state.mirror.take(pages(changesPage([...one.gone.map(gone), ...one.entries.map(toChange)], "c")), false);
      changeModel(model, one);
      return;
    case "full":
      model.own = [];
      await state.mirror.take(pages(fullPage(one.entries.map(toChange), "c")), false);
      model.mirror.clear();
      for (const entry of one.entries) putModel(model, entry);
  }
}

/**
 * The listing is taken in as if our renames were not made yet; those it says nothing of are made again. What was renamed into a folder
 * that is gone by now went with it.
 */
function changeModel(model: Model, { gone, entries }: Extract<Step, { kind: "changes" }>): void {
  let silent = model.own;
  for (const { from, to } of silent.toReversed()) carryOutModel(model, { from: to, to: from });
  for (const lost of gone.map(key)) {
    for (const move of silent.filter(({ to }) => isAtOrBelow(to.key, lost))) carryOutModel(model, move);
    silent = silent.filter(({ from, to }) => !isAtOrBelow(from.key, lost) && !isAtOrBelow(to.key, lost));
    buryModel(model, lost);
  }
  for (const entry of entries) {
    putModel(model, entry);
    silent = silent.filter(({ from, to }) => from.key !== key(entry.path) && to.key !== key(entry.path));
  }
  for (const move of silent) carryOutModel(model, move);
  model.own = silent;
}

function carryOutModel(model: Model, move: Renamed): void {
  const isThere = (at: PathKey): boolean => typeof model.mirror.get(at) === "object";
  if (isThere(move.from.key) && !isThere(move.to.key)) moveInMirror(model, move);
}

function moveInMirror({ mirror }: Model, move: Renamed): void {
  moveModel(mirror, move, (entry, path) => (entry === "gone" ? entry : { ...entry, path }));
}

function toChange(entry: RemoteEntry) {
  return { kind: "entry", entry } as const;
}

function isAtOrBelow(key: PathKey, root: PathKey): boolean {
  return key === root || isKeyBelow(key, root);
}

function putModel(model: Model, entry: RemoteEntry): void {
  const { mirror } = model;
  const at = key(entry.path);
  const before = mirror.get(at);
  if (entry.kind !== "folder" && typeof before === "object" && before.kind === "folder") buryModel(model, at);
  mirror.set(at, entry);
}

function buryModel({ base, mirror }: Model, root: PathKey): void {
  for (const at of [...mirror.keys()]) if (isAtOrBelow(at, root)) mirror.delete(at);
  for (const at of base.keys()) if (isAtOrBelow(at, root)) mirror.set(at, "gone");
}

function settleModel(model: Model, settlement: Settlement): void {
  const { base, mirror } = model;
  switch (settlement.kind) {
    case "agreed":
      base.set(settlement.key, settlement.base);
      putModel(model, settlement.remote);
      return;
    case "forgotten":
      base.delete(settlement.key);
      if (settlement.mirrorToo || mirror.get(settlement.key) === "gone") mirror.delete(settlement.key);
      return;
    case "moved":
      moveModel(base, settlement, (entry, path) => ({ ...entry, path, remotePath: path }));
      if (settlement.mirrorToo) {
        moveInMirror(model, settlement);
        model.own = [...model.own, settlement];
      } else
        for (const [at, entry] of [...mirror])
          if (entry === "gone" && isAtOrBelow(at, settlement.from.key)) mirror.delete(at);
  }
}

function moveModel<T>(
  map: Map<PathKey, T>,
  { from, to }: Renamed,
  rename: (entry: T, path: ReturnType<typeof toSyncPath>) => T,
): void {
  const travelling = [...map].filter(([at]) => isAtOrBelow(at, from.key));
  for (const [at] of travelling) map.delete(at);
  for (const at of [...map.keys()]) if (isAtOrBelow(at, to.key)) map.delete(at);
  for (const [at, entry] of travelling) {
    const path = PATHS.find((path) => key(path) === at);
    const old = path ?? unkey(at);
    map.set(rebaseKey(at, from.key, to.key), rename(entry, toSyncPath(to.path + old.slice(from.path.length))));
  }
}

/** The path of a key that came about by a move. */
function unkey(at: PathKey): string {
  return at
    .replaceAll("\u0001", "/")
    .replace(/\u0002([\u0002\u0003])/g, (_, second) => (second === "\u0002" ? "\u0001" : "\u0002"));
}
