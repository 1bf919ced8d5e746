import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, put, useEmulator } from "./support.js";

const emulator = useEmulator();

/** Files "/Docs/big/0000" and so on. */
function makeBigFolder(count: number): readonly string[] {
  const names = Array.from({ length: count }, (_, i) => String(i).padStart(4, "0"));
  emulator().remote.seed(Object.fromEntries(names.map((name) => [`/Docs/big/${name}`, name])));
  return ["big/", ...names.map((name) => `big/${name}`)];
}

const listings = (): number => emulator().requestCount("GET resources");

describe("the fewest pages that are safe", () => {
  test("one for a folder of up to 1,000 entries, a few for more", async () => {
    const expected = makeBigFolder(2500);
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().resetCounters();
    expect((await listAll(provider)).names).toEqual(expected);
    expect(listings()).toBe(1 + 3);
  });

  test("a run without changes costs one request for each folder", async () => {
    emulator().remote.seed({ "/Docs/a/b/c.txt": "1", "/Docs/d.txt": "2", "/Docs/e": null });
    const [memory, settings] = [createMemory(), { YANDEX_TOKEN: emulator().tokens.issue().accessToken }];
    await (await openProvider(emulator(), { memory, settings })).identify(signal);
    const provider = await openProvider(emulator(), { memory, settings });
    emulator().resetCounters();
    await provider.identify(signal);
    expect((await listAll(provider)).names).toEqual(["a/", "a/b/", "a/b/c.txt", "d.txt", "e/"]);
    expect(emulator().requestCount()).toBe(4);
  });

  test("less at once when the service does not manage a page", async () => {
    const expected = makeBigFolder(700);
    emulator().fault({ route: "GET resources", path: "/big", kind: "status", status: 504 });
    emulator().fault({ route: "GET resources", path: "/big", nth: 2, kind: "cut-before" });
    const provider = await openProvider(emulator());
    expect((await listAll(provider)).names).toEqual(expected);
    const limits = emulator()
      .requests.filter(({ path }) => path?.endsWith("/big") === true)
      .map(({ query }) => query["limit"]);
    expect(limits).toEqual(["1000", "500", "250", "250", "250"]);
  });

  test("links to content come along only with the first listing", async () => {
    emulator().remote.seed({ "/Docs/a.txt": "1" });
    const memory = createMemory();
    for (const expected of [true, false]) {
      emulator().resetCounters();
      await listAll(await openProvider(emulator(), { memory }));
      const fields = emulator().requests.map(({ query }) => query["fields"] ?? "");
      expect(fields.some((field) => field.includes("items.file"))).toBe(expected);
    }
  });
});

describe("changes by others while a folder is listed", () => {
  const second = { route: "GET resources", path: "/big", nth: 2 } as const;

  test("an entry that is pushed to the page before is not missed", async () => {
    const expected = makeBigFolder(1500);
    emulator().fault({ ...second, kind: "edits", edits: [{ kind: "delete", path: "/Docs/big/0003" }] });
    const provider = await openProvider(emulator());
    expect((await listAll(provider)).names).toEqual(expected.filter((name) => name !== "big/0003"));
    expect(emulator().pendingFaults()).toEqual([]);
  });

  test("not even when another one comes at the same time, so that the total stays", async () => {
    const expected = makeBigFolder(1500);
    const edits = [
      { kind: "delete", path: "/Docs/big/0003" },
      { kind: "write", path: "/Docs/big/9999", content: "new" },
    ] as const;
    emulator().fault({ ...second, kind: "edits", edits });
    const provider = await openProvider(emulator());
    const { names } = await listAll(provider);
    expect(names).toEqual([...expected.filter((name) => name !== "big/0003"), "big/9999"]);
  });

  test("an entry that is pushed to the page after is listed once", async () => {
    const expected = makeBigFolder(1500);
    emulator().fault({ ...second, kind: "edits", edits: [{ kind: "write", path: "/Docs/big/0003b", content: "new" }] });
    const provider = await openProvider(emulator());
    expect((await listAll(provider)).names).toEqual([...expected, "big/0003b"].sort());
  });

  test("a folder that never holds still is no listing", async () => {
    makeBigFolder(1500);
    for (let nth = 2; nth < 40; nth += 1) {
      const path = `/Docs/big/${String(nth).padStart(4, "0")}`;
      emulator().fault({ route: "GET resources", path: "/big", nth, kind: "edits", edits: [{ kind: "delete", path }] });
    }
    const error = await errorOf(listAll(await openProvider(emulator())));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("changes while it is listed");
    emulator().clearFaults();
  });

  test("a folder that goes away meanwhile is gone, and the rest is listed", async () => {
    emulator().remote.seed({ "/Docs/a/1.txt": "1", "/Docs/b/2.txt": "2" });
    emulator().fault({
      route: "GET resources",
      path: "/Docs/a",
      kind: "edits",
      edits: [{ kind: "delete", path: "/Docs/a" }],
    });
    const { names } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["a/", "b/", "b/2.txt"]);
  });
});

