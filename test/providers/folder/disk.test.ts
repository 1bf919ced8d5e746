import { describe, expect, it } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import type { Provider } from "../../../providers/provider.js";
import { patternOf, uploadOf } from "../../support/builders.js";
import { ProcessKilled, SimulatedDisk } from "../../support/simulated-disk.js";
import type { DiskCall, SimulatedDiskOptions, Tree } from "../../support/simulated-disk.js";
import { contents, listedFile, listedPaths, put } from "../contract-bed.js";
import { pagesOf } from "../support/listings.js";
import { codeOf, codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { createMemory } from "../support/memory.js";
import { openRun } from "./support.js";

const ROOT = "/mnt/disk";
const NOON = Date.UTC(2026, 2, 1, 12);

interface Plugged {
  readonly disk: SimulatedDisk;
  readonly memory: ReturnType<typeof createMemory>;
  /** A new process. */
  readonly start: (runId?: string) => Promise<Provider>;
  /** Files of the root with their content, without what trisync keeps for itself. */
  readonly visible: () => Tree;
  readonly trash: () => readonly string[];
  advanceDays(days: number): void;
}

function plug(tree: Tree, options: Omit<SimulatedDiskOptions, "now"> = {}): Plugged {
  let ms = NOON;
  const now = (): number => (ms += 10);
  const disk = new SimulatedDisk({ ...options, now });
  disk.plant(ROOT, tree, NOON - 1e9);
  const memory = createMemory();
  const entries = (): [string, string | null][] => Object.entries(disk.dump(ROOT));
  return {
    disk,
    memory,
    start: async (runId) =>
      openRun({ target: ROOT, files: disk.mount(), now, memory, ...(runId === undefined ? {} : { runId }) }),
    visible: () => Object.fromEntries(entries().filter(([path]) => !path.startsWith(".trisync"))),
    trash: () => entries().flatMap(([path, text]) => (path.startsWith(".trisync/trash/") ? [text ?? ""] : [])),
    advanceDays: (days) => {
      ms += days * 86_400_000;
    },
  };
}

function failing(call: DiskCall, path: RegExp, code: string): (call: DiskCall, path: string) => string | undefined {
  return (made, at) => (made === call && path.test(at) ? code : undefined);
}

const WRITES: ReadonlySet<DiskCall> = new Set(["create", "write", "mkdir", "rename", "link", "unlink", "rmdir"]);

describe("a read-only disk", () => {
  it("can be read, keeps its identity without a marker, and takes nothing", async () => {
    const { disk, start, memory } = plug({ "a.txt": "1" });
    disk.fail = (call) => (WRITES.has(call) ? "EROFS" : undefined);
    const provider = await start();
    const identity = await provider.identify(signal);
    expect(await contents(provider)).toEqual({ "a.txt": "1" });
    expect(await codeOf(put(provider, "b.txt", "2"))).toBe("rejected");
    expect(codesOf(await provider.delete([await listedFile(provider, "a.txt")], signal))).toEqual(["rejected"]);
    await provider.close(signal);
    expect(await (await start()).identify(signal)).toEqual(identity);
    expect(disk.dump(ROOT)).toEqual({ "a.txt": "1" });
    expect([...memory.values.keys()].length).toBeLessThan(10);
  });
});

describe("a full disk", () => {
  it("refuses up front what does not fit, and leaves nothing behind", async () => {
    const { disk, start, visible } = plug({ "a.txt": "1" });
    disk.freeBytes = 5000;
    const provider = await start();
    expect(await codeOf(put(provider, "large.bin", patternOf(10_000)))).toBe("quota");
    await put(provider, "small.txt", "fits");
    expect(visible()).toEqual({ "a.txt": "1", "small.txt": "fits" });
  });

  it("that fills up on the way keeps the old version, and no part of the new one", async () => {
    const { disk, start } = plug({ "a.txt": "old" });
    const provider = await start();
    const old = await listedFile(provider, "a.txt");
    disk.fail = failing("write", /\.part$/, "ENOSPC");
    const failed = provider.upload(uploadOf("a.txt", patternOf(3_000_000), { replaces: old }), signal);
    expect(await codeOf(failed)).toBe("quota");
    disk.fail = undefined;
    expect(Object.keys(disk.dump(ROOT)).filter((path) => path.endsWith(".part"))).toEqual([]);
    expect(await contents(provider)).toEqual({ "a.txt": "old" });
  });
});

describe("a disk with errors", () => {
  it("says so when it cannot make an upload durable, and the old version stays", async () => {
    const { disk, start, visible } = plug({ "a.txt": "old" });
    const provider = await start();
    const old = await listedFile(provider, "a.txt");
    disk.fail = failing("sync", /\.part$/, "EIO");
    expect(await codeOf(put(provider, "a.txt", "new", { replaces: old }))).toBe("unavailable");
    expect(visible()).toEqual({ "a.txt": "old" });
  });

  it("lists a folder that cannot be read as unknown, not as absent", async () => {
    const { disk, start } = plug({ "a.txt": "1", "d/b.txt": "2", "d/e/c.txt": "3" });
    disk.fail = failing("readdir", /\/d$/, "EACCES");
    const changes = (await pagesOf(await start())).flatMap((page) => page.changes);
    const problems = changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
    expect(problems).toMatchObject([{ side: "remote", code: "unreadable", covers: { path: "d", subtree: true } }]);
    const paths = changes.flatMap((change) => (change.kind === "entry" ? [change.entry.path] : []));
    expect(paths.sort()).toEqual(["a.txt", "d"]);
  });

  it("that cannot list its root lists nothing at all", async () => {
    const { disk, start } = plug({ "a.txt": "1" });
    const provider = await start();
    disk.fail = failing("readdir", /^\/mnt\/disk$/, "EIO");
    expect(await codeOf(pagesOf(provider))).toBe("unavailable");
  });

  it("that vanishes while it is listed does not pass for an empty one", async () => {
    const tree = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`f${i}`, "1"]));
    const { disk, start } = plug(tree);
    const provider = await start();
    const pages = provider.list(undefined, signal)[Symbol.asyncIterator]();
    expect((await pages.next()).done).toBe(false);
    disk.moveAsUser(ROOT, "/away");
    expect(await codeOf(pages.next())).toBe("unavailable");
  });
});

