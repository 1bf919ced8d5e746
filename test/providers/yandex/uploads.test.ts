import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../../../lib/http/types.js";
import type { Provider } from "../../../providers/provider.js";
import { changingContent, NOON, patternOf, uploadOf } from "../../support/builders.js";
import { fileAt } from "../support/entries.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, put, smallUploads, useEmulator } from "./support.js";

const emulator = useEmulator({ files: { "/Docs": null } });
const MIB = 1024 * 1024;

const PUT = "PUT upload-target";

/** Requests by route, without looks: what was really done. */
function counts(): Readonly<Record<string, number>> {
  return emulator().countsByRoute();
}

async function stored(): Promise<Record<string, string>> {
  const tree = await emulator().remote.tree();
  const files = Object.entries(tree).flatMap(([path, bytes]) => (bytes === null ? [] : [[path, bytes.toString()]]));
  return Object.fromEntries(files) as Record<string, string>;
}

/** The largest that still goes as one file of the batch, of a kind that is not slow. */
const some = patternOf(300_000);

describe("requests", () => {
  test("one link for each small file, one look for each folder", async () => {
    const provider = await openProvider(emulator(), { times: "ignore" });
    await provider.createFolders(
      [0, 1, 2, 3, 4].map((i) => uploadOf(`d${i}`, "").path),
      signal,
    );
    emulator().resetCounters();
    expect(new Set(codesOf(await provider.uploadBatch(smallUploads(100, 5), signal)))).toEqual(new Set(["ok"]));
    expect(counts()).toEqual({ "GET resources/upload": 100, [PUT]: 100, "GET resources": 5 });
    expect(emulator().unusedLinks()).toEqual([]);
  });

  test("one more for each when times are kept, and one more look", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "d0/first.txt", "1");
    emulator().resetCounters();
    await provider.uploadBatch(smallUploads(50), signal);
    expect(counts()).toEqual({ "GET resources/upload": 50, [PUT]: 50, "PATCH resources": 50, "GET resources": 2 });
  });

  test("missing folders are made once, by the first who needs them", async () => {
    const provider = await openProvider(emulator(), { target: "/new/root", times: "ignore" });
    const uploads = Array.from({ length: 30 }, (_, i) => uploadOf(`a/b/c/f${i}.txt`, `${i}`));
    const attempts = await Promise.all(uploads.map((upload) => provider.upload(upload, signal)));
    expect(attempts).toHaveLength(30);
    // Upwards until one can be made, and down again.
    expect(counts()["PUT resources"]).toBeLessThanOrEqual(9);
    expect(counts()["GET resources/upload"]).toBe(31);
  });

  test("ids of many new folders take one look for each parent", async () => {
    const provider = await openProvider(emulator());
    const paths = Array.from({ length: 40 }, (_, i) => uploadOf(`f${i}`, "").path);
    const attempts = await provider.createFolders(paths, signal);
    expect(attempts.every((attempt) => attempt.ok && attempt.value.id !== undefined)).toBe(true);
    expect(counts()).toEqual({ "PUT resources": 40, "GET resources": 1 });
  });
});

