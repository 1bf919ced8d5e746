import { describe, expect, test, vi } from "vitest";
import { openYandex } from "../../../providers/yandex/yandex.js";
import { patternOf, uploadOf } from "../../support/builders.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { codesOf, errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { contextFor, openProvider, put, smallUploads, useEmulator } from "./support.js";

const emulator = useEmulator({ files: { "/Docs": null } });
const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

const PUT = "PUT upload-target";

function putCount(): number {
  return emulator().countsByRoute()[PUT] ?? 0;
}

async function storedPaths(): Promise<readonly string[]> {
  const tree = await emulator().remote.tree();
  return Object.keys(tree).filter((path) => tree[path] !== null);
}

describe("content that is shown late", () => {
  const cases = [
    { sizeBytes: 7, afterMs: 25_000 },
    { sizeBytes: MIB, afterMs: 28_000 },
    { sizeBytes: 30 * MIB, afterMs: 110_000 },
  ];

  test.each(cases)("$sizeBytes bytes, $afterMs ms after a 201, is waited for", async ({ sizeBytes, afterMs }) => {
    emulator().fault({ route: PUT, kind: "late-visible", afterMs });
    const entry = await put(await openProvider(emulator()), "a.txt", patternOf(sizeBytes));
    expect(entry.sizeBytes).toBe(sizeBytes);
    expect(putCount()).toBe(1);
  });

  test.each(cases)(
    "$sizeBytes bytes, $afterMs ms after a lost answer, is sent once",
    async ({ sizeBytes, afterMs }) => {
      emulator().settings.visibilityDelayMs = afterMs;
      emulator().fault({ route: PUT, kind: "cut-after" });
      await put(await openProvider(emulator()), "a.txt", patternOf(sizeBytes));
      expect(putCount()).toBe(1);
    },
  );

  test("after an error of the uploader is sent once, because the operation has come to a good end", async () => {
    emulator().settings.visibilityDelayMs = 25_000;
    emulator().fault({ route: PUT, kind: "status", status: 500, processed: true });
    await put(await openProvider(emulator()), "a.txt", "content");
    expect(putCount()).toBe(1);
  });

  test.each(["photo.jpg", "film.mp4"])("after the end of its run is what the next run finds: %s", async (name) => {
    const memory = createMemory();
    const content = patternOf(3 * MIB);
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 30 * MINUTE_MS });
    expect((await errorOf(put(await openProvider(emulator(), { memory }), name, content))).code).toBe("unavailable");
    emulator().advanceClock(30 * MINUTE_MS);
    const entry = await put(await openProvider(emulator(), { memory }), name, content);
    expect(entry.sizeBytes).toBe(3 * MIB);
    expect(putCount()).toBe(1);
    expect(await storedPaths()).toEqual([`/Docs/${name}`]);
  });

  test("while the same is asked for again is recognised", async () => {
    const content = patternOf(3 * MIB);
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 30 * MINUTE_MS });
    await errorOf(put(await openProvider(emulator()), "a.jpg", content));
    const beforeSending = ({ method }: { readonly method: string }): Promise<void> => {
      // Between the link and the content.
      if (method === "PUT") emulator().advanceClock(30 * MINUTE_MS);
      return Promise.resolve();
    };
    await put(await openProvider(emulator(), { beforeSending }), "a.jpg", content);
    expect(await storedPaths()).toEqual(["/Docs/a.jpg"]);
  });

  test("keeps no other file waiting", async () => {
    const context = contextFor(emulator());
    const files = 40;
    // Nobody waits to an end before all others are sent.
    const sleep: typeof context.sleep = async (ms, aborted) => {
      await vi.waitFor(() => expect(putCount()).toBeGreaterThanOrEqual(files), { timeout: 5_000 });
      await context.sleep(ms, aborted);
    };
    emulator().fault({ route: PUT, kind: "cut-before", times: 20 });
    const attempts = await (await openYandex(context, sleep)).uploadBatch(smallUploads(files), signal);
    expect(new Set(codesOf(attempts))).toEqual(new Set(["ok"]));
    expect(putCount()).toBe(files + 20);
  });
});

test("content whose answer does not come in time is looked for by its hash, and not sent twice", async () => {
  const context = contextFor(emulator(), { answerTimeoutMs: 300 });
  const provider = await openYandex(context, context.sleep);
  emulator().fault({ route: PUT, kind: "late-answer", ms: 25_000 });
  await put(provider, "a.txt", "content");
  expect(putCount()).toBe(1);
  expect((await emulator().remote.read("/Docs/a.txt")).toString()).toBe("content");
});

