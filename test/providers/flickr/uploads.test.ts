import { describe, expect, test } from "vitest";
import type { Fault } from "../../emulators/flickr/faults.js";
import { sampleMp4, sampleJpeg } from "../../emulators/gphotos/samples.js";
import { changingContent, NOON, uploadOf } from "../../support/builders.js";
import {
  codesOf,
  createMemory,
  errorOf,
  hashOf,
  listAll,
  listedFile,
  openProvider,
  picture,
  put,
  readAll,
  signal,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();

function sets(): Readonly<Record<string, readonly string[]>> {
  const found = emulator().remote.sets();
  return Object.fromEntries(found.map(({ title, photos }) => [title, photos.map((photo) => photo.title).sort()]));
}

describe("one file", () => {
  test("makes its album, with itself as the cover, and is private", async () => {
    const provider = await openProvider(emulator());
    const content = picture("1");
    const { entry, sentHash } = await provider.upload(uploadOf("Üb & er/Café (1).JPG", content), signal);
    expect(sentHash).toBe(hashOf(content));
    expect(sets()).toEqual({ "Üb & er": ["Café (1).JPG"] });
    const [photo] = emulator().remote.photos();
    expect(emulator().remote.sets()[0]?.primaryId).toBe(entry.id);
    expect(photo).toMatchObject({ title: "Café (1).JPG", isPublic: false, isFriend: false, isFamily: false });
    expect(photo?.tags).toEqual([
      `checksum:md5=${hashOf(content).slice(4)}`,
      `trisync:file=s${content.length}m${NOON}`,
    ]);
    expect((await readAll(await provider.download(entry, 0, signal))).equals(content)).toBe(true);
  });

  test.each([
    ["public", { isPublic: true, isFriend: false, isFamily: false }],
    ["family", { isPublic: false, isFriend: false, isFamily: true }],
    ["account", { isPublic: true }],
  ])("is shown to whom the user says: %s", async (FLICKR_PRIVACY, shown) => {
    await put(await openProvider(emulator(), { more: { FLICKR_PRIVACY } }), "A/a.jpg");
    expect(emulator().remote.photos()[0]).toMatchObject(shown);
  });

  test("without an album stays without one", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "Not in an album/a.jpg");
    expect(sets()).toEqual({});
    expect((await listAll(provider)).names).toEqual(["Not in an album/a.jpg"]);
  });

  test("in nested folders is in the album that is called like them", async () => {
    const provider = await openProvider(emulator(), { albums: "nested" });
    await put(provider, "Trips/Rome/a.jpg");
    expect(sets()).toEqual({ "Trips / Rome": ["a.jpg"] });
    expect((await listAll(provider)).names).toEqual(["Trips/Rome/", "Trips/Rome/a.jpg"]);
  });

  test("an album that another machine has made meanwhile gets no twin", async () => {
    const [one, other] = [await openProvider(emulator()), await openProvider(emulator())];
    await listAll(one);
    await put(other, "A/a.jpg");
    await put(one, "A/b.jpg");
    expect(sets()).toEqual({ A: ["a.jpg", "b.jpg"] });
  });

  test("an album that went with its last photo is made again", async () => {
    const provider = await openProvider(emulator());
    const { id } = await put(provider, "A/a.jpg");
    emulator().remote.removePhoto(id!);
    await put(provider, "A/b.jpg");
    expect(sets()).toEqual({ A: ["b.jpg"] });
  });

  test.each([
    ["text by another name", "A/a.jpg", Buffer.from("hello")],
    ["nothing", "A/a.jpg", Buffer.alloc(0)],
    ["at the top", "a.jpg", sampleJpeg(1)],
    ["too deep", "A/B/a.jpg", sampleJpeg(1)],
  ])("is refused before anything is sent: %s", async (_title, path, content) => {
    const failure = await errorOf(put(await openProvider(emulator()), path, content));
    expect(failure.code).toBe("rejected");
    expect(failure.message).toMatch(/^upload .+: [A-Z].+\.$/);
    expect(emulator().requestCount("upload")).toBe(0);
  });

  test.each([
    [5, "rejected"],
    [6, "quota"],
    [7, "quota"],
    [8, "rejected"],
    [14, "quota"],
    [98, "unauthorized"],
  ])("that the service refuses with %d is %s, and is not sent again", async (code, expected) => {
    emulator().fault({ route: "upload", kind: "failure", code });
    const provider = await openProvider(emulator());
    expect((await errorOf(put(provider, "A/a.jpg"))).code).toBe(expected);
    expect(emulator().requestCount("upload")).toBe(1);
    expect(emulator().remote.photos()).toEqual([]);
  });

  test("a page that says too large is that", async () => {
    emulator().fault({ route: "upload", kind: "status", status: 413 });
    expect((await errorOf(put(await openProvider(emulator()), "A/a.jpg"))).code).toBe("rejected");
  });

  test("the same bytes at the same path are there already", async () => {
    const first = await put(await openProvider(emulator()), "A/a.jpg");
    expect(await put(await openProvider(emulator()), "A/a.jpg")).toEqual(first);
    expect(emulator().remote.photos()).toHaveLength(1);
  });

  test("an id for which nothing is stored is no upload", async () => {
    emulator().fault({ route: "upload", kind: "phantom" });
    const provider = await openProvider(emulator());
    expect((await errorOf(put(provider, "A/a.jpg"))).code).toBe("unavailable");
    emulator().fault({ route: "upload", kind: "phantom" });
    expect((await errorOf(put(provider, "Not in an album/a.jpg"))).code).toBe("not-found");
    expect((await listAll(provider)).names).toEqual([]);
  });
});