describe("an upload whose end is not known", () => {
  const effects = [
    { kind: "cut-after" },
    { kind: "status", status: 500, processed: true },
    { kind: "status", status: 503, processed: true },
    { kind: "status", status: 504, processed: true },
  ] as const;

  test.each(effects)("is not sent twice when it was stored: $kind $status", async (effect) => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, ...effect });
    await put(provider, "a.txt", "content");
    expect(counts()[PUT]).toBe(1);
    expect(await stored()).toEqual({ "/Docs/a.txt": "content" });
  });

  test.each([
    { kind: "cut-before" },
    { kind: "status", status: 500 },
    { kind: "cut-before", afterBodyBytes: 1000 },
  ] as const)("is sent again, with another link, when it was not: $kind $status", async (effect) => {
    const provider = await openProvider(emulator());
    for (const [path, content] of [
      ["a.txt", some],
      ["b.txt", patternOf(3 * MIB)],
    ] as const) {
      emulator().fault({ route: PUT, ...effect });
      await put(provider, path, content);
      expect((await emulator().remote.read(`/Docs/${path}`)).equals(content)).toBe(true);
    }
    expect(counts()[PUT]).toBe(4);
    expect(counts()["GET resources/upload"]).toBe(4);
  });

  test("is waited for when it comes late", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 12_000 });
    await put(provider, "a.txt", "content");
    emulator().fault({ route: PUT, kind: "accepted", afterMs: 40_000 });
    await put(provider, "b.txt", "content");
    expect(counts()[PUT]).toBe(2);
  });

  test("that the service took and never shows is no success, and is not sent again at once", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, kind: "late-visible" });
    expect((await errorOf(put(provider, "a.txt", "content"))).code).toBe("unavailable");
    expect(counts()[PUT]).toBe(1);
  });

  test("that arrives only after the next link was asked for is found there", async () => {
    const provider = await openProvider(emulator());
    emulator().remote.write("/Docs/a.txt", "content");
    // As an earlier run left it: the bytes are there, and nobody knows.
    const entry = await put(provider, "a.txt", "content");
    expect(entry.sizeBytes).toBe(7);
    expect(counts()[PUT]).toBeUndefined();
  });
});

describe("answers", () => {
  test.each([404, 409, 412, 429])("%i of the uploader: another link", async (status) => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, kind: "status", status });
    await put(provider, "a.txt", "content");
    expect(counts()["GET resources/upload"]).toBe(2);
  });

  test.each([
    [413, "rejected"],
    [507, "quota"],
  ])("%i of the uploader: %s, and no second try", async (status, code) => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: PUT, kind: "status", status });
    expect((await errorOf(put(provider, "a.txt", patternOf(4 * MIB)))).code).toBe(code);
    expect(counts()[PUT]).toBe(1);
  });

  test("423 is a lock that is waited for, or an allowance that is used up", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "GET resources/upload", kind: "locked", times: 3 });
    await put(provider, "a.txt", "1");
    emulator().fault({ route: PUT, kind: "status", status: 423 });
    await put(provider, "b.txt", "2");
    for (const longName of [false, true]) {
      emulator().fault({ route: "GET resources/upload", kind: "traffic-limit", longName });
      expect((await errorOf(put(provider, "c.txt", "3"))).code).toBe("quota");
    }
    emulator().fault({ route: "GET resources/upload", kind: "no-space" });
    expect((await errorOf(put(provider, "c.txt", "3"))).code).toBe("quota");
    emulator().fault({
      route: "GET resources/upload",
      kind: "error",
      status: 403,
      error: "DiskStorageQuotaExhaustedError",
    });
    expect((await errorOf(put(provider, "c.txt", "3"))).code).toBe("quota");
  });

  test("a message shows what Yandex says in English, and no link", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "GET resources/upload", kind: "error", status: 403, error: "ForbiddenError" });
    const { message } = await errorOf(put(provider, "a.txt", "1"));
    expect(message).toContain("ForbiddenError: Error ForbiddenError.");
    emulator().fault({ route: PUT, kind: "status", status: 500, times: 9 });
    const { message: other } = await errorOf(put(provider, "b.txt", "1"));
    expect(other).not.toMatch(/http|utd|upload-target/);
  });
});