describe("content under a neutral name that comes after the next run has looked for it", () => {
  const film = patternOf(2 * MIB);

  test("is used by a later one, if nothing took its place", async () => {
    const memory = createMemory();
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 30 * MINUTE_MS });
    await errorOf(put(await openProvider(emulator(), { memory }), "film.mp4", film));
    emulator().fault({ route: "GET resources/upload", kind: "traffic-limit" });
    const second = await openProvider(emulator(), { memory });
    expect((await errorOf(put(second, "film.mp4", film))).code).toBe("quota");
    await second.close(signal);
    emulator().advanceClock(30 * MINUTE_MS);
    await put(await openProvider(emulator(), { memory }), "film.mp4", film);
    expect(putCount()).toBe(1);
    expect(await storedPaths()).toEqual(["/Docs/film.mp4"]);
  });

  test("is removed by the run that sees it, if the file has been sent again", async () => {
    const memory = createMemory();
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 30 * MINUTE_MS });
    await errorOf(put(await openProvider(emulator(), { memory }), "film.mp4", film));
    const second = await openProvider(emulator(), { memory });
    await put(second, "film.mp4", film);
    await second.close(signal);
    emulator().advanceClock(30 * MINUTE_MS);
    expect(await storedPaths()).toHaveLength(2);
    const third = await openProvider(emulator(), { memory });
    await listAll(third);
    await third.close(signal);
    expect(await storedPaths()).toEqual(["/Docs/film.mp4"]);
    expect(emulator().remote.trash()).toEqual([]);
    expect([...memory.values.keys()].filter((name) => name.startsWith("temporary:"))).toEqual([]);
  });

  test("is removed by the run that sees it, if the same run has sent it twice under that name", async () => {
    const memory = createMemory();
    emulator().settings.visibilityDelayMs = 30 * MINUTE_MS;
    emulator().fault({ route: PUT, kind: "cut-after" });
    const beforeSending = ({ method }: { readonly method: string }): Promise<void> => {
      if (method === "PUT" && putCount() === 1) emulator().settings.visibilityDelayMs = 0;
      return Promise.resolve();
    };
    const first = await openProvider(emulator(), { memory, beforeSending });
    await put(first, "film.mp4", film);
    await first.close(signal);
    expect(putCount()).toBe(2);
    emulator().advanceClock(30 * MINUTE_MS);
    expect(await storedPaths()).toHaveLength(2);
    const second = await openProvider(emulator(), { memory });
    await listAll(second);
    await second.close(signal);
    expect(await storedPaths()).toEqual(["/Docs/film.mp4"]);
  });

  test("needs neither room nor allowance", async () => {
    const memory = createMemory();
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 30 * MINUTE_MS });
    await errorOf(put(await openProvider(emulator(), { memory }), "film.mp4", film));
    emulator().advanceClock(30 * MINUTE_MS);
    emulator().fault({ route: "GET resources/upload", kind: "traffic-limit", times: 10 });
    const second = await openProvider(emulator(), { memory });
    expect((await errorOf(put(second, "a.txt", "1"))).code).toBe("quota");
    expect((await put(second, "film.mp4", film)).sizeBytes).toBe(film.length);
    expect(putCount()).toBe(1);
  });

  test("is waited for by a run that follows at once, as the one before would have", async () => {
    const memory = createMemory();
    const context = contextFor(emulator(), { memory });
    const ended = new AbortController();
    // The run is told to end while it waits for the first time.
    const sleep: typeof context.sleep = (ms, aborted) => {
      ended.abort(new Error("told to end"));
      return context.sleep(ms, aborted);
    };
    emulator().fault({ route: PUT, kind: "late-visible", afterMs: 25_000 });
    const first = await openYandex(context, sleep);
    await expect(first.upload(uploadOf("film.mp4", film), ended.signal)).rejects.toThrow("told to end");
    await put(await openProvider(emulator(), { memory }), "film.mp4", film);
    expect(putCount()).toBe(1);
    expect(await storedPaths()).toEqual(["/Docs/film.mp4"]);
  });
});

test("content is not waited for twice: the time until its answer was given up counts", async () => {
  const context = contextFor(emulator());
  const now = (): number => context.now() + (putCount() > 0 ? 60 * MINUTE_MS : 0);
  emulator().settings.visibilityDelayMs = 25_000;
  emulator().fault({ route: PUT, kind: "cut-after" });
  await put(await openYandex({ ...context, now }, context.sleep), "a.txt", "content");
  expect(putCount()).toBe(2);
});
