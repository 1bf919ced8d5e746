import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { patternOf } from "../../support/builders.js";
import { fileAt, folderAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory, type Memory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, useEmulator } from "./support.js";

const emulator = useEmulator();

async function open(memory: Memory = createMemory()) {
  const provider = await openProvider(emulator(), { memory });
  await provider.identify(signal);
  emulator().resetCounters();
  return provider;
}

const paths = async () => Object.keys(await emulator().remote.tree()).sort();
const known = (entry: { kind: string }): entry is RemoteFile | RemoteFolder => entry.kind !== "special";

describe("createFolders", () => {
  test("makes folders with their parents, in one request; one that is there is fine", async () => {
    emulator().remote.mkdir("/Docs/Old");
    const provider = await open();
    const wanted = ["a", "a/b", "a/b/c", "old"].map(toSyncPath);
    const attempts = await provider.createFolders(wanted, signal);
    expect(codesOf(attempts)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(attempts.map((attempt) => attempt.ok && attempt.value.path)).toEqual(["a", "a/b", "a/b/c", "Old"]);
    expect(attempts.at(-1)).toEqual({ ok: true, value: await folderAt(provider, "Old") });
    expect(emulator().requestCount("files/create_folder_batch")).toBe(1);
    const { entries } = await listAll(provider);
    for (const attempt of attempts) expect(entries).toContainEqual(attempt.ok && attempt.value);
    expect(emulator().misuse).toEqual([]);
  });

  test("never takes the place of a file", async () => {
    emulator().remote.write("/Docs/f", "1");
    const attempts = await (await open()).createFolders(["f", "f/g", "h"].map(toSyncPath), signal);
    expect(codesOf(attempts)).toEqual(["changed", "changed", "ok"]);
  });

  test("makes many, waiting for the job that does it, also when an answer is lost", async () => {
    emulator().fault({ route: "files/create_folder_batch", kind: "cut-after" });
    const wanted = Array.from({ length: 250 }, (_, n) => toSyncPath(`d${n}`));
    const attempts = await (await open()).createFolders(wanted, signal);
    expect(new Set(codesOf(attempts))).toEqual(new Set(["ok"]));
    expect((await paths()).length).toBe(251);
  });
});

describe("delete", () => {
  test("removes files in the version that was listed, and no other", async () => {
    const { remote } = emulator();
    for (const name of ["a", "b", "c"]) remote.write(`/Docs/${name}`, name);
    const provider = await open();
    const files = [await fileAt(provider, "a"), await fileAt(provider, "b"), await fileAt(provider, "c")];
    remote.write("/Docs/b", "changed");
    remote.delete("/Docs/c");
    expect(codesOf(await provider.delete(files, signal))).toEqual(["ok", "changed", "ok"]);
    expect(await paths()).toEqual(["/Docs", "/Docs/b"]);
    expect(remote.revisions("/Docs/a")).toHaveLength(1);
  });

  test("a file that a folder has replaced stays", async () => {
    emulator().remote.write("/Docs/a", "1");
    const provider = await open();
    const file = await fileAt(provider, "a");
    emulator().remote.delete("/Docs/a");
    emulator().remote.write("/Docs/a/b", "2");
    expect(codesOf(await provider.delete([file], signal))).toEqual(["changed"]);
    expect(await paths()).toContain("/Docs/a/b");
  });

  test("a tree of 1,000 files and 50 folders costs few requests", async () => {
    const { remote } = emulator();
    for (let n = 0; n < 1000; n++) remote.write(`/Docs/top/d${n % 50}/f${n}`, String(n));
    remote.write("/Docs/kept", "1");
    const provider = await open();
    const { entries } = await listAll(provider);
    const doomed = entries.filter(known).filter(({ path }) => path.startsWith("top"));
    emulator().resetCounters();
    expect(new Set(codesOf(await provider.delete(doomed, signal)))).toEqual(new Set(["ok"]));
    expect(await paths()).toEqual(["/Docs", "/Docs/kept"]);
    expect(emulator().requestCount()).toBeLessThanOrEqual(8);
    expect(emulator().misuse).toEqual([]);
  });

  test("a folder with something new in it stays, with all folders above; empty ones beside it go", async () => {
    const { remote } = emulator();
    remote.mkdir("/Docs/top/full/inner");
    remote.mkdir("/Docs/top/empty/inner");
    const provider = await open();
    const folders = (await listAll(provider)).entries.filter(known);
    remote.write("/Docs/top/full/inner/new.txt", "new");
    const attempts = await provider.delete(folders, signal);
    const outcome = Object.fromEntries(folders.map(({ path }, at) => [path, codesOf(attempts)[at]]));
    expect(outcome).toEqual({
      top: "changed",
      "top/full": "changed",
      "top/full/inner": "changed",
      "top/empty": "ok",
      "top/empty/inner": "ok",
    });
    expect(await paths()).toEqual([
      "/Docs",
      "/Docs/top",
      "/Docs/top/full",
      "/Docs/top/full/inner",
      "/Docs/top/full/inner/new.txt",
    ]);
  });

  test("a folder that was made anew stays, one that is gone is fine", async () => {
    const { remote } = emulator();
    remote.mkdir("/Docs/anew");
    remote.mkdir("/Docs/gone");
    const provider = await open();
    const folders = [await folderAt(provider, "anew"), await folderAt(provider, "gone")];
    remote.delete("/Docs/anew");
    remote.mkdir("/Docs/anew");
    remote.delete("/Docs/gone");
    expect(codesOf(await provider.delete(folders, signal))).toEqual(["changed", "ok"]);
    expect(await paths()).toContain("/Docs/anew");
  });

  test("an online document keeps its folder", async () => {
    emulator().remote.write("/Docs/d/notes.paper", "", { exportAs: "markdown" });
    const provider = await open();
    expect(codesOf(await provider.delete([await folderAt(provider, "d")], signal))).toEqual(["changed"]);
  });

  test("a listing that lags behind and still shows the deleted files does not keep the folder", async () => {
    emulator().remote.write("/Docs/d/a", "1");
    const provider = await open();
    const both = [await fileAt(provider, "d/a"), await folderAt(provider, "d")];
    emulator().freezeListings(1);
    expect(codesOf(await provider.delete(both, signal))).toEqual(["ok", "ok"]);
    expect(await paths()).toEqual(["/Docs"]);
  });

  test("more than the service deletes at once is taken apart", async () => {
    emulator().settings.folderOperationEntries = 10;
    for (let n = 0; n < 15; n++) emulator().remote.mkdir(`/Docs/top/d${n}/e`);
    const provider = await open();
    const folders = (await listAll(provider)).entries.filter(known);
    expect(new Set(codesOf(await provider.delete(folders, signal)))).toEqual(new Set(["ok"]));
    expect(await paths()).toEqual(["/Docs"]);
  });

  test.each([
    { route: "files/delete_batch", kind: "cut-after" },
    { route: "files/delete_batch/check", kind: "cut-after" },
    { route: "files/delete_batch", kind: "slow-job", polls: 10 },
    { route: "files/delete_batch", kind: "failed-job", error: { ".tag": "too_many_write_operations" } },
    { route: "files/delete_batch", kind: "refuse", tag: "too_many_write_operations", entries: [1, 3] },
    { route: "files/delete_batch", kind: "rate-limit", retryAfter: 2, times: 2 },
  ] as const)("goes on: %j", async (fault) => {
    for (let n = 0; n < 5; n++) emulator().remote.write(`/Docs/f${n}`, String(n));
    const provider = await open();
    const files = (await listAll(provider)).entries.filter(known);
    emulator().fault(fault);
    expect(new Set(codesOf(await provider.delete(files, signal)))).toEqual(new Set(["ok"]));
    expect(emulator().pendingFaults()).toEqual([]);
    expect(await paths()).toEqual(["/Docs"]);
  });

  test("what may not be written is refused, the rest is done", async () => {
    emulator().remote.write("/Docs/mine", "1");
    emulator().remote.write("/Docs/theirs", "1");
    emulator().remote.deny("/Docs/theirs", { on: "write", tag: "no_write_permission" });
    const provider = await open();
    const files = [await fileAt(provider, "mine"), await fileAt(provider, "theirs")];
    expect(codesOf(await provider.delete(files, signal))).toEqual(["ok", "rejected"]);
  });
});

describe("move", () => {
  test("moves files and folders with all their content in one call, making parents", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    emulator().remote.write("/Docs/d/x/y", "2");
    const provider = await open();
    const file = await fileAt(provider, "a.txt");
    const folder = await folderAt(provider, "d");
    const attempts = await provider.move(
      [
        { entry: file, to: toSyncPath("new/place/b.txt") },
        { entry: folder, to: toSyncPath("e") },
      ],
      signal,
    );
    expect(attempts.map((attempt) => attempt.ok && [attempt.value.path, attempt.value.id])).toEqual([
      ["new/place/b.txt", file.id],
      ["e", folder.id],
    ]);
    expect(await paths()).toEqual([
      "/Docs",
      "/Docs/e",
      "/Docs/e/x",
      "/Docs/e/x/y",
      "/Docs/new",
      "/Docs/new/place",
      "/Docs/new/place/b.txt",
    ]);
    const { entries } = await listAll(provider);
    for (const attempt of attempts) expect(entries).toContainEqual(attempt.ok && attempt.value);
    expect(emulator().requestCount("files/move_batch_v2")).toBe(1);
    expect(emulator().misuse).toEqual([]);
  });

  test("never overwrites, and tells when the source is gone", async () => {
    emulator().remote.write("/Docs/a", "1");
    emulator().remote.write("/Docs/b", "2");
    emulator().remote.write("/Docs/c", "3");
    const provider = await open();
    const [a, c] = [await fileAt(provider, "a"), await fileAt(provider, "c")];
    emulator().remote.delete("/Docs/c");
    const attempts = await provider.move(
      [
        { entry: a, to: toSyncPath("b") },
        { entry: c, to: toSyncPath("d") },
      ],
      signal,
    );
    expect(codesOf(attempts)).toEqual(["changed", "not-found"]);
    expect((await emulator().remote.read("/Docs/b")).toString()).toBe("2");
  });

  test("leaves alone what has taken the place of the source", async () => {
    emulator().remote.write("/Docs/a", "1");
    const provider = await open();
    const a = await fileAt(provider, "a");
    emulator().remote.delete("/Docs/a");
    emulator().remote.write("/Docs/a", "another");
    expect(codesOf(await provider.move([{ entry: a, to: toSyncPath("b") }], signal))).toEqual(["not-found"]);
    expect(await paths()).toEqual(["/Docs", "/Docs/a"]);
  });

  test("swaps two files, and moves into and out of a folder that moves", async () => {
    emulator().remote.write("/Docs/a", "1");
    emulator().remote.write("/Docs/b", "2");
    emulator().remote.write("/Docs/d/x", "3");
    emulator().remote.write("/Docs/d/y", "4");
    const provider = await open();
    const [a, b] = [await fileAt(provider, "a"), await fileAt(provider, "b")];
    const [x, d] = [await fileAt(provider, "d/x"), await folderAt(provider, "d")];
    const plan = [
      [a, "t"],
      [b, "a"],
      [a, "b"],
      [x, "x"],
      [d, "e"],
    ] as const;
    const moves = plan.map(([entry, to]) => ({ entry, to: toSyncPath(to) }));
    expect(new Set(codesOf(await provider.move(moves, signal)))).toEqual(new Set(["ok"]));
    expect(await paths()).toEqual(["/Docs", "/Docs/a", "/Docs/b", "/Docs/e", "/Docs/e/y", "/Docs/x"]);
    expect((await emulator().remote.read("/Docs/a")).toString()).toBe("2");
    expect((await emulator().remote.read("/Docs/b")).toString()).toBe("1");
    expect(emulator().misuse).toEqual([]);
  });

  test.each([
    { route: "files/move_batch_v2", kind: "cut-after" },
    { route: "files/move_batch_v2", kind: "cut-before" },
    { route: "files/move_batch/check_v2", kind: "cut-after" },
    { route: "files/move_batch_v2", kind: "slow-job", polls: 10 },
    { route: "files/move_batch_v2", kind: "refuse", tag: "too_many_write_operations", entries: [0] },
    { route: "files/move_batch_v2", kind: "rate-limit", retryAfter: 2, times: 2 },
  ] as const)("goes on: %j", async (fault) => {
    emulator().remote.write("/Docs/a", "1");
    emulator().remote.write("/Docs/d/x", "2");
    const provider = await open();
    const moves = [
      { entry: await fileAt(provider, "a"), to: toSyncPath("b") },
      { entry: await folderAt(provider, "d"), to: toSyncPath("e") },
    ];
    emulator().fault(fault);
    expect(codesOf(await provider.move(moves, signal))).toEqual(["ok", "ok"]);
    expect(emulator().pendingFaults()).toEqual([]);
    expect(await paths()).toEqual(["/Docs", "/Docs/b", "/Docs/e", "/Docs/e/x"]);
  });
});

