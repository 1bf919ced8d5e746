import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFileSystem } from "../../../lib/local/file-system.js";
import type { FileSystem } from "../../../lib/local/file-system.js";
import { UsageError } from "../../../lib/model/errors.js";
import { toSyncPath } from "../../../lib/model/path.js";
import type { Provider } from "../../../providers/provider.js";
import { contents, listedPaths, pullText, put } from "../contract-bed.js";
import { pagesOf } from "../support/listings.js";
import { codeOf, codesOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { createMemory, type Memory } from "../support/memory.js";
import { openRun } from "./support.js";

let base = "";
let target = "";

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "trisync-root-"));
  target = join(base, "remote");
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function rootOf(provider: Provider): Promise<string | undefined> {
  return (await provider.identify(signal)).root;
}

async function markerOf(folder: string): Promise<string> {
  return readFile(join(folder, ".trisync", "root.json"), "utf8");
}

describe("a remote root that does not exist yet", () => {
  it("is an empty listing without an identity, and nothing is made to say so", async () => {
    const provider = await openRun({ target });
    expect(await rootOf(provider)).toBeUndefined();
    expect(await pagesOf(provider)).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    expect(await provider.stat(toSyncPath("a"), signal)).toBeUndefined();
    await provider.close(signal);
    expect(await readdir(base)).toEqual([]);
  });

  it("is made by the first write, and the same from then on", async () => {
    const memory = createMemory();
    const provider = await openRun({ target, memory });
    await rootOf(provider);
    await Promise.all([put(provider, "d/a.txt", "1"), put(provider, "b.txt", "2"), pagesOf(provider)]);
    const identity = await rootOf(provider);
    expect(identity).toBeDefined();
    expect(await contents(provider)).toEqual({ "d/a.txt": "1", "b.txt": "2" });
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("is not made when the folder that would hold it is missing", async () => {
    target = join(base, "disk", "remote");
    await expect(openRun({ target })).rejects.toThrow(UsageError);
    expect(await readdir(base)).toEqual([]);
  });

  it("may not be a file", async () => {
    await writeFile(target, "1");
    await expect(openRun({ target })).rejects.toThrow(UsageError);
  });

  it("is not used when it appears in the middle of a run", async () => {
    const provider = await openRun({ target });
    await rootOf(provider);
    await mkdir(target);
    expect(await codeOf(provider.identify(signal))).toBe("unavailable");
    expect(await codeOf(put(provider, "a.txt", "1"))).toBe("unavailable");
    expect(await readdir(target)).toEqual([]);
  });
});

describe("planning", () => {
  it("writes neither a marker nor into the memory, and closes without tidying", async () => {
    await mkdir(join(target, ".trisync", "tmp"), { recursive: true });
    await writeFile(join(target, ".trisync", "tmp", "left"), "1");
    const memory = createMemory();
    const provider = await openRun({ target, memory, mayWrite: false });
    const planned = await rootOf(provider);
    await pagesOf(provider);
    await provider.close(signal);
    expect(await readdir(join(target, ".trisync"))).toEqual(["tmp"]);
    expect(await readdir(join(target, ".trisync", "tmp"))).toEqual(["left"]);
    expect(memory.values.size).toBe(0);
    expect(await rootOf(await openRun({ target, memory }))).toBe(planned);
  });
});

/** A run that has left a marker. */
async function firstRun(): Promise<{ readonly memory: Memory; readonly identity: string | undefined }> {
  const memory = createMemory();
  const provider = await openRun({ target, memory });
  const identity = await rootOf(provider);
  await put(provider, "a.txt", "1");
  return { memory, identity };
}

describe("the identity of a remote root", () => {
  beforeEach(async () => {
    await mkdir(target);
  });

  it("stays the same when the first write leaves a marker", async () => {
    const memory = createMemory();
    const first = await openRun({ target, memory });
    const identity = await rootOf(first);
    expect(await readdir(target)).toEqual([]);
    await put(first, "a.txt", "1");
    expect(await markerOf(target)).toContain("id");
    expect(await rootOf(first)).toBe(identity);
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("goes by the marker when the disk comes back with other numbers", async () => {
    const { memory, identity } = await firstRun();
    await rename(target, join(base, "old"));
    await cp(join(base, "old"), target, { recursive: true });
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("is another one when another folder is in its place", async () => {
    const { memory, identity } = await firstRun();
    await rename(target, join(base, "old"));
    await mkdir(target);
    expect(await rootOf(await openRun({ target, memory }))).not.toBe(identity);
    await rm(target, { recursive: true });
    await rename(join(base, "old"), target);
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("tells two disks apart that take turns at one place, with the same numbers", async () => {
    const { memory, identity: one } = await firstRun();
    const marker = await markerOf(target);
    await rm(join(target, ".trisync"), { recursive: true });
    const second = await openRun({ target, memory });
    const two = await rootOf(second);
    expect(two).not.toBe(one);
    await put(second, "b.txt", "2");
    expect(await markerOf(target)).not.toBe(marker);
    expect(await rootOf(await openRun({ target, memory }))).toBe(two);
    await writeFile(join(target, ".trisync", "root.json"), marker);
    expect(await rootOf(await openRun({ target, memory }))).toBe(one);
  });

  it("stays the same when another machine was the first to leave a marker", async () => {
    const memory = createMemory();
    const identity = await rootOf(await openRun({ target, memory }));
    await put(await openRun({ target }), "a.txt", "1");
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("survives a death just after the marker was written, even if the disk then gets other numbers", async () => {
    const memory = createMemory();
    const dying: FileSystem = {
      ...nodeFileSystem,
      unlink: async (path) => {
        if (path.endsWith(".marker")) throw new Error("killed");
        await nodeFileSystem.unlink(path);
      },
    };
    const provider = await openRun({ target, memory, files: dying });
    const identity = await rootOf(provider);
    await expect(put(provider, "a.txt", "1")).rejects.toThrow("killed");
    expect(await markerOf(target)).toContain("id");
    await rename(target, join(base, "old"));
    await cp(join(base, "old"), target, { recursive: true });
    expect(await rootOf(await openRun({ target, memory }))).toBe(identity);
  });

  it("has one marker when two machines write at once", async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => openRun({ target })));
    await Promise.all(runs.map((provider, i) => put(provider, `${i}.txt`, "1")));
    const fresh = await Promise.all([1, 2].map(async () => rootOf(await openRun({ target }))));
    expect(fresh[0]).toBe(fresh[1]);
    expect((await readdir(join(target, ".trisync"))).sort()).toEqual(["root.json", "tmp"]);
    expect(await readdir(join(target, ".trisync", "tmp"))).toEqual([]);
  });

  it("is not guessed when the marker is damaged", async () => {
    await mkdir(join(target, ".trisync"));
    for (const text of ["", "{}", "not json", '{"id":7}']) {
      await writeFile(join(target, ".trisync", "root.json"), text);
      expect(await codeOf((await openRun({ target })).identify(signal))).toBe("malformed");
    }
  });

  it("is that of the folder a link leads to", async () => {
    const link = join(base, "link");
    await symlink(target, link);
    const provider = await openRun({ target: link });
    await put(provider, "a.txt", "1");
    expect(await contents(provider)).toEqual({ "a.txt": "1" });
    expect(await rootOf(await openRun({ target: link }))).toBe(await rootOf(await openRun({ target })));
  });
});

describe("a disk that is unplugged", () => {
  it("between two runs leaves a root without identity, and nothing is made in its place", async () => {
    target = join(base, "disk", "remote");
    await mkdir(target, { recursive: true });
    const memory = createMemory();
    await put(await openRun({ target, memory }), "a.txt", "1");
    await rm(join(base, "disk"), { recursive: true });
    const provider = await openRun({ target, memory });
    expect(await rootOf(provider)).toBeUndefined();
    expect(await codeOf(put(provider, "b.txt", "2"))).toBe("unavailable");
    await provider.close(signal);
    expect(await readdir(base)).toEqual([]);
  });

  it.each(["gone", "an empty folder in its place"])("in the middle of a run fails every call (%s)", async (what) => {
    await mkdir(target);
    const provider = await openRun({ target });
    const file = await put(provider, "a.txt", "1");
    await rename(target, join(base, "away"));
    if (what !== "gone") await mkdir(target);
    const calls = [
      provider.identify(signal),
      pagesOf(provider),
      provider.stat(file.path, signal),
      provider.hash(file, signal),
      pullText(provider, file),
      put(provider, "b.txt", "2"),
      put(provider, "a.txt", "2", { replaces: file }),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "unavailable"));
    expect(codesOf(await provider.createFolders([toSyncPath("d")], signal))).toEqual(["unavailable"]);
    expect(codesOf(await provider.move([{ entry: file, to: toSyncPath("c.txt") }], signal))).toEqual(["unavailable"]);
    expect(codesOf(await provider.delete([file], signal))).toEqual(["unavailable"]);
    expect(await codeOf(provider.close(signal))).toBe("unavailable");
    if (what !== "gone") expect(await readdir(target)).toEqual([]);
    await expect(lstat(join(base, "away", "a.txt"))).resolves.toBeDefined();
  });
});

describe("links below the root", () => {
  it("are shown, and neither followed nor written through", async () => {
    const outside = join(base, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret.txt"), "outside");
    await mkdir(target);
    await symlink(outside, join(target, "link"));
    const provider = await openRun({ target });
    expect(await listedPaths(provider)).toEqual(["link"]);
    expect(await provider.stat(toSyncPath("link"), signal)).toMatchObject({ kind: "special", type: "symbolic link" });
    expect(await codeOf(put(provider, "link/secret.txt", "mine"))).toBe("changed");
    expect(await codeOf(put(provider, "link/new.txt", "mine"))).toBe("changed");
    expect(codesOf(await provider.createFolders([toSyncPath("link/d")], signal))).toEqual(["changed"]);
    const file = await put(provider, "a.txt", "1");
    expect(codesOf(await provider.move([{ entry: file, to: toSyncPath("link/a.txt") }], signal))).toEqual(["changed"]);
    expect(await readdir(outside)).toEqual(["secret.txt"]);
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe("outside");
  });

  it("that took the place of a folder during the run lead nowhere", async () => {
    await mkdir(target);
    const provider = await openRun({ target });
    const file = await put(provider, "d/a.txt", "1");
    await rename(join(target, "d"), join(base, "outside"));
    await symlink(join(base, "outside"), join(target, "d"));
    expect(codesOf(await provider.delete([file], signal))).toEqual(["changed"]);
    expect(await codeOf(pullText(provider, file))).toBe("changed");
    expect(await codeOf(put(provider, "d/a.txt", "2", { replaces: file }))).toBe("changed");
    expect(await readFile(join(base, "outside", "a.txt"), "utf8")).toBe("1");
  });
});