test("a folder that may not be read is unknown, and the rest is listed", async () => {
  emulator().remote.seed({ "/Docs/a/1.txt": "1", "/Docs/b/2.txt": "2" });
  emulator().fault({ route: "GET resources", path: "/Docs/a", kind: "error", status: 403, error: "ForbiddenError" });
  const { names, changes } = await listAll(await openProvider(emulator()));
  expect(names).toEqual(["a/", "b/", "b/2.txt"]);
  const problems = changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
  expect(problems).toMatchObject([{ path: "a", code: "unreadable", covers: { path: "a", subtree: true } }]);
});

describe("pages that are not what they say", () => {
  const faults = [
    { kind: "short-page", entries: 3 },
    { kind: "empty-page" },
    { kind: "missing-entries", names: ["0002"] },
    { kind: "missing-entries", count: 2 },
    { kind: "repeated-entry" },
    { kind: "half-json" },
  ] as const;

  test.each(faults)("$kind: everything is listed, or nothing", async (effect) => {
    const expected = makeBigFolder(10);
    emulator().fault({ route: "GET resources", path: "/big", ...effect });
    const provider = await openProvider(emulator());
    if (effect.kind === "half-json") expect((await errorOf(listAll(provider))).code).toBe("malformed");
    else expect((await listAll(provider)).names).toEqual(expected);
  });

  test.each(["missing-entries", "empty-page"] as const)("%s that stays: an error", async (kind) => {
    makeBigFolder(10);
    emulator().fault({ route: "GET resources", path: "/big", kind, times: 100 });
    expect((await errorOf(listAll(await openProvider(emulator())))).code).toBe("unavailable");
    emulator().clearFaults();
  });

  test("a folder without a word about its content is not empty", async () => {
    makeBigFolder(10);
    emulator().fault({ route: "GET resources", path: "/big", kind: "no-embedded" });
    expect((await errorOf(listAll(await openProvider(emulator())))).code).toBe("malformed");
  });
});

describe("names", () => {
  test("content of trisync on its way is nobody's file", async () => {
    const provider = await openProvider(emulator());
    const now = new Date().toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
    emulator().remote.seed({
      "/Docs/a.txt": "1",
      "/Docs/.trisync-upload-0123456789abcdef.txt": "2",
      [`/Docs/a (replaced ${now}-1a2b).txt`]: "3",
      // Brought back from the trash, some day.
      "/Docs/a (replaced 20200301T093000Z-1a2b).txt": "4",
    });
    expect((await listAll(provider)).names).toEqual(["a (replaced 20200301T093000Z-1a2b).txt", "a.txt"]);
  });

  test("a name in another Unicode form is read and deleted by the form that the service keeps", async () => {
    const decomposed = "Gru\u0308ße";
    emulator().remote.seed({ [`/Docs/${decomposed}/u\u0308.txt`]: "hello" });
    const provider = await openProvider(emulator());
    const { entries, names } = await listAll(provider);
    expect(names).toEqual(["Grüße/", "Grüße/ü.txt"]);
    const file = entries.find((entry) => entry.kind === "file");
    if (file?.kind !== "file") throw new Error("no file");
    expect((await buffer(await provider.download(file, 0, signal))).toString()).toBe("hello");
    expect(await provider.delete([file], signal)).toEqual([{ ok: true, value: undefined }]);
    expect(emulator().remote.hashes()).toEqual({ "/Docs": null, [`/Docs/${decomposed}`]: null });
  });

  test("two spellings of one name are told, and one of them is synchronised", async () => {
    emulator().remote.seed({ "/Docs/ü.txt": "1", "/Docs/u\u0308.txt": "2" });
    const { names, changes } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["ü.txt"]);
    expect(changes).toContainEqual(expect.objectContaining({ kind: "problem" }));
  });

  test("a colon, a plus and a percent sign are nothing special", async () => {
    const provider = await openProvider(emulator(), { target: "/" });
    for (const name of ["trash:x", "a+b %41.txt", "disk:"]) await put(provider, name, name);
    expect((await listAll(provider)).names).toEqual(["a+b %41.txt", "disk:", "trash:x"]);
    expect((await fileAt(provider, "trash:x")).sizeBytes).toBe(7);
  });
});

