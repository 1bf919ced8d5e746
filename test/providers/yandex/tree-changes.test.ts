import { describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import type { RemoteFile, RemoteFolder } from "../../../lib/model/entry.js";
import { patternOf } from "../../support/builders.js";
import { fileAt, folderAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, put, useEmulator } from "./support.js";

const emulator = useEmulator();

const lost = [{ kind: "cut-after" }, { kind: "status", status: 500, processed: true }] as const;

describe("deletions", () => {
  test("of files name their content, and go to the trash", async () => {
    emulator().remote.seed({ "/Docs/a": "1", "/Docs/b": "2" });
    const provider = await openProvider(emulator());
    const [a, b] = [await fileAt(provider, "a"), await fileAt(provider, "b")];
    emulator().remote.write("/Docs/b", "theirs");
    expect(codesOf(await provider.delete([a, b], signal))).toEqual(["ok", "changed"]);
    expect(
      emulator()
        .remote.trash()
        .map(({ path }) => path),
    ).toEqual(["/Docs/a"]);
    const deletes = emulator().requests.filter(({ method }) => method === "DELETE");
    expect(deletes.every(({ query }) => query["md5"] !== undefined && query["permanently"] === "false")).toBe(true);
  });

  test("of a file whose place a folder has taken leave that alone", async () => {
    emulator().remote.seed({ "/Docs/a": "1" });
    const provider = await openProvider(emulator());
    const a = await fileAt(provider, "a");
    emulator().remote.delete("/Docs/a");
    emulator().remote.write("/Docs/a/b", "2");
    expect(codesOf(await provider.delete([a], signal))).toEqual(["changed"]);
    expect(emulator().remote.stat("/Docs/a/b")).toBeDefined();
  });

  test.each(lost)("whose answer is lost are done: $kind", async (effect) => {
    emulator().remote.seed({ "/Docs/a": "1", "/Docs/d": null });
    const provider = await openProvider(emulator());
    const entries = [await fileAt(provider, "a"), await folderAt(provider, "d")];
    emulator().fault({ route: "DELETE resources", path: "/a", ...effect });
    emulator().fault({ route: "DELETE resources", path: "/d", ...effect });
    expect(codesOf(await provider.delete(entries, signal))).toEqual(["ok", "ok"]);
    expect(emulator().remote.hashes()).toEqual({ "/Docs": null });
  });

  test("of folders in one another are one, and each is looked into", async () => {
    emulator().remote.seed({ "/Docs/a/b/c": null, "/Docs/a/d": null, "/Docs/e": null });
    const provider = await openProvider(emulator());
    const folders = (await listAll(provider)).entries.filter((entry) => entry.kind === "folder");
    emulator().resetCounters();
    expect(codesOf(await provider.delete(folders, signal))).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(emulator().requestCount("DELETE resources")).toBe(2);
    expect(emulator().remote.hashes()).toEqual({ "/Docs": null });
  });

  test("of a folder are not stopped by what a killed run of ours has left in it", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    emulator().fault({ route: "POST resources/move", kind: "status", status: 400 });
    await errorOf(put(provider, "d/film.mp4", patternOf(300_000)));
    const folder = await folderAt(provider, "d");
    expect(codesOf(await (await openProvider(emulator())).delete([folder], signal))).toEqual(["changed"]);
    expect(codesOf(await provider.delete([folder], signal))).toEqual(["ok"]);
  });

  test("of folders stop where something is in one of them", async () => {
    emulator().remote.seed({ "/Docs/a/b/c": null, "/Docs/a/d": null });
    const provider = await openProvider(emulator());
    const paths = ["a", "a/b", "a/b/c", "a/d"];
    const folders = await Promise.all(paths.map((path) => folderAt(provider, path)));
    emulator().remote.write("/Docs/a/b/late.txt", "theirs");
    emulator().remote.mkdir("/Docs/a/d/new");
    expect(codesOf(await provider.delete(folders, signal))).toEqual(["changed", "changed", "ok", "changed"]);
    expect(Object.keys(emulator().remote.hashes())).toEqual([
      "/Docs",
      "/Docs/a",
      "/Docs/a/b",
      "/Docs/a/b/late.txt",
      "/Docs/a/d",
      "/Docs/a/d/new",
    ]);
  });

  test("wait while another operation holds the path, and give up some time", async () => {
    emulator().remote.seed({ "/Docs/a": "1", "/Docs/b": "2" });
    const provider = await openProvider(emulator());
    const [a, b] = [await fileAt(provider, "a"), await fileAt(provider, "b")];
    emulator().fault({ route: "DELETE resources", path: "/a", kind: "locked", times: 3 });
    expect(codesOf(await provider.delete([a], signal))).toEqual(["ok"]);
    emulator().remote.lock("/Docs/b");
    expect(codesOf(await provider.delete([b], signal))).toEqual(["unavailable"]);
    emulator().remote.unlock("/Docs/b");
  });

  test("that go on at the service are waited for", async () => {
    Object.assign(emulator().settings, { operations: "async", operationLinks: "query" });
    emulator().remote.seed({ "/Docs/a": "1", "/Docs/b": "2" });
    const provider = await openProvider(emulator());
    const files: RemoteFile[] = [await fileAt(provider, "a"), await fileAt(provider, "b")];
    emulator().fault({ route: "DELETE resources", path: "/a", kind: "slow-operation", polls: 12 });
    emulator().fault({ route: "DELETE resources", path: "/b", kind: "failed-operation" });
    expect(codesOf(await provider.delete(files, signal))).toEqual(["ok", "unavailable"]);
    expect(Object.keys(emulator().remote.hashes())).toEqual(["/Docs", "/Docs/b"]);
  });
});