describe("a process that is killed, or a machine that loses power", () => {
  interface Case {
    readonly title: string;
    readonly run: (provider: Provider) => Promise<unknown>;
    readonly after: Tree;
  }
  const cases: readonly Case[] = [
    {
      title: "while it stores a new file",
      run: (provider) => put(provider, "new/n.txt", "new"),
      after: { "a.txt": "old", "d/b.txt": "b", "new/n.txt": "new" },
    },
    {
      title: "while it replaces a file",
      run: async (provider) => put(provider, "a.txt", "newer", { replaces: await listedFile(provider, "a.txt") }),
      after: { "a.txt": "newer", "d/b.txt": "b" },
    },
    {
      title: "while it deletes a file",
      run: async (provider) => provider.delete([await listedFile(provider, "a.txt")], signal),
      after: { "d/b.txt": "b" },
    },
    {
      title: "while it moves a file",
      run: async (provider) =>
        provider.move([{ entry: await listedFile(provider, "d/b.txt"), to: toSyncPath("e/c.txt") }], signal),
      after: { "a.txt": "old", "e/c.txt": "b" },
    },
  ];
  const before: Tree = { "a.txt": "old", "d/b.txt": "b" };

  for (const { title, run, after } of cases) {
    for (const how of ["killed", "powerless"] as const) {
      it(`${title}: old or new, the same root, and the next run ends as if nothing had been (${how})`, async () => {
        const steps = await countSteps(run);
        expect(steps).toBeGreaterThan(5);
        for (let step = 1; step <= steps; step++) {
          const { disk, start, visible, trash } = plug(before);
          const provider = await start();
          const identity = await provider.identify(signal);
          let count = 0;
          disk.onSideEffect = () => {
            if (++count === step) throw new ProcessKilled("now");
          };
          await expect(run(provider)).rejects.toThrow(ProcessKilled);
          disk.onSideEffect = undefined;
          if (how === "powerless") disk.powerLoss(chance(step));
          else disk.crash();
          assertNothingLost({ visible: visible(), trash: trash() }, before, after);
          const next = await start();
          expect(await next.identify(signal)).toEqual(identity);
          await runAgain(next, run, after);
          await next.close(signal);
          assertTree(visible(), after);
          expect(Object.keys(disk.dump(ROOT)).filter((path) => /\.part$|\.marker$/.test(path))).toEqual([]);
        }
      });
    }
  }

  async function countSteps(run: (provider: Provider) => Promise<unknown>): Promise<number> {
    const { disk, start } = plug(before);
    const provider = await start();
    let count = 0;
    disk.onSideEffect = () => {
      count += 1;
    };
    await run(provider);
    return count;
  }

  /** As the engine goes on: what is there already is not done again, and a moved file's old name is deleted. */
  async function runAgain(
    provider: Provider,
    run: (provider: Provider) => Promise<unknown>,
    after: Tree,
  ): Promise<void> {
    const files = await contents(provider);
    if (Object.entries(after).some(([path, text]) => files[path] !== text)) await run(provider);
    const extra = (await listedPaths(provider)).filter((path) => !path.endsWith("/") && !(path in after));
    for (const path of extra) await provider.delete([await listedFile(provider, path)], signal);
  }

  function assertTree(visible: Tree, after: Tree): void {
    const files = Object.entries(visible).filter(([, text]) => text !== null);
    expect(Object.fromEntries(files)).toEqual(after);
  }

  function assertNothingLost(now: { visible: Tree; trash: readonly string[] }, old: Tree, wanted: Tree): void {
    const found = [...Object.values(now.visible), ...now.trash];
    for (const text of Object.values(old)) expect(found).toContain(text);
    for (const [path, text] of Object.entries(now.visible)) {
      if (text !== null) expect([old[path], wanted[path]]).toContain(text);
    }
  }

  /** The same numbers for the same step. */
  function chance(seed: number): () => number {
    let state = seed * 2654435761;
    return () => {
      state = (Math.imul(state ^ (state >>> 15), 2246822519) + 1) >>> 0;
      return state / 2 ** 32;
    };
  }
});