describe("an answer that is lost", () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ["500 after it was stored", { route: "upload", kind: "status", status: 500, processed: true }],
    ["504 after it was stored", { route: "upload", kind: "status", status: 504, processed: true }],
    ["a connection cut after it was stored", { route: "upload", kind: "cut-after" }],
    ["half an answer", { route: "upload", kind: "cut-half" }],
    ["half a text", { route: "upload", kind: "half-body" }],
    ["an empty answer", { route: "upload", kind: "empty-body" }],
    ["105 after it was stored", { route: "upload", kind: "failure", code: 105, processed: true }],
    ["3 after it was stored", { route: "upload", kind: "failure", code: 3, processed: true }],
  ];
  test.each(faults)("%s: the photo is found, and not sent again", async (_title, fault) => {
    emulator().settings.searchLagMs = 3_600_000;
    emulator().fault(fault);
    const provider = await openProvider(emulator());
    const stored = await put(provider, "A/a.jpg");
    expect(emulator().requestCount("upload")).toBe(1);
    expect(sets()).toEqual({ A: ["a.jpg"] });
    expect(await listedFile(provider, "A/a.jpg")).toEqual(stored);
  });

  test.each([
    ["500", { route: "upload", kind: "status", status: 500 }],
    ["a cut connection", { route: "upload", kind: "cut-before", afterBodyBytes: 10 }],
    ["105", { route: "upload", kind: "failure", code: 105 }],
    ["a web page", { route: "upload", kind: "html" }],
  ] as const)("%s before it was stored: it is looked for, and sent again", async (_title, fault) => {
    emulator().fault(fault);
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    expect(emulator().requestCount("upload")).toBe(2);
    expect(sets()).toEqual({ A: ["a.jpg"] });
  });

  test("content that another path has as well is sent again all the same", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg", picture("same"));
    emulator().fault({ route: "upload", kind: "status", status: 500 });
    await put(provider, "B/a.jpg", picture("same"));
    expect(sets()).toEqual({ A: ["a.jpg"], B: ["a.jpg"] });
    expect(emulator().remote.photos()).toHaveLength(2);
  });

  test("two of the same content and name, both lost, are two", async () => {
    emulator().fault({ route: "upload", kind: "cut-after", times: 2 });
    const provider = await openProvider(emulator());
    await Promise.all([put(provider, "A/a.jpg", picture("same")), put(provider, "B/a.jpg", picture("same"))]);
    expect(sets()).toEqual({ A: ["a.jpg"], B: ["a.jpg"] });
    expect(emulator().remote.photos()).toHaveLength(2);
  });

  test("of a new album makes no twin of it", async () => {
    emulator().fault({ route: "photosets.create", kind: "cut-after" });
    await put(await openProvider(emulator()), "A/a.jpg");
    expect(sets()).toEqual({ A: ["a.jpg"] });
  });

  test("of a photo put into its album is no matter", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    emulator().fault({ route: "photosets.addPhoto", kind: "cut-after" });
    await put(provider, "A/b.jpg");
    expect(sets()).toEqual({ A: ["a.jpg", "b.jpg"] });
  });
});

