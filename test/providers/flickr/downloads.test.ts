import { describe, expect, test } from "vitest";
import { sampleMp4 } from "../../emulators/gphotos/samples.js";
import {
  codesOf,
  createMemory,
  errorOf,
  listAll,
  listedFile,
  openProvider,
  picture,
  put,
  readAll,
  signal,
  useEmulator,
  waitedMs,
} from "./support.js";

const emulator = useEmulator();

describe("downloads", () => {
  test("of listed photos cost no call of the key", async () => {
    const content = picture("1");
    await emulator().remote.addPhoto({ title: "a", content, sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    emulator().resetCounters();
    expect((await readAll(await provider.download(file, 0, signal))).equals(content)).toBe(true);
    expect(emulator().requestCounts()).toEqual({ "image.get": 1 });
  });

  test.each(["missing", "placeholder"] as const)("of a replaced photo are told (%s)", async (deadImages) => {
    emulator().settings.deadImages = deadImages;
    const { id } = await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    await emulator().remote.replacePhoto(id, picture("2"));
    expect((await errorOf(provider.download(file, 0, signal))).code).toBe("changed");
    emulator().remote.removePhoto(id);
    expect((await errorOf(provider.download(file, 0, signal))).code).toBe("not-found");
  });

  test("by an address that died although the photo is the same go by another one", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    emulator().fault({ route: "image.get", kind: "dead-image" });
    expect((await readAll(await provider.download(file, 0, signal))).equals(picture("1"))).toBe(true);
  });

  test("are made one after the other, and wait when the host has had enough", async () => {
    emulator().settings.imageParallel = 1;
    emulator().settings.imageDownloads = 5;
    emulator().settings.imageWindowMs = 60_000;
    for (let i = 0; i < 12; i += 1)
      await emulator().remote.addPhoto({ title: `p${i}`, content: picture(`${i}`), sets: ["A"] });
    const provider = await openProvider(emulator());
    const files = (await listAll(provider)).entries.filter((entry) => entry.kind === "file");
    const got = await Promise.all(files.map(async (file) => readAll(await provider.download(file, 0, signal))));
    expect(got).toHaveLength(12);
    expect(emulator().imageTraffic.peak).toBe(1);
    expect(emulator().imageTraffic.rejections).toBeLessThanOrEqual(8);
  });

  test("that the host goes on to refuse are left to the next run", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    emulator().fault({ route: "image.get", kind: "rate-limit", times: 50 });
    expect((await errorOf(provider.download(file, 0, signal))).code).toBe("unavailable");
    emulator().clearFaults();
    expect((await readAll(await provider.download(file, 0, signal))).equals(picture("1"))).toBe(true);
  });

  test.each(["present", "absent"] as const)("of a free account are refused with the reason (%s)", async (format) => {
    Object.assign(emulator().settings, { plan: "free", freeOriginalFormat: format });
    const provider = await openProvider(emulator(), { memory: createMemory() });
    const stored = await put(provider, "A/a.jpg");
    const file = await listedFile(provider, "A/a.jpg");
    expect(file).toEqual(stored);
    const failure = await errorOf(provider.download(file, 0, signal));
    expect(failure.code).toBe("rejected");
    expect(failure.message).toMatch(/^download A\/a\.jpg: .*free accounts/);
  });

  test("of a video without its original are refused with the reason", async () => {
    emulator().settings.videoOriginals = false;
    await emulator().remote.addPhoto({ title: "v", content: sampleMp4(1), sets: ["A"] });
    const provider = await openProvider(emulator());
    const failure = await errorOf(provider.download(await listedFile(provider, "A/v.mp4"), 0, signal));
    expect(failure.code).toBe("rejected");
    expect(failure.message).toContain("video");
  });

  test("of what is still being worked on come with a later run", async () => {
    emulator().settings.photoProcessingMs = 60_000;
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    const file = await listedFile(provider, "A/a.jpg");
    expect((await errorOf(provider.download(file, 0, signal))).code).toBe("unavailable");
    emulator().advanceClock(61_000);
    const later = await listedFile(provider, "A/a.jpg");
    expect((await readAll(await provider.download(later, 0, signal))).equals(picture("A/a.jpg"))).toBe(true);
  });
});

describe("3,600 calls an hour", () => {
  test("are kept to over all runs, by waiting", async () => {
    // The service tells by the real time how old a signature is, whatever else its clock is set to.
    emulator().settings.timestampWindowSeconds = Number.POSITIVE_INFINITY;
    const memory = createMemory();
    const now = Math.floor(Date.now() / 60_000);
    memory.set("calls", JSON.stringify([[now, 3_490]]));
    emulator().spendRequests(3_490);
    const provider = await openProvider(emulator(), { memory });
    for (let i = 0; i < 10; i += 1) await put(provider, `A/${i}.jpg`);
    expect(emulator().requestsPastLimit).toBe(0);
    expect(waitedMs(emulator())).toBeGreaterThan(50 * 60_000);
    expect((await listAll(provider)).names).toHaveLength(11);
    await provider.close(signal);
    expect(memory.get("calls")).toContain("[");
  });

  test("a page that says too many is heeded, and nothing is done twice", async () => {
    for (const route of ["upload", "photosets.getList", "photosets.create", "photosets.getPhotos"]) {
      emulator().fault({ route, kind: "rate-limit" });
    }
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    expect((await listAll(provider)).names).toEqual(["A/", "A/a.jpg"]);
    expect(emulator().remote.photos()).toHaveLength(1);
    // Four rests of 10 s, less what went by between the answers and the next calls.
    expect(waitedMs(emulator())).toBeGreaterThan(35_000);
  });

  test("one that stays ends the work for now", async () => {
    emulator().fault({ route: "*", kind: "rate-limit", times: 500 });
    const provider = await openProvider(emulator());
    expect((await errorOf(listAll(provider))).code).toBe("unavailable");
    emulator().clearFaults();
  });

  test("every signed call is counted, and so is every picture", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    await readAll(await provider.download(file, 0, signal));
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
    expect(provider.requests()).toBe(emulator().requests.length);
  });
});