describe("times", () => {
  const day = 86_400_000;

  test("refused or forgotten by the service are written again", async () => {
    Object.assign(emulator().settings, { patchFailsWithinMs: 2000, patchLostWithinMs: 4000 });
    const provider = await openProvider(emulator());
    const { entry } = await provider.upload(uploadOf("a.txt", "1", { modifiedMs: NOON - day }), signal);
    expect(entry.modifiedMs).toBe(NOON - day);
    expect((await fileAt(provider, "a.txt")).modifiedMs).toBe(NOON - day);
  });

  test("lost for good cost the time alone: the version is that of the content", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "PATCH resources", kind: "lost-patch", times: 99 });
    const { entry } = await provider.upload(uploadOf("a.txt", "1", { modifiedMs: NOON - day }), signal);
    const listed = await fileAt(provider, "a.txt");
    expect(listed.version).toBe(entry.version);
    expect(listed.modifiedMs).not.toBe(NOON - day);
    emulator().clearFaults();
    emulator().remote.setProperties("/Docs/a.txt", { other: "x" });
    expect((await fileAt(provider, "a.txt")).version).toBe(entry.version);
    expect(counts()["PATCH resources"]).toBeLessThanOrEqual(3);
  });

  test("do not count for content that somebody else stored under the name", async () => {
    emulator().settings.propertiesSurvive = { move: true, copy: true, overwrite: true };
    const provider = await openProvider(emulator());
    await provider.upload(uploadOf("a.txt", "1", { modifiedMs: NOON - day }), signal);
    emulator().remote.write("/Docs/a.txt", "theirs");
    expect((await fileAt(provider, "a.txt")).modifiedMs).not.toBe(NOON - day);
  });

  test("are left alone where they are to be ignored", async () => {
    const provider = await openProvider(emulator(), { times: "ignore" });
    expect(provider.capabilities.keepsModified).toBe(false);
    await put(provider, "a.txt", "1");
    expect(counts()["PATCH resources"]).toBeUndefined();
  });
});

describe("replacing", () => {
  test("keeps the old version in the trash, and the path is never empty", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "Plan.txt", "old");
    emulator().resetCounters();
    await put(provider, "Plan.txt", "new", old);
    const [trashed] = emulator().remote.trash();
    expect(trashed?.path).toMatch(/^\/Docs\/Plan \(replaced \d{8}T\d{6}Z-[0-9a-f]{4}\)\.txt$/);
    expect((await trashed?.read())?.toString()).toBe("old");
    expect(await stored()).toEqual({ "/Docs/Plan.txt": "new" });
    const written = emulator()
      .requests.filter(({ method }) => method !== "GET")
      .map(({ route, path }) => `${route} ${path}`);
    expect(written.filter((line) => /^(DELETE|POST).*\/Plan\.txt$/.test(line))).toEqual([]);
  });

  test("another version that came after the look is not lost", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "a.txt", "old");
    const edits = [{ kind: "write", path: "/Docs/a.txt", content: "theirs" }] as const;
    emulator().fault({ route: "POST resources/copy", kind: "edits", edits });
    expect((await errorOf(put(provider, "a.txt", "mine", old))).code).toBe("changed");
    expect(await stored()).toEqual({ "/Docs/a.txt": "theirs" });
  });

  test.each(["a.txt", "a.jpg"])(
    "another version of %s that came after the old one was kept is not lost",
    async (name) => {
      const provider = await openProvider(emulator());
      const old = await put(provider, name, "old");
      const edits = [{ kind: "write", path: `/Docs/${name}`, content: "theirs" }] as const;
      emulator().fault({ route: "DELETE resources", kind: "edits", edits });
      expect((await errorOf(put(provider, name, patternOf(MIB), old))).code).toBe("changed");
      expect(await stored()).toEqual({ [`/Docs/${name}`]: "theirs" });
    },
  );

  test("of large content looks again when all of it is there", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "a.jpg", "old");
    const edits = [{ kind: "write", path: "/Docs/a.jpg", content: "theirs" }] as const;
    emulator().fault({ route: PUT, kind: "edits", edits });
    expect((await errorOf(put(provider, "a.jpg", patternOf(2 * MIB), old))).code).toBe("changed");
    expect(await stored()).toEqual({ "/Docs/a.jpg": "theirs" });
    const theirs = await fileAt(provider, "a.jpg");
    await put(provider, "a.jpg", patternOf(2 * MIB), theirs);
    expect((await emulator().remote.trash()[0]?.read())?.toString()).toBe("theirs");
  });

  test("that fails again and again puts the old version into the trash once", async () => {
    const memory = createMemory();
    const old = await put(await openProvider(emulator(), { memory }), "a.txt", "old");
    emulator().fault({ route: "GET resources/upload", kind: "traffic-limit", times: 3 });
    for (let run = 1; run <= 3; run++) {
      const provider = await openProvider(emulator(), { memory });
      expect((await errorOf(put(provider, "a.txt", "new", old))).code).toBe("quota");
      await provider.close(signal);
    }
    expect(emulator().remote.trash()).toHaveLength(1);
    const provider = await openProvider(emulator(), { memory });
    const stored = await put(provider, "a.txt", "new", old);
    expect([...memory.values.keys()].filter((name) => name.startsWith("kept:"))).toEqual([]);
    // What was old is current again, and has to be kept once more.
    const again = await put(provider, "a.txt", "old", stored);
    await put(provider, "a.txt", "newest", again);
    expect(emulator().remote.trash()).toHaveLength(3);
  });

  test("goes on when answers are lost on the way", async () => {
    const provider = await openProvider(emulator());
    let old = await put(provider, "a.txt", "0");
    const routes = ["POST resources/copy", "GET resources/upload", PUT, "PATCH resources", "GET resources"];
    for (const [i, route] of routes.entries()) {
      emulator().fault({ route, kind: "cut-after" });
      old = await put(provider, "a.txt", `content ${i}`, old);
      expect(await stored()).toEqual({ "/Docs/a.txt": `content ${i}` });
    }
  });

  test("ended by a kill leaves a version that the next run puts into the trash", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const old = await put(provider, "a.txt", "old");
    emulator().fault({ route: "DELETE resources", kind: "status", status: 400, times: 9 });
    await errorOf(put(provider, "a.txt", "new", old));
    expect(Object.keys(await stored())).toHaveLength(2);
    emulator().clearFaults();
    expect((await listAll(await openProvider(emulator(), { memory }))).names).toEqual(["a.txt"]);
    expect(await stored()).toEqual({ "/Docs/a.txt": "old" });
    expect(emulator().remote.trash()).toHaveLength(1);
    expect([...memory.values.keys()].filter((name) => name.startsWith("temporary:"))).toEqual([]);
  });
});