describe("a run that ends between the upload and the album", () => {
  test("leaves a photo that the next run puts into its album", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    await listAll(first);
    emulator().fault({ route: "photosets.create", kind: "status", status: 500, times: 20 });
    expect((await errorOf(put(first, "A/a.jpg"))).code).toBe("unavailable");
    emulator().clearFaults();
    const second = await openProvider(emulator(), { memory });
    expect((await listAll(second)).names).toEqual([]);
    await put(second, "A/a.jpg");
    expect(emulator().requestCount("upload")).toBe(1);
    expect(sets()).toEqual({ A: ["a.jpg"] });
    expect(memory.entries("sending:")).toEqual([]);
  });

  test("and so does one that has lost its state", async () => {
    const first = await openProvider(emulator());
    emulator().fault({ route: "photosets.create", kind: "status", status: 500, times: 20 });
    await errorOf(put(first, "A/a.jpg"));
    emulator().clearFaults();
    const second = await openProvider(emulator());
    expect((await listAll(second)).names).toEqual(["Not in an album/a.jpg"]);
    await put(second, "A/a.jpg");
    expect(emulator().requestCount("upload")).toBe(1);
    expect((await listAll(second)).names).toEqual(["A/", "A/a.jpg"]);
  });

  test("takes nothing that somebody else left without an album", async () => {
    const provider = await openProvider(emulator());
    await emulator().remote.addPhoto({ title: "a.jpg", content: picture("A/a.jpg") });
    await listAll(provider);
    await put(provider, "A/a.jpg");
    expect((await listAll(provider)).names).toEqual(["A/", "A/a.jpg", "Not in an album/a.jpg"]);
  });
});

describe("many files", () => {
  test("cost one request each, and two for their album", async () => {
    const provider = await openProvider(emulator());
    await listAll(provider);
    emulator().resetCounters();
    const files = Array.from({ length: 60 }, (_, i) => uploadOf(`S${i % 2}/${i}.jpg`, picture(`${i}`)));
    expect(new Set(codesOf(await provider.uploadBatch(files, signal)))).toEqual(new Set(["ok"]));
    const { upload, "photosets.create": create, "photosets.editPhotos": edit } = emulator().requestCounts();
    expect({ upload, create, edit }).toEqual({ upload: 60, create: 2, edit: 2 });
    expect(emulator().requests.length).toBeLessThanOrEqual(66);
    expect(Object.values(sets()).map((titles) => titles.length)).toEqual([30, 30]);
  });

  test("join what is in their album already, and what others put there meanwhile", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/old.jpg");
    await listAll(provider);
    await emulator().remote.addPhoto({ title: "theirs", content: picture("t"), sets: ["A"] });
    const files = ["a", "b", "c", "d"].map((name) => uploadOf(`A/${name}.jpg`, picture(name)));
    await provider.uploadBatch(files, signal);
    expect(sets()).toEqual({ A: ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "old.jpg", "theirs"] });
    expect(emulator().requestCount("photosets.addPhoto")).toBe(0);
  });

  test("have outcomes of their own", async () => {
    const provider = await openProvider(emulator());
    emulator().fault({ route: "upload", kind: "phantom" });
    const attempts = await provider.uploadBatch(
      [
        uploadOf("A/phantom.jpg", picture("1")),
        uploadOf("A/changing.jpg", changingContent(picture("2"), 100)),
        uploadOf("A/none.jpg", Buffer.from("text")),
        uploadOf("A/good.jpg", picture("3")),
      ],
      signal,
    );
    const codes = codesOf(attempts);
    expect([codes[1], codes[2]]).toEqual(["changed", "rejected"]);
    expect([codes[0], codes[3]].sort()).toEqual(["ok", "unavailable"]);
  });
});

describe("videos", () => {
  test("wait for their ticket, all in one call", async () => {
    emulator().settings.ticketMs = 20_000;
    const provider = await openProvider(emulator());
    const files = ["a", "b", "c"].map((name) => uploadOf(`A/${name}.mp4`, sampleMp4(name)));
    expect(codesOf(await provider.uploadBatch(files, signal))).toEqual(["ok", "ok", "ok"]);
    expect(sets()).toEqual({ A: ["a.mp4", "b.mp4", "c.mp4"] });
    expect(emulator().requestCount("photos.upload.checkTickets")).toBeLessThanOrEqual(16);
    const file = await listedFile(provider, "A/a.mp4");
    expect((await readAll(await provider.download(file, 0, signal))).equals(sampleMp4("a"))).toBe(true);
  });

  test("that the service can make nothing of are rejected", async () => {
    emulator().fault({ route: "upload", kind: "fail-ticket" });
    expect((await errorOf(put(await openProvider(emulator()), "A/a.mp4", sampleMp4(1)))).code).toBe("rejected");
  });

  test("whose ticket is lost are found", async () => {
    emulator().fault({ route: "photos.upload.checkTickets", kind: "lost-tickets" });
    await put(await openProvider(emulator()), "A/a.mp4", sampleMp4(1));
    expect(emulator().requestCount("upload")).toBe(1);
    expect(sets()).toEqual({ A: ["a.mp4"] });
  });

  test("are not replaced", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "A/a.mp4", sampleMp4(1));
    const failure = await errorOf(put(provider, "A/a.mp4", sampleMp4(2), { replaces: old }));
    expect(failure.code).toBe("rejected");
    expect(failure.message).toContain("rename");
    expect(emulator().requestCount("replace")).toBe(0);
  });
});
