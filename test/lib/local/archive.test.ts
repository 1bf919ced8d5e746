import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createArchive, createErrorFolder } from "../../../lib/local/archive.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import type { LocalFile } from "../../../lib/model/entry.js";
import { createRealWorld, EVERYTHING, NEVER, seeFile, type World } from "./worlds.js";

const DATE = "2026-03-01";

function failWith(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

/** Nothing below `root` can be linked or renamed out of it. */
function onAnotherDisk(files: FileSystem, root: string): FileSystem {
  const unlessAcross =
    (work: FileSystem["rename"]): FileSystem["rename"] =>
    async (from, to) => {
      if (from.startsWith(root) !== to.startsWith(root)) await failWith("EXDEV")();
      await work(from, to);
    };
  return { ...files, link: unlessAcross(files.link), rename: unlessAcross(files.rename) };
}

/** As an exFAT disk that both folders are on. */
function withoutLinks(files: FileSystem): FileSystem {
  return { ...files, link: failWith("EPERM") };
}

/** Calls `act` once, right after the first call of `name` for a path that ends like this. */
function after(files: FileSystem, name: "link" | "lstat" | "syncFolder", ending: string, act: () => void): FileSystem {
  let isDone = false;
  const then = <T>(result: T, path: string): T => {
    if (!isDone && path.endsWith(ending)) {
      isDone = true;
      act();
    }
    return result;
  };
  if (name === "link") return { ...files, link: async (from, to) => then(await files.link(from, to), from) };
  if (name === "lstat") return { ...files, lstat: async (path) => then(await files.lstat(path), path) };
  return { ...files, syncFolder: async (path) => then(await files.syncFolder(path), path) };
}

interface Pair {
  readonly world: World;
  /** The archive's folder. */
  readonly other: World;
}

async function inPair(use: (pair: Pair) => Promise<void>): Promise<void> {
  const pair = { world: createRealWorld(), other: createRealWorld() };
  try {
    await use(pair);
  } finally {
    pair.world.close();
    pair.other.close();
  }
}

function archiveOf({ world, other }: Pair, files: FileSystem = world.files): ReturnType<typeof createArchive> {
  return createArchive({ files, root: world.root, folder: other.root, date: DATE });
}

function errorFolderOf({ world, other }: Pair, files: FileSystem = world.files): ReturnType<typeof createErrorFolder> {
  return createErrorFolder({ files, root: world.root, folder: other.root, date: DATE });
}

/** The file stands where it stood, and nothing has come of it in the archive but the folder of the day. */
function expectStill({ world, other }: Pair, file: Readonly<Record<string, string>>): void {
  expect(world.dump()).toEqual(file);
  expect(other.dump()).toEqual({ [`${DATE}/`]: null });
}

const DISKS = [
  { disk: "the same disk", on: (files: FileSystem) => files },
  { disk: "another disk", on: onAnotherDisk },
  { disk: "a disk without links", on: withoutLinks },
] as const;

async function filesOf(world: ReturnType<typeof createRealWorld>): Promise<readonly LocalFile[]> {
  const found: LocalFile[] = [];
  for await (const item of world.open().scan(EVERYTHING, NEVER)) {
    if (item.kind === "entry" && item.entry.kind === "file") found.push(item.entry);
  }
  return found;
}

test("hard links archived side by side onto another disk arrive whole, once each, and none stays behind", async () => {
  const world = createRealWorld();
  const other = createRealWorld();
  try {
    const content = "x".repeat(3_000_000);
    world.plant({ "a.bin": content });
    for (const name of ["b.bin", "c.bin"]) fs.linkSync(join(world.root, "a.bin"), join(world.root, name));
    const files = onAnotherDisk(world.files, world.root);
    const archive = createArchive({ files, root: world.root, folder: other.root, date: DATE });
    const seen = (await filesOf(world)).map((file) => ({ ...file, stamp: "" }));
    const places = await Promise.all(seen.map((file) => archive.store(file)));
    expect(places.sort()).toEqual(["a.bin", "b.bin", "c.bin"].map((name) => join(other.root, DATE, name)));
    expect(Object.keys(world.dump())).toEqual([]);
    expect(fs.readdirSync(join(other.root, DATE)).sort()).toEqual(["a.bin", "b.bin", "c.bin"]);
    for (const place of places) expect(fs.readFileSync(place, "utf8")).toBe(content);
  } finally {
    world.close();
    other.close();
  }
});

test("a copy on another disk that is not like the original is thrown away, and the original stays", async () => {
  const world = createRealWorld();
  const other = createRealWorld();
  try {
    world.plant({ "a.jpg": "precious" });
    const files = onAnotherDisk(world.files, world.root);
    const rotten: FileSystem = {
      ...files,
      open: async (path, mode) => {
        const handle = await files.open(path, mode);
        return { ...handle, write: (buffer, at) => handle.write(Buffer.from(buffer).fill("x", 0, 1), at) };
      },
    };
    const archive = createArchive({ files: rotten, root: world.root, folder: other.root, date: DATE });
    const [seen] = await filesOf(world);
    await expect(archive.store(seen!)).rejects.toThrow("not like the original");
    expect(Object.keys(world.dump())).toEqual(["a.jpg"]);
    expect(fs.readdirSync(join(other.root, DATE))).toEqual([]);
  } finally {
    world.close();
    other.close();
  }
});

describe.each(DISKS)("an archive on $disk", ({ on }) => {
  test("keeps apart two files that ask for one name at the same time", async () => {
    await inPair(async (pair) => {
      const second = createRealWorld();
      try {
        pair.world.plant({ "a.jpg": "one" });
        second.plant({ "a.jpg": "two" });
        const waiting: (() => void)[] = [];
        const bothAtOnce = (files: FileSystem): FileSystem => ({
          ...files,
          rename: async (from, to) => {
            await new Promise<void>((resolve) => {
              waiting.push(resolve);
              if (waiting.length === 2) for (const go of waiting) go();
            });
            await files.rename(from, to);
          },
        });
        const stores = [pair.world, second].map(async (world) => {
          const files = bothAtOnce(on(world.files, world.root));
          await archiveOf({ ...pair, world }, files).store(await seeFile(world.open(), "a.jpg"));
        });
        await Promise.all(stores);
        expect(Object.values(pair.other.dump()).sort()).toEqual(["one", "two"]);
      } finally {
        second.close();
      }
    });
  });

  test("does not take a file that came under the name while the sent one was on its way", async () => {
    await inPair(async (pair) => {
      const { world, other } = pair;
      world.plant({ "a.jpg": "sent" });
      const seen = await seeFile(world.open(), "a.jpg");
      const replace = (): void => {
        fs.writeFileSync(join(world.root, "new"), "never sent");
        fs.renameSync(join(world.root, "new"), join(world.root, "a.jpg"));
      };
      const files = after(on(world.files, world.root), "syncFolder", DATE, replace);
      await archiveOf(pair, files)
        .store(seen)
        .catch(() => undefined);
      expect({ ...world.dump(), ...other.dump() }).toMatchObject({ "a.jpg": "never sent" });
      expect(Object.values(other.dump())).not.toContain("never sent");
    });
  });

  test("does not take a file that was replaced or written to just before the move", async () => {
    for (const change of ["replaced", "written"]) {
      await inPair(async (pair) => {
        const { world, other } = pair;
        world.plant({ "a.jpg": "sent" });
        fs.mkdirSync(join(other.root, DATE));
        const seen = { ...(await seeFile(world.open(), "a.jpg")), stamp: "" };
        const act = (): void => {
          if (change === "replaced") fs.rmSync(join(world.root, "a.jpg"));
          fs.writeFileSync(join(world.root, "a.jpg"), "never sent");
        };
        const files = after(on(world.files, world.root), "lstat", "a.jpg", act);
        await expect(archiveOf(pair, files).store(seen)).rejects.toThrow("changed");
        expect(world.dump()).toEqual({ "a.jpg": "never sent" });
        expect(Object.values(other.dump())).not.toContain("never sent");
      });
    }
  });

  test("adds nothing where the original cannot be taken away", async () => {
    await inPair(async (pair) => {
      const { world } = pair;
      world.plant({ "a.jpg": "sent" });
      const denied = (path: string): boolean => path === join(world.root, "a.jpg");
      const fail = failWith("EACCES");
      const inner = on(world.files, world.root);
      const files: FileSystem = {
        ...inner,
        unlink: (path) => (denied(path) ? fail() : inner.unlink(path)),
        rename: (from, to) => (denied(from) ? fail() : inner.rename(from, to)),
      };
      for (let i = 0; i < 3; i++) {
        const store = archiveOf(pair, files).store(await seeFile(world.open(), "a.jpg"));
        await expect(store).rejects.toThrow("permission denied");
      }
      expectStill(pair, { "a.jpg": "sent" });
    });
  });

  test("has room for a folder that is called like a file which was archived earlier, and the other way round", async () => {
    await inPair(async (pair) => {
      const { world, other } = pair;
      const archive = archiveOf(pair, on(world.files, world.root));
      world.plant({ a: "file", "b/x.jpg": "x" });
      for (const path of ["a", "b/x.jpg"]) await archive.store(await seeFile(world.open(), path));
      world.remove("b");
      world.plant({ "a/y.jpg": "y", b: "file" });
      for (const path of ["a/y.jpg", "b"]) await archive.store(await seeFile(world.open(), path));
      expect(other.dump()).toEqual({
        [`${DATE}/a`]: "file",
        [`${DATE}/a (2)/y.jpg`]: "y",
        [`${DATE}/b/x.jpg`]: "x",
        [`${DATE}/b (2)`]: "file",
      });
    });
  });
});

test("a file that a killed run had given its name in the archive is archived once", async () => {
  await inPair(async (pair) => {
    const { world, other } = pair;
    world.plant({ "a.jpg": "sent" });
    fs.mkdirSync(join(other.root, DATE));
    fs.linkSync(join(world.root, "a.jpg"), join(other.root, DATE, "a.jpg"));
    await archiveOf(pair).store(await seeFile(world.open(), "a.jpg"));
    expect(world.dump()).toEqual({});
    expect(other.dump()).toEqual({ [`${DATE}/a.jpg`]: "sent" });
  });
});

test("a folder that cannot be made because a file has its name is told as such, and nothing is moved", async () => {
  await inPair(async ({ world, other }) => {
    world.plant({ "a.jpg": "sent" });
    other.plant({ sent: "a file" });
    const archive = createArchive({ ...world, folder: join(other.root, "sent"), date: DATE });
    const store = archive.store(await seeFile(world.open(), "a.jpg"));
    await expect(store).rejects.toThrow("a file has this name");
    await expect(store).rejects.toMatchObject({ code: "refused" });
    expect(world.dump()).toEqual({ "a.jpg": "sent" });
  });
});

describe("a refused file", () => {
  test("never is without its reason: where that cannot be written, the file stays", async () => {
    await inPair(async (pair) => {
      const { world } = pair;
      world.plant({ "a.jpg": "no picture" });
      const files: FileSystem = {
        ...world.files,
        open: async (path, mode) => {
          const handle = await world.files.open(path, mode);
          return path.endsWith(".txt") ? { ...handle, write: failWith("ENOSPC") } : handle;
        },
      };
      const reject = errorFolderOf(pair, files).reject(await seeFile(world.open(), "a.jpg"), "no picture");
      await expect(reject).rejects.toThrow("the disk is full");
      expectStill(pair, { "a.jpg": "no picture" });
    });
  });

  test("leaves no reason behind where it cannot be moved", async () => {
    await inPair(async (pair) => {
      const { world } = pair;
      world.plant({ "a.jpg": "no picture" });
      const files: FileSystem = { ...withoutLinks(world.files), rename: failWith("EACCES") };
      const reject = errorFolderOf(pair, files).reject(await seeFile(world.open(), "a.jpg"), "no picture");
      await expect(reject).rejects.toThrow("permission denied");
      expectStill(pair, { "a.jpg": "no picture" });
    });
  });

  test("of the longest name there is has its reason beside it", async () => {
    await inPair(async (pair) => {
      const { world, other } = pair;
      const name = `${"é".repeat(125)}.jpg`;
      world.plant({ [name]: "no picture" });
      await errorFolderOf(pair).reject(await seeFile(world.open(), name), "why");
      expect(world.dump()).toEqual({});
      expect(Object.values(other.dump()).sort()).toEqual(["no picture", "why\n"]);
    });
  });

  test("replaces neither another one of its name nor a file that is called like a reason", async () => {
    await inPair(async (pair) => {
      const { world, other } = pair;
      other.plant({ [`${DATE}/a.jpg`]: "mine", [`${DATE}/a (2).jpg.reason.txt`]: "mine, too" });
      world.plant({ "a.jpg": "no picture" });
      await errorFolderOf(pair).reject(await seeFile(world.open(), "a.jpg"), "why");
      expect(other.dump()).toEqual({
        [`${DATE}/a.jpg`]: "mine",
        [`${DATE}/a (2).jpg.reason.txt`]: "mine, too",
        [`${DATE}/a (2).jpg`]: "no picture",
        [`${DATE}/a (2).jpg.reason (2).txt`]: "why\n",
      });
    });
  });
});