test("a folder that holds more than the service moves at once is moved in pieces", async () => {
  emulator().settings.folderOperationEntries = 20;
  for (let n = 0; n < 40; n++) emulator().remote.write(`/Docs/top/d${n % 2}/e${n % 4}/f${n}`, String(n));
  emulator().remote.write("/Docs/top/file", "1");
  const provider = await open();
  const file = await fileAt(provider, "top/file");
  const attempts = await provider.move(
    [{ entry: await folderAt(provider, "top"), to: toSyncPath("new/place") }],
    signal,
  );
  expect(attempts).toEqual([{ ok: true, value: await folderAt(provider, "new/place") }]);
  expect((await fileAt(provider, "new/place/file")).id).toBe(file.id);
  const all = await paths();
  expect(all).not.toContain("/Docs/top");
  expect(all.filter((path) => /\/f\d+$/.test(path))).toHaveLength(40);
});

describe("a move that changes only the case", () => {
  test("works for files and folders", async () => {
    emulator().remote.write("/Docs/readme.md", "1");
    emulator().remote.write("/Docs/photos/a", "2");
    const provider = await open();
    const moves = [
      { entry: await fileAt(provider, "readme.md"), to: toSyncPath("README.md") },
      { entry: await folderAt(provider, "photos"), to: toSyncPath("Photos") },
    ];
    const attempts = await provider.move(moves, signal);
    expect(attempts.map((attempt) => attempt.ok && attempt.value.path)).toEqual(["README.md", "Photos"]);
    expect(await paths()).toEqual(["/Docs", "/Docs/Photos", "/Docs/Photos/a", "/Docs/README.md"]);
  });

  test("that stops half-way is ended by the next run", async () => {
    emulator().remote.write("/Docs/readme.md", "1");
    const memory = createMemory();
    const provider = await open(memory);
    const entry = await fileAt(provider, "readme.md");
    const stop = new AbortController();
    emulator().fault({ route: "files/move_batch_v2", nth: 2, kind: "cut-before", times: 1000 });
    const work = provider.move([{ entry, to: toSyncPath("README.md") }], stop.signal);
    const timer = setInterval(() => {
      if (emulator().requestCount("files/move_batch_v2") >= 2) stop.abort(new Error("killed"));
    }, 5);
    await expect(work).rejects.toThrow("killed");
    clearInterval(timer);
    emulator().clearFaults();
    expect(await paths()).not.toContain("/Docs/README.md");

    const { entries } = await listAll(await open(memory));
    expect(entries.map(({ path }) => path)).toEqual(["README.md"]);
    expect(memory.entries("rename:")).toEqual([]);
  });

  test("whose second step fails is taken back", async () => {
    emulator().remote.write("/Docs/readme.md", "1");
    const provider = await open();
    const entry = await fileAt(provider, "readme.md");
    emulator().fault({ route: "files/move_batch_v2", nth: 2, kind: "refuse", tag: "no_write_permission" });
    expect(codesOf(await provider.move([{ entry, to: toSyncPath("README.md") }], signal))).toEqual(["rejected"]);
    expect(await paths()).toEqual(["/Docs", "/Docs/readme.md"]);
  });
});

