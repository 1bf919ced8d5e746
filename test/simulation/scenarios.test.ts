import { describe, expect, test } from "vitest";
import { ProviderError } from "../../lib/model/errors.js";
import type { MemoryProvider } from "../support/memory-provider.js";
import { assertNothingLost, assertTidy, readBase } from "./judge.js";
import { settleDown } from "./kills.js";
import { ROOT } from "./machine.js";
import type { Ran, Tree } from "./machine.js";
import { deedsOf, filesOf, tryScenario } from "./scenario.js";
import type { Scenario } from "./scenario.js";
import { edit, fork, lookAt, prepare } from "./whole.js";
import type { Setup, Whole } from "./whole.js";

const COPY = "a (conflict 2026-03-01 host)";

const scenarios: readonly Scenario[] = [
  {
    title: "S55: edited here, deleted there: the edit survives",
    base: { a: "1" },
    edits: ["L write a 2", "R rm a"],
    after: { a: "2" },
    did: ["upload a"],
  },
  {
    title: "S55, the other way round",
    base: { a: "1" },
    edits: ["L rm a", "R write a 2"],
    after: { a: "2" },
    did: ["download a"],
  },
  {
    title: "S56: deleted on both sides",
    base: { a: "1", b: "2" },
    edits: ["L rm a", "R rm a"],
    after: { b: "2" },
    did: [],
  },
  {
    title: "S58: deleted and written again with the same bytes",
    base: { a: "1" },
    edits: ["L rm a", "L write a 1"],
    after: { a: "1" },
    did: [],
  },
  {
    title: "S59: moved here, and the service has no room for the new name",
    base: { a: "11" },
    edits: ["L mv a b"],
    setup: { provider: { capabilities: { canMove: false } } },
    meanwhile: () => ({ trouble: ({ faults }) => (faults.quotaBytes = 2) }),
    after: { local: { b: "11" }, remote: { a: "11" } },
    did: [],
    isInStep: false,
    end: { b: "11" },
  },
  {
    title: "S59: moved here, and the service does not move it",
    base: { a: "1" },
    edits: ["L mv a b"],
    meanwhile: () => ({ trouble: refuseWrites((path) => path === "b") }),
    after: { local: { b: "1" }, remote: { a: "1" } },
    did: [],
    isInStep: false,
    end: { b: "1" },
  },
  {
    title: "S61: a folder is deleted there while it holds a file here that the service never takes",
    base: { "x/old": "1", keep: "2" },
    edits: ["L write x/new 5", "R rm x"],
    setup: { provider: { refuses: (path) => (path.endsWith("new") ? "never this name" : undefined) } },
    after: { local: { "x/new": "5", keep: "2" }, remote: { keep: "2" } },
    did: ["create-folder-remote x", "delete-local x/old"],
    isInStep: false,
    trashed: ["1"],
  },
  {
    title: "S68: the service stores a file cut short",
    base: { a: "11" },
    edits: ["L write a 22"],
    meanwhile: (whole) => {
      whole.spoiled.add("2");
      return { trouble: ({ faults }) => (faults.truncatedUploads = 1) };
    },
    after: { local: { a: "22" }, remote: { a: "2" } },
    isInStep: false,
    trashed: ["11"],
    end: { a: "2", [COPY]: "22" },
  },
  {
    title: "S71: stored, but the answer is lost",
    base: { keep: "1" },
    edits: ["L write a 2"],
    meanwhile: () => ({ trouble: ({ faults }) => (faults.ambiguousUploads = 1) }),
    after: { keep: "1", a: "2" },
    isInStep: false,
  },
  {
    title: "S73: somebody else writes between the look and the write",
    base: { a: "1" },
    edits: ["L write a 2"],
    meanwhile: (whole) => ({ trouble: once((path) => edit(whole, `R write ${path} 3`)) }),
    after: { a: "3", [COPY]: "2" },
  },
  {
    title: "S76: deleted there, saved here after the scan",
    base: { a: "1", b: "2" },
    edits: ["R rm a"],
    meanwhile: (whole) => ({ onEffect: onceFor(/^disk/, () => edit(whole, "L write a 3")) }),
    after: { a: "3", b: "2" },
    did: ["upload a"],
  },
  {
    title: "S77: a download that ends too soon",
    base: { keep: "1" },
    edits: ["R write a 12345"],
    meanwhile: () => ({ trouble: ({ faults }) => (faults.downloadsEndAfter = 3) }),
    after: { local: { keep: "1" }, remote: { keep: "1", a: "12345" } },
    did: [],
    isInStep: false,
    end: { keep: "1", a: "12345" },
  },
  {
    title: "S86: this disk is full, and nothing is deleted anywhere",
    base: numbered(12),
    edits: ["R write f01 longer", "R rm f02", "L rm f03"],
    meanwhile: ({ machine }) => {
      machine.disk.freeBytes = 0;
      return {};
    },
    after: {
      local: without(numbered(12), ["f03"]),
      remote: { ...without(numbered(12), ["f02"]), f01: "longer" },
    },
    did: [],
    isInStep: false,
    end: { ...without(numbered(12), ["f02", "f03"]), f01: "longer" },
  },
  {
    title: "S94: the account is full: other work goes on",
    base: { g1: "11", g2: "22", g3: "33", keep: "4" },
    edits: ["L write f1 1111", "L write f2 2222", "L rm g1", "L rm g2", "L rm g3", "R write h 5"],
    meanwhile: () => ({ trouble: ({ faults }) => (faults.quotaBytes = 0) }),
    after: { local: { f1: "1111", f2: "2222", keep: "4", h: "5" }, remote: { keep: "4", h: "5" } },
    did: ["delete-remote g1", "delete-remote g2", "delete-remote g3", "download h"],
    isInStep: false,
    end: { f1: "1111", f2: "2222", keep: "4", h: "5" },
  },
  {
    title: "S95: one file always fails, nine do not",
    base: { keep: "0" },
    edits: Object.entries(numbered(10)).map(([path, content]) => `L write ${path} ${content}`),
    meanwhile: () => ({ trouble: refuseWrites((path) => path === "f05") }),
    after: { local: { keep: "0", ...numbered(10) }, remote: { keep: "0", ...without(numbered(10), ["f05"]) } },
    isInStep: false,
    end: { keep: "0", ...numbered(10) },
  },
  {
    title: "S118: both sides made the same edit",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 2"],
    after: { a: "2" },
    did: [],
  },
  {
    title: "S119: both sides made different edits",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 3"],
    after: { a: "3", [COPY]: "2" },
    did: ["conflict a"],
  },
  {
    title: "S122: the conflict copy cannot be written",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 3"],
    meanwhile: ({ machine }) => {
      machine.disk.fail = (call, path) => (call === "create" && path.endsWith(".copy") ? "ENOSPC" : undefined);
      return {};
    },
    after: { local: { a: "2" }, remote: { a: "3" } },
    did: [],
    isInStep: false,
    end: { a: "3", [COPY]: "2" },
  },
  {
    title: "S124: only times differ",
    base: { a: "1" },
    edits: ["L write a 1", "R write a 1"],
    after: { a: "1" },
    did: [],
  },
  {
    title: "S125: saved by an editor, as another file of the same name",
    base: { a: "1" },
    edits: ["L save a 2"],
    after: { a: "2" },
    did: ["upload a"],
    trashed: ["1"],
  },
  {
    title: "S127: moved here, edited there",
    base: { a: "1" },
    edits: ["L mv a b", "R write a 2"],
    after: { a: "2", b: "1" },
  },
  {
    title: "S128: moved to different names",
    base: { a: "1" },
    edits: ["L mv a b", "R mv a c"],
    after: { b: "1", c: "1" },
  },
  {
    title: "S131: one file moved over another",
    base: { a: "1", b: "2" },
    edits: ["L mv b a"],
    after: { a: "2" },
    trashed: ["1"],
  },
  {
    title: "S133: a new file here in a folder that was renamed there",
    base: { ...numbered(9, "d/"), keep: "0" },
    edits: ["L write d/new 7", "R mv d e"],
    after: { ...numbered(9, "e/"), keep: "0", "e/new": "7" },
    did: ["move-local e", "upload e/new"],
  },
  {
    title: "S134: a folder takes the place of a file",
    base: { x: "1", keep: "0" },
    edits: ["L rm x", "L write x/y 2"],
    after: { "x/y": "2", keep: "0" },
    trashed: ["1"],
  },
  {
    title: "S134, there: a file takes the place of a folder",
    base: { "x/y": "1", keep: "0" },
    edits: ["R rm x", "R write x 2"],
    after: { x: "2", keep: "0" },
    trashed: ["1"],
  },
  {
    title: "S136: moved here into an excluded folder",
    base: { "keep/a": "1", keep2: "0" },
    edits: ["L mv keep/a ex/a"],
    setup: { exclude: ["ex/"] },
    after: { local: { "ex/a": "1", keep2: "0" }, remote: { keep2: "0" } },
    trashed: ["1"],
  },
  {
    title: "S137: moved there into an excluded folder",
    base: { "keep/a": "1", keep2: "0" },
    edits: ["R mv keep/a ex/a"],
    setup: { exclude: ["ex/"] },
    after: { local: { keep2: "0" }, remote: { "ex/a": "1", keep2: "0" } },
    trashed: ["1"],
  },
  {
    title: "S136, in another case: what is excluded here is excluded there, where case makes no difference",
    base: { keep: "0" },
    edits: ["L write Foo/a 1", "R write foo/b 2"],
    setup: { exclude: ["Foo/"], ignoresCase: true },
    after: { local: { "Foo/a": "1", keep: "0" }, remote: { "foo/b": "2", keep: "0" } },
    did: [],
  },
  {
    title: "a folder moved into what was a folder of its own, here",
    base: { "p/c/f": "1", "p/g": "2" },
    edits: ["L mv p/c n", "L mv p n/p"],
    after: { "n/f": "1", "n/p/g": "2" },
    did: ["move-remote n", "move-remote n/p"],
  },
  {
    title: "a folder moved into what was a folder of its own, there",
    base: { "p/c/f": "1", "p/g": "2" },
    edits: ["R mv p/c n", "R mv p n/p"],
    after: { "n/f": "1", "n/p/g": "2" },
    did: ["move-local n", "move-local n/p"],
  },
  {
    title: "a folder moved into what was a folder of its own, on both sides",
    base: { "p/c/f": "1", "p/g": "2" },
    edits: ["L mv p/c n", "L mv p n/p", "R mv p/c n", "R mv p n/p"],
    after: { "n/f": "1", "n/p/g": "2" },
    did: [],
  },
  {
    title: "a folder moved out of a renamed one, to a name that comes before",
    base: { "p/c/f": "1", "p/g": "2" },
    edits: ["L mv p/c a", "L mv p z"],
    after: { "a/f": "1", "z/g": "2" },
    did: ["move-remote a", "move-remote z"],
  },
  {
    title: "S139: a renamed folder of many files is one move",
    base: { ...numbered(300, "d/"), keep: "0" },
    edits: ["L mv d e"],
    after: { ...numbered(300, "e/"), keep: "0" },
    did: ["move-remote e"],
  },
  {
    title: "S28: a listing that is too short and does not say so",
    base: numbered(30),
    setup: { provider: { capabilities: { hasCursor: false } } },
    meanwhile: () => ({ trouble: ({ faults }) => (faults.listLeavesOut = 8) }),
    after: numbered(30),
    did: [],
  },
  {
    title: "edited there with equal size, where neither hashes nor times are listed",
    base: { a: "1" },
    edits: ["R write a 2"],
    setup: { provider: { capabilities: { listsHash: false, keepsModified: false } } },
    after: { a: "2" },
    did: ["download a"],
    trashed: ["1"],
  },
  {
    title: "moved there over a file of equal size and time, where hashes are not listed",
    base: { a: "1", b: "2" },
    edits: ["R mv b a"],
    setup: { provider: { capabilities: { listsHash: false } } },
    after: { a: "2" },
    trashed: ["1"],
  },
  {
    title: "a mirror's file moved here, with another one in its old place there",
    base: { a: "1", b: "2" },
    edits: ["L mv a c", "R mv b a"],
    setup: { mode: "mirror" },
    after: { b: "2", c: "1" },
  },
  {
    title: "an outbox with a folder where a file is there: it waits, and nothing is deleted there",
    base: {},
    edits: ["R write a 1", "L write a/b 2", "L write c 3"],
    setup: { mode: "outbox" },
    after: { local: { "a/b": "2" }, remote: { a: "1", c: "3" } },
    did: ["upload c"],
    isInStep: false,
  },
  {
    title: "a file there against a folder here, where nothing can be renamed there",
    base: { keep: "0" },
    edits: ["R write a 1", "L write a/b 2"],
    setup: { provider: { capabilities: { canMove: false } } },
    after: { keep: "0", "a/b": "2", [COPY]: "1" },
  },
  {
    title: "a conflict in a folder that was renamed there, with an older copy of this version in it: no second copy",
    base: { ...numbered(3, "d/"), "d/a": "1", [`d/${COPY}`]: "2" },
    edits: ["L write d/a 2", "R write d/a 3", "R mv d e"],
    after: { ...numbered(3, "e/"), "e/a": "3", [`e/${COPY}`]: "2" },
    did: ["conflict e/a", "move-local e"],
  },
  {
    title: "the same in a folder that was renamed here",
    base: { ...numbered(3, "d/"), "d/a": "1", [`d/${COPY}`]: "2" },
    edits: ["L write d/a 2", "R write d/a 3", "L mv d e"],
    after: { ...numbered(3, "e/"), "e/a": "3", [`e/${COPY}`]: "2" },
    did: ["conflict e/a", "move-remote e"],
  },
  {
    title: "a conflict in a renamed folder, with a copy of another version in it: that name is taken",
    base: { ...numbered(3, "d/"), "d/a": "1", [`d/${COPY}`]: "4" },
    edits: ["L write d/a 2", "R write d/a 3", "R mv d e"],
    after: { ...numbered(3, "e/"), "e/a": "3", [`e/${COPY}`]: "4", "e/a (conflict 2026-03-01 host 2)": "2" },
    did: ["conflict e/a", "move-local e"],
  },
  {
    title: "S101: renamed by case alone",
    base: { "Readme.md": "1" },
    edits: ["L mv Readme.md README.md"],
    setup: { ignoresCase: true },
    after: { "README.md": "1" },
    did: ["move-remote README.md"],
  },
];

