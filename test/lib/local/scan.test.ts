import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import type { Folder } from "../../../lib/local/types.js";
import {
  createRealWorld,
  createSimulatedWorld,
  download,
  EVERYTHING,
  gather,
  NEVER,
  RUN,
  scanAll,
  WORLDS,
} from "./worlds.js";
import type { Scanned, World } from "./worlds.js";

function pathsOf({ entries }: Scanned): string[] {
  return entries.map(({ path }) => path);
}

describe.each(WORLDS)("a scan of $name", ({ create }) => {
  let world: World;
  beforeEach(() => {
    world = create();
    return () => world.close();
  });

  test("yields every entry below the root, without the root and without .trisync", async () => {
    world.plant({ "a/b/c.txt": "content", ".hidden": "h", "empty/": null });
    const folder = world.open();
    await download(folder, { path: "new.txt", content: "new" });
    const { entries, problems } = await scanAll(folder);
    expect(problems).toEqual([]);
    expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "file .hidden",
      "folder a",
      "folder a/b",
      "file a/b/c.txt",
      "folder empty",
      "file new.txt",
    ]);
    expect(entries.find(({ path }) => path === "a/b/c.txt")).toEqual(await folder.stat(entries[3]!.path));
  });

  test("touches nothing, and an empty folder has no entries", async () => {
    expect(await scanAll(world.open())).toEqual({ entries: [], problems: [] });
    expect(world.dump()).toEqual({});
  });

  test("does not even look into what the filter leaves out", async () => {
    world.plant({ "out/secret/x": "1", "in/y": "2", "in/z.tmp": "3" });
    const asked: string[] = [];
    const filter = {
      includes: (path: string, isFolder: boolean) => {
        asked.push(isFolder ? `${path}/` : path);
        return path !== "out" && !path.endsWith(".tmp");
      },
    };
    expect(pathsOf(await scanAll(world.open(), filter))).toEqual(["in", "in/y"]);
    expect(asked.sort()).toEqual(["in/", "in/y", "in/z.tmp", "out/"]);
  });

  test("links are entries and nothing behind them is seen", async () => {
    world.plant({ "d/x": "1" });
    world.symlink("d", "link");
    world.symlink("..", "d/up");
    const { entries } = await scanAll(world.open());
    expect(entries.filter(({ kind }) => kind === "special")).toEqual([
      { kind: "special", path: "d/up", type: "symbolic link" },
      { kind: "special", path: "link", type: "symbolic link" },
    ]);
    expect(pathsOf({ entries, problems: [] })).toEqual(["d", "d/up", "d/x", "link"]);
  });

  test("a root that is missing is a problem that covers everything", async () => {
    const folder = openFolder({ root: `${world.root}/no/such`, files: world.files, runId: RUN, now: Date.now });
    const { entries, problems } = await scanAll(folder);
    expect(entries).toEqual([]);
    expect(problems).toMatchObject([{ side: "local", code: "unreadable", covers: "everything" }]);
  });

  test("an aborted signal rejects with its reason", async () => {
    world.plant({ a: "1" });
    const reason = new Error("stop");
    await expect(gather(world.open().scan(EVERYTHING, AbortSignal.abort(reason)))).rejects.toBe(reason);
  });

  test("an abort half-way rejects too", async () => {
    world.plant(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}/x`, "1"])));
    const abort = new AbortController();
    const seen = gather(
      (async function* () {
        for await (const item of world.open().scan(EVERYTHING, abort.signal)) {
          abort.abort(new Error("stop"));
          yield item;
        }
      })(),
    );
    await expect(seen).rejects.toThrow("stop");
  });

  test("names come through as they are", async () => {
    const names = [
      "new\nline",
      "folder\nwith line\n/below/x",
      ".\\dot",
      " space at both ends ",
      "dot.",
      "back\\slash",
      "[brackets]{braces}*?!(x)",
      "!bang",
      "#hash",
      "эмодзи 🎉",
      "x".repeat(255),
      "...",
      "a/ b /c",
      "con",
      "\ufffd really",
    ];
    world.plant(Object.fromEntries(names.map((name) => [name, "1"])));
    const { entries, problems } = await scanAll(world.open());
    expect(problems).toEqual([]);
    const files = entries.filter(({ kind }) => kind === "file").map(({ path }) => String(path));
    expect(files.sort()).toEqual(names.sort());
  });

  test("names are NFC, and found again whatever they are on the disk", async () => {
    const onDisk = "cafe\u0301/re\u0301sume\u0301 \u00e9\u0301.txt";
    world.plant({ [onDisk]: "1" });
    const folder = world.open();
    const { entries, problems } = await scanAll(folder);
    expect(problems).toEqual([]);
    expect(pathsOf({ entries, problems })).toEqual([onDisk.normalize("NFC").split("/")[0], onDisk.normalize("NFC")]);
    const file = entries[1]!;
    if (file.kind !== "file") throw new Error("no file");
    expect(await folder.hash(file, ["md5"], NEVER)).toBe("md5:c4ca4238a0b923820dcc509a6f75849b");
    await folder.trashFile(file);
    expect(pathsOf(await scanAll(folder))).toEqual([onDisk.normalize("NFC").split("/")[0]]);
  });

  test("of two spellings of one name the composed one wins, and the other is a clash", async () => {
    world.plant({ "e\u0301/x": "nfd", "\u00e9/y": "nfc", K: "ascii", "\u212a": "kelvin" });
    const { entries, problems } = await scanAll(world.open());
    expect(pathsOf({ entries, problems })).toEqual(["K", "\u00e9", "\u00e9/y"]);
    expect(problems).toMatchObject([
      { code: "clash", path: "\u00e9", covers: { path: "\u00e9", subtree: true } },
      { code: "clash", path: "K", covers: undefined },
    ]);
    expect(problems[0]?.message).toContain("\\u{301}");
  });

  test("of several spellings that are none of them composed, the first wins, as for everything else", async () => {
    world.plant({ "x/A\u030a\u0301": "1", "x/\u00c5\u0301": "2" });
    const folder = world.open();
    const { entries, problems } = await scanAll(folder);
    expect(problems).toMatchObject([{ code: "clash", path: "x/\u01fa" }]);
    const file = entries[1]!;
    if (file.kind !== "file") throw new Error("no file");
    expect((await folder.stat(file.path))?.kind === "file" && (await folder.hash(file, ["md5"], NEVER))).toBe(
      "md5:c4ca4238a0b923820dcc509a6f75849b",
    );
  });
});

describe("a scan of a real directory", () => {
  let world: World;
  beforeEach(() => {
    world = createRealWorld();
    return () => world.close();
  });

  test("pipes, sockets and devices are seen and never opened", async () => {
    execFileSync("mkfifo", [join(world.root, "pipe")]);
    expect(await scanAll(world.open())).toEqual({
      entries: [{ kind: "special", path: "pipe", type: "pipe" }],
      problems: [],
    });
  });

  test("a name that is no UTF-8 is a problem, and its neighbours are there", async () => {
    world.plant({ "a/x": "1" });
    const bad = Buffer.concat([Buffer.from(`${world.root}/a/bad`), Buffer.from([0xff])]);
    fs.writeFileSync(bad, "2");
    fs.mkdirSync(Buffer.concat([Buffer.from(`${world.root}/dir`), Buffer.from([0xfe])]));
    const { entries, problems } = await scanAll(world.open());
    expect(pathsOf({ entries, problems })).toEqual(["a", "a/x"]);
    expect(problems).toMatchObject([
      { code: "bad-name", path: "dir\ufffd", covers: undefined },
      { code: "bad-name", path: "a/bad\ufffd", covers: undefined },
    ]);
  });

  test("a name that is no UTF-8 but reads like one that is", async () => {
    world.plant({ "x\ufffd": "1" });
    fs.writeFileSync(Buffer.concat([Buffer.from(`${world.root}/x`), Buffer.from([0xff])]), "2");
    const { entries, problems } = await scanAll(world.open());
    expect(pathsOf({ entries, problems })).toEqual(["x\ufffd"]);
    expect(problems).toMatchObject([{ code: "bad-name" }]);
  });

  test("more names than wait at once, taken slowly, all arrive", async () => {
    for (let i = 0; i < 5; i++) {
      fs.mkdirSync(join(world.root, `d${i}`));
      for (let j = 0; j < 1500; j++) fs.writeFileSync(join(world.root, `d${i}`, `${j}`), "");
    }
    let count = 0;
    for await (const item of world.open().scan(EVERYTHING, NEVER)) {
      if (item.kind === "entry" && ++count % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(count).toBe(5 * 1501);
  });

  test("a consumer that stops early ends the walk", async () => {
    world.plant({ "a/b/c": "1", d: "2" });
    for await (const item of world.open().scan(EVERYTHING, NEVER)) {
      expect(item.kind).toBe("entry");
      break;
    }
  });

  test("a root that is a link to a folder", async () => {
    world.plant({ "real/x": "1" });
    world.symlink("real", "alias");
    const folder = openFolder({ root: join(world.root, "alias"), files: nodeFileSystem, runId: RUN, now: Date.now });
    expect(pathsOf(await scanAll(folder))).toEqual(["x"]);
    await download(folder, { path: "new", content: "1" });
    expect(fs.readFileSync(join(world.root, "real/new"), "utf8")).toBe("1");
  });

  test("a root with letters that patterns use", async () => {
    const root = join(world.root, "[a] {b} (c) *");
    fs.mkdirSync(join(root, "x"), { recursive: true });
    expect(
      pathsOf(await scanAll(openFolder({ root: `${root}/`, files: nodeFileSystem, runId: RUN, now: Date.now }))),
    ).toEqual(["x"]);
  });
});

describe("a disk that fails during the scan", () => {
  const tree = { "a/x": "1", "bad/y": "2", "bad/deep/z": "3", c: "4" };

  test.each(["EACCES", "EIO"])("%s: the folder and everything below it is unknown", async (code) => {
    const world = createSimulatedWorld();
    world.plant(tree);
    world.disk.fail = (call, path) => (call === "readdir" && path.endsWith("/bad") ? code : undefined);
    const { entries, problems } = await scanAll(world.open());
    expect(pathsOf({ entries, problems })).toEqual(["a", "a/x", "bad", "c"]);
    expect(problems).toMatchObject([{ code: "unreadable", path: "bad", covers: { path: "bad", subtree: true } }]);
  });

  test("an entry that cannot be looked at is unknown, its neighbours are not", async () => {
    const world = createSimulatedWorld();
    world.plant(tree);
    world.disk.fail = (call, path) => (call === "lstat" && path.endsWith("/a/x") ? "EIO" : undefined);
    const { entries, problems } = await scanAll(world.open());
    expect(pathsOf({ entries, problems })).toEqual(["a", "bad", "bad/deep", "bad/deep/z", "bad/y", "c"]);
    expect(problems).toMatchObject([{ code: "unreadable", path: "a/x", covers: { path: "a/x", subtree: true } }]);
  });

  test("an error that does not last is none", async () => {
    const world = createSimulatedWorld();
    world.plant(tree);
    let failures = 0;
    world.disk.fail = (call, path) =>
      call === "readdir" && path.endsWith("/bad") && failures++ === 0 ? "ENOENT" : undefined;
    expect((await scanAll(world.open())).problems).toEqual([]);
  });

  test("a folder that vanishes is simply not there", async () => {
    const world = createSimulatedWorld();
    world.plant(tree);
    const files = during(world.files, "/bad", () => world.remove("bad"));
    const { entries, problems } = await scanAll(openOn(world.root, files));
    expect(problems).toEqual([]);
    expect(pathsOf({ entries, problems })).not.toContain("bad/y");
  });

  test("a folder that is replaced by a link is not followed", async () => {
    const world = createSimulatedWorld();
    world.plant(tree);
    world.disk.plant("/outside", { "stolen.txt": "secret" });
    const files = during(world.files, "/bad", () => {
      world.remove("bad");
      world.symlink("/outside", "bad");
    });
    const { entries, problems } = await scanAll(openOn(world.root, files));
    expect(pathsOf({ entries, problems })).not.toContain("bad/stolen.txt");
    expect(problems).toMatchObject([{ path: "bad", covers: { path: "bad", subtree: true } }]);
  });

  test.each(["EIO", "EACCES"])("a root that answers %s covers everything", async (code) => {
    const world = createSimulatedWorld();
    world.plant(tree);
    world.disk.fail = (call, path) => (call === "readdir" && path === world.root ? code : undefined);
    expect((await scanAll(world.open())).problems).toMatchObject([{ covers: "everything" }]);
  });

  test.each(["vanishes", "is replaced by an empty one"])("a root that %s half-way covers everything", async (what) => {
    const world = createSimulatedWorld();
    world.plant(tree);
    const files = during(world.files, "/a", () => {
      world.disk.remove(world.root);
      if (what !== "vanishes") world.disk.plant(world.root, {});
    });
    const { problems } = await scanAll(openOn(world.root, files));
    expect(problems).toContainEqual(expect.objectContaining({ covers: "everything" }));
  });

  function openOn(root: string, files: FileSystem): Folder {
    return openFolder({ root, files, runId: RUN, now: () => Date.UTC(2026, 5) });
  }

  /** Lets `happen` just before the folder whose path ends so is read. */
  function during(files: FileSystem, ending: string, happen: () => void): FileSystem {
    let isDone = false;
    return {
      ...files,
      readdirWithTypes: (path, done) => {
        if (path.endsWith(ending) && !isDone) {
          isDone = true;
          happen();
        }
        files.readdirWithTypes(path, done);
      },
    };
  }
});