describe("moves", () => {
  test.each(lost)("whose answer is lost are done: $kind", async (effect) => {
    emulator().remote.seed({ "/Docs/a": "1", "/Docs/d/e/f": "2" });
    const provider = await openProvider(emulator());
    const [file, folder] = [await fileAt(provider, "a"), await folderAt(provider, "d")];
    emulator().fault({ route: "POST resources/move", ...effect });
    expect(codesOf(await provider.move([{ entry: file, to: toSyncPath("b") }], signal))).toEqual(["ok"]);
    emulator().fault({ route: "POST resources/move", ...effect });
    expect(codesOf(await provider.move([{ entry: folder, to: toSyncPath("g") }], signal))).toEqual(["ok"]);
    expect((await listAll(provider)).names).toEqual(["b", "g/", "g/e/", "g/e/f"]);
  });

  test("in one another are made in their order", async () => {
    emulator().remote.seed({ "/Docs/a/b/c": "1" });
    const provider = await openProvider(emulator());
    const [a, b] = [await folderAt(provider, "a"), await folderAt(provider, "a/b")];
    const moved: RemoteFolder = { ...b, path: toSyncPath("x/b") };
    const moves = [
      { entry: a, to: toSyncPath("x") },
      { entry: moved, to: toSyncPath("y") },
    ];
    expect(codesOf(await provider.move(moves, signal))).toEqual(["ok", "ok"]);
    expect((await listAll(provider)).names).toEqual(["x/", "y/", "y/c"]);
  });

  test("make the folder that they lead to", async () => {
    emulator().remote.seed({ "/Docs/a": "1" });
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a");
    expect(codesOf(await provider.move([{ entry: file, to: toSyncPath("new/deep/a") }], signal))).toEqual(["ok"]);
  });

  test("of a folder with a thousand files are one request and some looks at how it goes", async () => {
    emulator().remote.seed(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`/Docs/d/f${i}`, "x"])));
    const provider = await openProvider(emulator());
    const folder = await folderAt(provider, "d");
    emulator().resetCounters();
    expect(codesOf(await provider.move([{ entry: folder, to: toSyncPath("e") }], signal))).toEqual(["ok"]);
    expect(emulator().requestCount()).toBeLessThanOrEqual(5);
  });

  test("that the service does without keeping the id still lead to the listed content", async () => {
    emulator().settings.moveKeepsId = false;
    emulator().remote.seed({ "/Docs/a": "1" });
    const provider = await openProvider(emulator());
    const file = await fileAt(provider, "a");
    emulator().fault({ route: "POST resources/move", kind: "cut-after" });
    const [moved] = await provider.move([{ entry: file, to: toSyncPath("b") }], signal);
    expect(moved).toMatchObject({ ok: true, value: { path: "b", version: file.version } });
  });

  test("into itself are refused", async () => {
    emulator().remote.seed({ "/Docs/d": null });
    const provider = await openProvider(emulator());
    const folder = await folderAt(provider, "d");
    expect(codesOf(await provider.move([{ entry: folder, to: toSyncPath("d/e") }], signal))).toEqual(["rejected"]);
  });
});