describe("scenarios", () => {
  test.each(scenarios)("$title", tryScenario);
});

describe("stories", () => {
  test("S20: deleted on both sides, made anew there, and the state is an old copy", () =>
    play({ base: { local: { a: "1", keep: "0" } }, edits: [] }, async (whole) => {
      const { machine } = whole;
      const old = machine.saveState();
      edit(whole, "L rm a");
      edit(whole, "R rm a");
      await machine.run();
      edit(whole, "R write a 1");
      machine.restoreState(old);
      const ran = await machine.run();
      expect(deedsOf(ran)).toEqual(["download a"]);
      expect(filesOf(whole).remote).toEqual({ a: "1", keep: "0" });
    }));

  test("S40: the listing does not show yet what was uploaded", () =>
    play(
      { base: { local: { keep: "0" } }, edits: ["L write a 1"], provider: { capabilities: { hasCursor: false } } },
      async (whole) => {
        whole.cloud.freezeListing("a");
        await whole.machine.run();
        whole.clock.nowMs += 5000;
        await whole.machine.run();
        expect(filesOf(whole)).toEqual({ local: { a: "1", keep: "0" }, remote: { a: "1", keep: "0" } });
        whole.cloud.reveal("a");
        await settleDown(whole, "S40");
      },
    ));

  test("S41: the listing still shows what was deleted", () =>
    play(
      { base: { local: { a: "1", keep: "0" } }, edits: ["L rm a"], provider: { capabilities: { hasCursor: false } } },
      async (whole) => {
        whole.cloud.freezeListing("a");
        await whole.machine.run();
        whole.clock.nowMs += 5000;
        await whole.machine.run();
        expect(filesOf(whole)).toEqual({ local: { keep: "0" }, remote: { keep: "0" } });
        whole.cloud.reveal("a");
        await settleDown(whole, "S41");
      },
    ));

  test("S70: the service alters what it stores; a later edit there is an ordinary edit", () =>
    play({ base: { local: { a: "1" } }, edits: ["L write a 2"] }, async (whole) => {
      const alter = (provider: MemoryProvider): void => {
        provider.faults.alterBytes = (bytes) => Buffer.concat([bytes, Buffer.from("altered")]);
      };
      const first = await whole.machine.run({ trouble: alter });
      const second = await whole.machine.run({ trouble: alter });
      expect([deedsOf(first), deedsOf(second)]).toEqual([["upload a"], []]);
      edit(whole, "R write a 3");
      const third = await whole.machine.run();
      expect(deedsOf(third)).toEqual(["download a"]);
      expect(filesOf(whole)).toEqual({ local: { a: "3" }, remote: { a: "3" } });
    }));

  test("S85: the state cannot be saved", () =>
    play(
      { base: { local: { keep: "0" } }, edits: Object.keys(numbered(10)).map((path) => `L write ${path} of-${path}`) },
      async (whole) => {
        const first = await whole.machine.run({ stateFullFrom: 1 });
        expect(first.isInStep).toBe(false);
        whole.clock.nowMs += 100_000;
        const second = await whole.machine.run();
        expect([second.stored, deedsOf(second), second.isInStep]).toEqual([[], [], true]);
        expect(readBase(whole).size).toBe(11);
      },
    ));

  test("a conflict about a file that is a conflict copy itself", () =>
    play({ base: { local: { keep: "0" } }, edits: [] }, async (whole) => {
      whole.machine.disk.plant(ROOT, { [COPY]: "2" });
      whole.cloud.write(COPY, "3");
      await whole.machine.run();
      const expected = { keep: "0", [COPY]: "3", "a (conflict 2026-03-01 host 2)": "2" };
      expect(filesOf(whole)).toEqual({ local: expected, remote: expected });
    }));

  test("conflicts about two conflict copies of one content make one copy of it", () =>
    play({ base: { local: { keep: "0" } }, edits: [] }, async (whole) => {
      const second = "a (conflict 2026-03-01 host 2)";
      whole.machine.disk.plant(ROOT, { [COPY]: "2", [second]: "2" });
      whole.cloud.write(COPY, "3");
      whole.cloud.write(second, "4");
      await whole.machine.run();
      const expected = { keep: "0", [COPY]: "3", [second]: "4", "a (conflict 2026-03-01 host 3)": "2" };
      expect(filesOf(whole)).toEqual({ local: expected, remote: expected });
    }));

  test.each(["a", "a.doc"])(
    "%s: copies that are stored altered and never confirmed make no copies of each other",
    (path) =>
      play({ base: { local: { [path]: "1" } }, edits: [`L write ${path} 2`, `R write ${path} 3`] }, async (whole) => {
        const counts: number[] = [];
        for (let run = 0; run < 6; run++) {
          await whole.machine.run({
            trouble: ({ faults }) => {
              faults.ambiguousUploads = 100;
              faults.alterBytes = (bytes) => Buffer.concat([bytes, Buffer.from(`altered ${whole.clock.nowMs}`)]);
            },
          });
          assertNothingLost(whole, `run ${run}`);
          whole.clock.nowMs += 100_000;
          counts.push(Object.keys(filesOf(whole).local).length);
        }
        expect(counts).toEqual([2, 3, 4, 5, 6, 7]);
        await settleDown(whole, path);
        expect(filesOf(whole).local[path]).toBe("3");
        expect(Object.values(filesOf(whole).local).filter((content) => content === "2")).toHaveLength(1);
      }),
  );

  test("S83: killed before a new file is safe; the next run takes note of it, and the power goes", () =>
    play({ base: { local: { keep: "0" } }, edits: ["R write a 1"] }, async (whole) => {
      const rehearsal = fork(whole, 1);
      const rehearsed = await rehearsal.machine.run();
      rehearsal.machine.dispose();
      for (const last of [/link/, /sync-folder \/home\/user\/root$/]) {
        const again = fork(whole, 1);
        await again.machine.run({ dieAt: effectAfter(rehearsed, last) });
        const second = await again.machine.run({ dieAt: 1000 });
        again.machine.disk.powerLoss(() => 0.9);
        await again.machine.run();
        expect(second.died).toBe(false);
        expect(filesOf(again)).toEqual({ local: { a: "1", keep: "0" }, remote: { a: "1", keep: "0" } });
        again.machine.dispose();
      }
    }));

  test("S121: a conflict on each of five days", () =>
    play({ base: { local: { a: "1" } }, edits: [] }, async (whole) => {
      for (let day = 1; day <= 5; day++) {
        whole.clock.nowMs += 86_400_000;
        edit(whole, `L write a l${day}`);
        edit(whole, `R write a r${day}`);
        await whole.machine.run();
        await settleDown({ ...whole, start: lookAt(whole) }, `day ${day}`);
      }
      const { local } = filesOf(whole);
      expect(Object.keys(local).filter((path) => path.includes("conflict")).length).toBe(5);
      expect(Object.values(local).sort()).toEqual(["l1", "l2", "l3", "l4", "l5", "r5"]);
    }));
});

