import { describe, expect, test } from "vitest";
import { sampleMp4 } from "../../emulators/gphotos/samples.js";
import { uploadOf } from "../../support/builders.js";
import {
  codesOf,
  createMemory,
  errorOf,
  listAll,
  listedFile,
  move,
  openProvider,
  picture,
  put,
  signal,
  useEmulator,
  type Memory,
} from "./support.js";

const emulator = useEmulator();

function contents(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(emulator().remote.tree()).map(([set, photos]) => [set, Object.keys(photos)]),
  );
}

/** As after a run that is killed between sending a photo and putting it into its album. */
async function leaveBehind(path: string, content: Buffer, memory: Memory): Promise<void> {
  const provider = await openProvider(emulator(), { memory });
  await listAll(provider);
  emulator().fault({ route: "photosets.create", kind: "status", status: 503, times: 50 });
  expect((await errorOf(put(provider, path, content))).code).toBe("unavailable");
  emulator().clearFaults();
}

describe("a photo that did not reach its album", () => {
  test("is not shown or sent again when the same run lists once more", async () => {
    const provider = await openProvider(emulator());
    await listAll(provider);
    emulator().fault({ route: "photosets.create", kind: "status", status: 503, times: 50 });
    expect((await errorOf(put(provider, "A/a.jpg"))).code).toBe("unavailable");
    emulator().clearFaults();
    expect((await listAll(provider)).names).toEqual([]);
    await put(provider, "A/a.jpg");
    expect(emulator().requestCount("upload")).toBe(1);
    expect(contents()).toEqual({ A: ["a.jpg"] });
  });

  test("is found by the run after one that lost its state, listed, and died", async () => {
    await leaveBehind("A/a.jpg", picture("1"), createMemory());
    const memory = createMemory();
    const second = await openProvider(emulator(), { memory });
    await listAll(second);
    await second.close(signal);
    const third = await openProvider(emulator(), { memory });
    await listAll(third);
    await put(third, "A/a.jpg", picture("1"));
    expect(emulator().requestCount("upload")).toBe(1);
    expect(contents()).toEqual({ A: ["a.jpg"] });
  });

  test("hides none of the same content and name that is meant to be in no album", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    await listAll(first);
    await put(first, "Not in an album/a.jpg", picture("same"));
    await leaveBehind("A/a.jpg", picture("same"), memory);
    const next = await openProvider(emulator(), { memory });
    expect((await listAll(next)).names).toEqual(["Not in an album/a.jpg"]);
    await put(next, "A/a.jpg", picture("same"));
    expect(emulator().requestCount("upload")).toBe(2);
    expect((await listAll(next)).names).toEqual(["A/", "A/a.jpg", "Not in an album/a.jpg"]);
  });

  test("hides none that was moved out of its album since", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    const twin = await put(first, "B/a.jpg", picture("same"));
    await put(first, "B/b.jpg");
    await leaveBehind("A/a.jpg", picture("same"), memory);
    const next = await openProvider(emulator(), { memory });
    await listAll(next);
    expect(await move(next, twin, "Not in an album/a.jpg")).toBe("ok");
    expect((await listAll(await openProvider(emulator(), { memory }))).names).toContain("Not in an album/a.jpg");
  });

  test("because the service refused it leaves nothing to remember", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    emulator().fault({ route: "upload", kind: "failure", code: 6 });
    expect((await errorOf(put(provider, "A/a.jpg"))).code).toBe("quota");
    expect(memory.entries("sending:")).toEqual([]);
  });
});

describe("a ticket that is not done in time", () => {
  test("is no reason to send the video again, in this run or the next", async () => {
    emulator().settings.ticketMs = 7_200_000;
    emulator().settings.ticketSeconds = 100_000;
    // The service tells by the real time how old a signature is, whatever else its clock is set to.
    emulator().settings.timestampWindowSeconds = Number.POSITIVE_INFINITY;
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    await listAll(first);
    expect((await errorOf(put(first, "A/a.mp4", sampleMp4(1)))).code).toBe("unavailable");
    expect(emulator().requestCount("upload")).toBe(1);
    const second = await openProvider(emulator(), { memory });
    await listAll(second);
    expect((await errorOf(put(second, "A/a.mp4", sampleMp4(1)))).code).toBe("unavailable");
    expect(emulator().requestCount("upload")).toBe(1);
    emulator().advanceClock(7_200_000);
    const third = await openProvider(emulator(), { memory });
    await listAll(third);
    await put(third, "A/a.mp4", sampleMp4(1));
    expect(emulator().requestCount("upload")).toBe(1);
    expect(contents()).toEqual({ A: ["a.mp4"] });
    expect(memory.entries("sending:")).toEqual([]);
  });
});

describe("a move that was left half-way", () => {
  test("is shown where it began when the same run lists once more", async () => {
    const provider = await openProvider(emulator());
    for (const path of ["A/stays.jpg", "B/b.jpg"]) await put(provider, path);
    const file = await put(provider, "A/a.jpg");
    emulator().fault({ route: "photosets.removePhoto", kind: "status", status: 503, times: 50 });
    expect(await move(provider, file, "B/a.jpg")).toBe("unavailable");
    emulator().clearFaults();
    const { names } = await listAll(provider);
    expect(names).toEqual(["A/", "A/a.jpg", "A/stays.jpg", "B/", "B/b.jpg"]);
    expect(await move(provider, await listedFile(provider, "A/a.jpg"), "B/a.jpg")).toBe("ok");
    expect(contents()).toEqual({ A: ["stays.jpg"], B: ["b.jpg", "a.jpg"] });
  });
});

describe("a photo in two albums", () => {
  test("that is deleted in both at once is deleted", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A", "B"] });
    const provider = await openProvider(emulator());
    const files = (await listAll(provider)).entries.filter((entry) => entry.kind === "file");
    expect(codesOf(await provider.delete(files, signal))).toEqual(["ok", "ok"]);
    expect(emulator().remote.photos()).toEqual([]);
  });
});

describe("a list of albums that runs behind", () => {
  test("makes no second album of one that this run has made", async () => {
    const provider = await openProvider(emulator());
    await listAll(provider);
    emulator().freezeListings(1000);
    await put(provider, "A/a.jpg");
    await put(provider, "B/b.jpg");
    expect(codesOf(await provider.uploadBatch([uploadOf("A/c.jpg", picture("c"))], signal))).toEqual(["ok"]);
    expect(
      emulator()
        .remote.sets()
        .map(({ title }) => title)
        .sort(),
    ).toEqual(["A", "B"]);
  });
});