describe("what was sent", () => {
  test("is hashed as it was sent last, also when the uploader could not be reached at first", async () => {
    const beforeSending = async ({ body }: HttpRequest): Promise<void> => {
      if (body?.kind !== "stream") return;
      // The content of an attempt that could not connect was read in part all the same.
      for await (const _ of body.open()) break;
    };
    const content = patternOf(2 * MIB);
    await put(await openProvider(emulator(), { beforeSending }), "a.jpg", content);
    expect((await emulator().remote.read("/Docs/a.jpg")).equals(content)).toBe(true);
  });

  test("is found among many newer files", async () => {
    const provider = await openProvider(emulator(), { times: "ignore" });
    emulator().remote.mkdir("/Docs/d0");
    const edits = Array.from({ length: 150 }, (_, n) => {
      return { kind: "write", path: `/Docs/d0/theirs${n}.txt`, content: "x" } as const;
    });
    emulator().fault({ route: "GET resources", path: "/Docs/d0", kind: "edits", edits });
    expect(new Set(codesOf(await provider.uploadBatch(smallUploads(100), signal)))).toEqual(new Set(["ok"]));
  });
});

describe("kinds that the service takes slowly", () => {
  const video = patternOf(2 * MIB);

  test("travel under a neutral name, and never take longer", async () => {
    emulator().settings.slowBytesPerSecond = 1;
    emulator().settings.slowBurstBytes = 0;
    const provider = await openProvider(emulator());
    const first = await put(provider, "film.mp4", video);
    expect(first).toMatchObject({ path: "film.mp4", modifiedMs: NOON });
    expect(counts()["POST resources/move"]).toBe(1);
    const second = await put(provider, "film.mp4", patternOf(2 * MIB + 1), first);
    expect(second.sizeBytes).toBe(2 * MIB + 1);
    expect((await listAll(provider)).names).toEqual(["film.mp4"]);
    expect(emulator().remote.trash()).toHaveLength(1);
  });

  test("travel under their own where that is wanted, and small ones do always", async () => {
    emulator().settings.slowBytesPerSecond = 0;
    const settings = { YANDEX_TOKEN: emulator().tokens.issue().accessToken, YANDEX_NEUTRAL_NAMES: "false" };
    await put(await openProvider(emulator(), { settings }), "film.mp4", video);
    await put(await openProvider(emulator()), "small.zip", "1");
    expect(counts()["POST resources/move"]).toBeUndefined();
  });

  test("a taken name is not overwritten, and nothing stays behind", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({
      route: "POST resources/move",
      kind: "edits",
      edits: [{ kind: "write", path: "/Docs/film.mp4", content: "theirs" }],
    });
    expect((await errorOf(put(provider, "film.mp4", video))).code).toBe("changed");
    expect(await stored()).toEqual({ "/Docs/film.mp4": "theirs" });
  });

  test("content that a killed run has sent is used by the next one", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    emulator().fault({ route: "POST resources/move", kind: "status", status: 400 });
    await errorOf(put(first, "film.mp4", video));
    await first.close(signal);
    expect(Object.keys(await stored())).toHaveLength(1);
    expect((await listAll(first)).names).toEqual([]);
    const second = await openProvider(emulator(), { memory });
    await put(second, "film.mp4", video);
    expect(counts()[PUT]).toBe(1);
    expect(Object.keys(await stored())).toEqual(["/Docs/film.mp4"]);
  });

  test("content that no run comes back for is removed some days later", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    emulator().fault({ route: "POST resources/move", kind: "status", status: 400 });
    await errorOf(put(first, "film.mp4", video));
    for (const name of [...memory.values.keys()].filter((one) => one.startsWith("temporary:"))) {
      memory.set(name, JSON.stringify({ kind: "upload", resumeKey: "x", sinceMs: Date.now() - 4 * 86_400_000 }));
    }
    await (await openProvider(emulator(), { memory })).close(signal);
    expect(await stored()).toEqual({});
    expect(emulator().remote.trash()).toEqual([]);
  });

  test("lost answers on the way do no harm", async () => {
    const provider = await openProvider(emulator());
    for (const [i, route] of ["POST resources/move", PUT, "GET resources"].entries()) {
      emulator().fault({ route, kind: "cut-after" });
      await put(provider, `film${i}.mp4`, video);
    }
    expect(Object.keys(await stored())).toEqual(["/Docs/film0.mp4", "/Docs/film1.mp4", "/Docs/film2.mp4"]);
  });
});

describe("what the account does not take", () => {
  test("is known from the account", async () => {
    emulator().settings.fileBytes = 5 * MIB;
    const provider = await openProvider(emulator());
    const { path } = uploadOf("a.txt", "");
    await provider.identify(signal);
    expect(provider.refusal(path, 5 * MIB)).toBeUndefined();
    expect(provider.refusal(path, 5 * MIB + 1)).toContain("at most");
    expect(refusalFor(provider, `${"x".repeat(255)}.`)).toContain("255");
    expect(refusalFor(provider, "a\u007fb")).toContain("control");
    expect(refusalFor(provider, ".trisync-upload-0123456789abcdef.txt")).toContain("trisync");
    expect(refusalFor(provider, "😀".repeat(255))).toBeUndefined();
  });

  test("one file of a batch that changes while it is read fails alone", async () => {
    const provider = await openProvider(emulator());
    const uploads = [uploadOf("a", "1"), uploadOf("b", changingContent("0123456789", 5)), uploadOf("c", "3")];
    expect(codesOf(await provider.uploadBatch(uploads, signal))).toEqual(["ok", "changed", "ok"]);
  });
});

function refusalFor(provider: Provider, path: string): string | undefined {
  return provider.refusal(uploadOf(path, "").path, 1);
}