async function play(setup: Setup, story: (whole: Whole) => Promise<void>): Promise<void> {
  const whole = await prepare(setup);
  try {
    await story(whole);
    assertNothingLost(whole, "in the end");
    assertTidy(whole, "in the end");
  } finally {
    whole.machine.dispose();
  }
}

/** "f01" … with contents of their own. */
function numbered(count: number, folder = ""): Tree {
  const names = Array.from({ length: count }, (_, i) => String(i + 1).padStart(2, "0"));
  return Object.fromEntries(names.map((name) => [`${folder}f${name}`, `f${name}`]));
}

function without(tree: Tree, paths: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !paths.includes(path)));
}

/** The number of the side effect that comes after the last one of this kind. */
function effectAfter({ trace }: Ran, what: RegExp): number {
  const effects = trace.filter((line) => /^(disk|cloud|state)/.test(line));
  return effects.findLastIndex((line) => what.test(line)) + 2;
}

function refuseWrites(isMeant: (path: string) => boolean): (provider: MemoryProvider) => void {
  return ({ faults }) => {
    faults.beforeWrite = (path) => {
      if (isMeant(path)) throw new ProviderError("unavailable", `${path}: status 500`);
    };
  };
}

function once(work: (path: string) => void): (provider: MemoryProvider) => void {
  let isDone = false;
  return ({ faults }) => {
    faults.beforeWrite = (path) => {
      if (isDone) return;
      isDone = true;
      work(path);
    };
  };
}

function onceFor(what: RegExp, work: () => void): (effect: string) => void {
  let isDone = false;
  return (effect) => {
    if (isDone || !what.test(effect)) return;
    isDone = true;
    work();
  };
}