describe("download", () => {
  test("has the listed bytes, from any byte on", async () => {
    const content = patternOf(300_000);
    emulator().remote.write("/Docs/a ü.bin", content);
    const provider = await open();
    const file = await fileAt(provider, "a ü.bin");
    for (const start of [0, 1, 65_536, 299_999, 300_000]) {
      const bytes = await buffer(await provider.download(file, start, signal));
      expect(bytes.equals(content.subarray(start)), String(start)).toBe(true);
    }
    expect(emulator().misuse).toEqual([]);
  });

  test("of an empty file", async () => {
    emulator().remote.write("/Docs/a", "");
    const provider = await open();
    expect(await buffer(await provider.download(await fileAt(provider, "a"), 0, signal))).toHaveLength(0);
  });

  test.each([0, 2, 5])("from byte %i on is refused once the file has changed or is gone", async (start) => {
    emulator().remote.write("/Docs/a", "12345");
    const provider = await open();
    const file = await fileAt(provider, "a");
    emulator().remote.write("/Docs/a", "67890");
    expect(await errorOf(provider.download(file, start, signal))).toMatchObject({ code: "changed" });
    emulator().remote.delete("/Docs/a");
    expect(await errorOf(provider.download(file, start, signal))).toMatchObject({ code: "not-found" });
    emulator().remote.mkdir("/Docs/a");
    expect(await errorOf(provider.download(file, start, signal))).toMatchObject({ code: "changed" });
  });

  test("fails when it ends early", async () => {
    emulator().remote.write("/Docs/a", patternOf(100_000));
    const provider = await open();
    const file = await fileAt(provider, "a");
    emulator().fault({ route: "files/download", kind: "truncated-download", afterBytes: 1000 });
    const stream = await provider.download(file, 0, signal);
    expect(await errorOf(buffer(stream))).toMatchObject({ code: "unavailable" });
  });

  test("of restricted content is refused for good", async () => {
    emulator().remote.write("/Docs/a", "1");
    const provider = await open();
    const file = await fileAt(provider, "a");
    emulator().fault({
      route: "files/download",
      kind: "error",
      error: { ".tag": "path", path: { ".tag": "restricted_content" } },
    });
    expect(await errorOf(provider.download(file, 0, signal))).toMatchObject({ code: "rejected" });
  });
});