describe("the root", () => {
  test("is the folder of the application, too", async () => {
    const provider = await openProvider(emulator(), { target: "app:/Work" });
    expect((await provider.identify(signal)).root).toBeUndefined();
    await put(provider, "a/b.txt", "1");
    expect((await listAll(provider)).names).toEqual(["a/", "a/b.txt"]);
    expect(Object.keys(emulator().remote.hashes())).toContain("/Приложения/trisync/Work/a/b.txt");
  });

  test("needs more than the application's own folder where it is another one, and says so", async () => {
    const { accessToken } = emulator().tokens.issue({ scopes: ["cloud_api:disk.app_folder"] });
    const provider = await openProvider(emulator(), { settings: { YANDEX_TOKEN: accessToken } });
    const error = await errorOf(provider.identify(signal));
    expect(error).toMatchObject({ code: "unauthorized" });
    expect(error.message).toContain("yandex:app:/");
  });

  test("needs no more than the application's own folder", async () => {
    const { accessToken } = emulator().tokens.issue({ scopes: ["cloud_api:disk.app_folder"] });
    const provider = await openProvider(emulator(), { target: "app:/", settings: { YANDEX_TOKEN: accessToken } });
    const { account } = await provider.identify(signal);
    expect(account).toBe(emulator().account.uid);
    await put(provider, "b.txt", "1");
    expect((await listAll(provider)).names).toEqual(["b.txt"]);

    const whole = await openProvider(emulator(), { target: "/", settings: { YANDEX_TOKEN: accessToken } });
    const error = await errorOf(listAll(whole));
    expect(error.code).toBe("unauthorized");
    expect(error.message).toContain("permissions");
  });

  test("that does not exist is one empty page, and made by the first upload", async () => {
    const provider = await openProvider(emulator(), { target: "/new/deep" });
    expect((await listAll(provider)).names).toEqual([]);
    await put(provider, "a.txt", "1");
    expect(Object.keys(emulator().remote.hashes())).toEqual(["/new", "/new/deep", "/new/deep/a.txt"]);
  });

  test("that is a file is refused", async () => {
    emulator().remote.write("/Docs", "a file");
    expect((await errorOf((await openProvider(emulator())).identify(signal))).code).toBe("rejected");
  });

  test("that was deleted and made anew is another one, and no listing of the old", async () => {
    emulator().remote.seed({ "/Docs/a.txt": "1" });
    const memory = createMemory();
    const before = await (await openProvider(emulator(), { memory })).identify(signal);
    emulator().remote.delete("/Docs");
    emulator().remote.mkdir("/Docs");
    const settings = { YANDEX_TOKEN: emulator().tokens.issue().accessToken };
    const provider = await openProvider(emulator(), { memory, settings });
    expect(await provider.identify(signal)).toEqual(before);
    expect((await errorOf(listAll(provider))).message).toContain("made anew");
    expect((await provider.identify(signal)).root).not.toBe(before.root);
  });

  test("is found by stat only below it", async () => {
    emulator().remote.seed({ "/Docs/a": null });
    const provider = await openProvider(emulator());
    expect(await provider.stat(toSyncPath("a"), signal)).toMatchObject({ kind: "folder", path: "a" });
  });
});

test("a pasted token that is refused is named, and not shown", async () => {
  const provider = await openProvider(emulator(), { settings: { YANDEX_TOKEN: "y0_secret" } });
  const error = await errorOf(provider.identify(signal));
  expect(error.code).toBe("unauthorized");
  expect(error.message).toContain("YANDEX_TOKEN");
  expect(error.message).not.toContain("y0_secret");
});