describe("closing", () => {
  it("removes old trash and what dead runs left, and keeps this run's trash", async () => {
    const { disk, start, advanceDays, trash } = plug({ "a.txt": "1", "b.txt": "2" });
    const first = await start("20260301T120000Z-1");
    await first.delete([await listedFile(first, "a.txt")], signal);
    await first.close(signal);
    expect(trash()).toEqual(["1"]);
    disk.plant(ROOT, { ".trisync/tmp/dead.part": "half" });
    advanceDays(31);
    const second = await start("20260401T120000Z-2");
    await second.delete([await listedFile(second, "b.txt")], signal);
    await second.close(signal);
    expect(trash()).toEqual(["2"]);
    expect(Object.keys(disk.dump(ROOT)).filter((path) => path.includes("dead"))).toEqual([]);
  });

  it("is no error where nothing may be removed", async () => {
    const { disk, start } = plug({ "a.txt": "1", ".trisync/tmp/dead.part": "half" });
    disk.fail = (call) => (WRITES.has(call) ? "EROFS" : undefined);
    await (await start()).close(signal);
    expect(disk.dump(ROOT)).toHaveProperty([".trisync/tmp/dead.part"]);
  });
});

describe("a file that is written to while it is downloaded", () => {
  it("ends the download with an error", async () => {
    const { disk, start } = plug({ "a.bin": patternOf(3_000_000) });
    const provider = await start();
    const stream = await provider.download(await listedFile(provider, "a.bin"), 0, signal);
    const reading = (async () => {
      let isFirst = true;
      for await (const chunk of stream) {
        if (isFirst && chunk instanceof Uint8Array) disk.plant(ROOT, { "a.bin": patternOf(3_000_004) });
        isFirst = false;
      }
    })();
    expect(await codeOf(reading)).toBe("changed");
  });
});
