import fs from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createArchive } from "../../../lib/local/archive.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import type { LocalFile } from "../../../lib/model/entry.js";
import { createRealWorld, EVERYTHING, NEVER } from "./worlds.js";

const DATE = "2026-03-01";

/** Nothing below `root` can be linked or renamed out of it. */
function onAnotherDisk(files: FileSystem, root: string): FileSystem {
  const unlessAcross =
    (work: FileSystem["rename"]): FileSystem["rename"] =>
    async (from, to) => {
      if (from.startsWith(root) !== to.startsWith(root)) throw Object.assign(new Error("EXDEV"), { code: "EXDEV" });
      await work(from, to);
    };
  return { ...files, link: unlessAcross(files.link), rename: unlessAcross(files.rename) };
}

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
