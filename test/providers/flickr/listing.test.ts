import { describe, expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { sampleMp4 } from "../../emulators/gphotos/samples.js";
import {
  createMemory,
  errorOf,
  hashOf,
  listAll,
  listedFile,
  openProvider,
  picture,
  put,
  signal,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();

describe("albums and photos", () => {
  test("albums are folders, photos are files with the ending of their content", async () => {
    const { remote } = emulator();
    await remote.addPhoto({ title: "Beach", content: picture("1"), sets: ["Holidays"] });
    await remote.addPhoto({ title: "Waves.mp4", content: sampleMp4("2"), sets: ["Holidays"] });
    await remote.addPhoto({ title: "Alone", content: picture("3") });
    const { names, entries } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["Holidays/", "Holidays/Beach.jpg", "Holidays/Waves.mp4", "Not in an album/Alone.jpg"]);
    const file = entries.find((entry) => entry.path === "Holidays/Beach.jpg");
    expect(file).toMatchObject({ kind: "file", hash: undefined, sizeBytes: undefined });
  });

  test("checksums of other programs are read, and what trisync wrote as well", async () => {
    const content = picture("1");
    const tags = `beach checksum:md5=${hashOf(content).slice(4)}`;
    await emulator().remote.addPhoto({ title: "a", content, tags, sets: ["A"] });
    const provider = await openProvider(emulator());
    expect(await listedFile(provider, "A/a.jpg")).toMatchObject({ hash: hashOf(content), sizeBytes: undefined });
    const stored = await put(provider, "A/b.jpg", picture("2"));
    expect(await listedFile(provider, "A/b.jpg")).toEqual(stored);
  });

  test("a photo in several albums is in each of the folders", async () => {
    const { remote } = emulator();
    await remote.addPhoto({ title: "a", content: picture("1"), sets: ["A", "B"] });
    const { entries, names } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["A/", "A/a.jpg", "B/", "B/a.jpg"]);
    expect(new Set(entries.flatMap((entry) => (entry.kind === "file" ? [entry.id] : []))).size).toBe(1);
  });

  test("hostile titles lead nowhere, and two of one title are two", async () => {
    const { remote } = emulator();
    for (const title of ["..", "a/b", "/etc/x", "\u0001", "", "same", "same"]) {
      await remote.addPhoto({ title, content: picture("1"), sets: ["../up", "A"] });
    }
    const set = remote.sets().find(({ title }) => title === "A")!;
    remote.addSet("A", [set.photos[0]!.id]);
    remote.addSet(".trisync / x", [set.photos[0]!.id]);
    const { names } = await listAll(await openProvider(emulator()));
    const ids = set.photos.map(({ id }) => id);
    const files = ["__.jpg", "a_b.jpg", "_etc_x.jpg", "_.jpg", "untitled.jpg", "same.jpg", `same (${ids[6]!}).jpg`];
    for (const file of files) expect(names).toEqual(expect.arrayContaining([`A/${file}`, `.._up/${file}`]));
    expect(names.filter((name) => /^A \(\d+\)\/$/.test(name))).toHaveLength(1);
    expect(names).toContain(".trisync _ x/");
  });

  test("the one that is left of two keeps its name, also after another start", async () => {
    const { remote } = emulator();
    const first = await remote.addPhoto({ title: "x", content: picture("1"), sets: ["A"] });
    const second = await remote.addPhoto({ title: "x", content: picture("2"), sets: ["A"] });
    const memory = createMemory();
    const name = `A/x (${second.id}).jpg`;
    const provider = await openProvider(emulator(), { memory });
    expect((await listAll(provider)).names).toEqual(["A/", name, "A/x.jpg"]);
    await provider.close(signal);
    remote.removePhoto(first.id);
    expect((await listAll(await openProvider(emulator(), { memory }))).names).toEqual(["A/", name]);
  });

  test("with nested albums a title is a path", async () => {
    const { remote } = emulator();
    await remote.addPhoto({ title: "a", content: picture("1"), sets: ["T / Rome", "T"] });
    await remote.addPhoto({ title: "Rome", content: picture("2"), sets: ["T"] });
    const provider = await openProvider(emulator(), { albums: "nested" });
    expect((await listAll(provider)).names).toEqual(["T/", "T/Rome.jpg", "T/Rome/", "T/Rome/a.jpg", "T/a.jpg"]);
    expect(await provider.stat(toSyncPath("T"), signal)).toMatchObject({ kind: "folder" });
    expect(await provider.stat(toSyncPath("T/Rome/a.jpg"), signal)).toMatchObject({ kind: "file" });
    const flat = await openProvider(emulator());
    expect((await listAll(flat)).names).toContain("T _ Rome/a.jpg");
  });
});

describe("versions", () => {
  test("stay with another title, tag, album or comment, and go with the content", async () => {
    const { remote } = emulator();
    const provider = await openProvider(emulator());
    const before = await put(provider, "A/a.jpg");
    const id = before.id!;
    remote.renamePhoto(id, "b.jpg");
    remote.touchPhoto(id);
    remote.setPrivacy(id, { isPublic: true });
    remote.putIntoSet("B", id);
    expect(await listedFile(provider, "B/b.jpg")).toMatchObject({ id, version: before.version, hash: before.hash });
    await remote.replacePhoto(id, picture("other"));
    expect((await listedFile(provider, "B/b.jpg")).version).not.toBe(before.version);
  });

  test.each(["replaced", "turned"])("a tag says nothing of a photo that was %s on the site", async (what) => {
    const { remote } = emulator();
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const { id } = await put(provider, "A/a.jpg");
    if (what === "replaced") await remote.replacePhoto(id!, picture("other"));
    else remote.rotatePhoto(id!);
    const unknown = { hash: undefined, sizeBytes: undefined };
    expect(await listedFile(provider, "A/a.jpg")).toMatchObject(unknown);
    await provider.close(signal);
    const later = await openProvider(emulator(), { memory });
    const file = await listedFile(later, "A/a.jpg");
    expect(file).toMatchObject(unknown);
    expect(await later.hash(file, signal)).toBeUndefined();
  });

  test("a tag that was written anew counts again", async () => {
    const { remote } = emulator();
    const provider = await openProvider(emulator());
    const { id } = await put(provider, "A/a.jpg");
    const other = picture("other");
    await remote.replacePhoto(id!, other);
    await listAll(provider);
    remote.setTags(id!, `checksum:md5=${hashOf(other).slice(4)}`);
    expect((await listedFile(provider, "A/a.jpg")).hash).toBe(hashOf(other));
  });
});

describe("the service's moods", () => {
  test("albums beyond 500 are listed", async () => {
    const { id } = await emulator().remote.addPhoto({ title: "a", content: picture("1") });
    for (let i = 0; i < 501; i += 1) emulator().remote.addSet(`S${i}`, [id]);
    const { names } = await listAll(await openProvider(emulator()));
    expect(names.filter((name) => name.endsWith("/"))).toHaveLength(501);
    expect(emulator().requestCount("photosets.getList")).toBe(2);
  });

  test("a listing costs one request for each album, and two more", async () => {
    for (const set of ["A", "B", "C"])
      await emulator().remote.addPhoto({ title: "a", content: picture(set), sets: [set] });
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().resetCounters();
    await listAll(provider);
    expect(emulator().requestCounts()).toEqual({
      "photosets.getList": 1,
      "photosets.getPhotos": 3,
      "photos.getNotInSet": 1,
    });
  });

  test("an album that comes short is asked for again", async () => {
    const { remote } = emulator();
    for (const title of ["a", "b", "c"]) await remote.addPhoto({ title, content: picture(title), sets: ["A"] });
    emulator().fault({ route: "photosets.getPhotos", kind: "short-page", entries: 1, times: 2 });
    const { names, problems } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["A/", "A/a.jpg", "A/b.jpg", "A/c.jpg"]);
    expect(problems).toEqual([]);
  });

  test("what stays short is unknown, not absent", async () => {
    const { remote } = emulator();
    for (const title of ["a", "b", "c"]) await remote.addPhoto({ title, content: picture(title), sets: ["A"] });
    emulator().fault({ route: "photosets.getPhotos", kind: "short-page", entries: 2, times: 9 });
    const provider = await openProvider(emulator());
    const { names, problems } = await listAll(provider);
    expect(names).toEqual(["A/", "A/a.jpg", "A/b.jpg"]);
    expect(problems).toMatchObject([{ side: "remote", covers: { path: "A", subtree: true } }]);
    expect((await errorOf(provider.stat(toSyncPath("A/c.jpg"), signal))).code).toBe("unavailable");
    emulator().clearFaults();
  });

  test("a list of albums that stays short is no listing", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A", "B"] });
    emulator().fault({ route: "photosets.getList", kind: "short-page", entries: 1, times: 9 });
    expect((await errorOf(listAll(await openProvider(emulator())))).code).toBe("unavailable");
    emulator().clearFaults();
  });

  test("a count that is left out is none that is small", async () => {
    const { remote } = emulator();
    for (const title of ["a", "b"]) await remote.addPhoto({ title, content: picture(title), sets: ["A"] });
    for (const route of ["photosets.getList", "photosets.getPhotos", "photos.getNotInSet"]) {
      emulator().fault({ route, kind: "blank-total" });
    }
    expect((await listAll(await openProvider(emulator()))).names).toEqual(["A/", "A/a.jpg", "A/b.jpg"]);
  });

  test("what comes twice is there once", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    emulator().fault({ route: "photosets.getPhotos", kind: "repeat-entry" });
    expect((await listAll(await openProvider(emulator()))).names).toEqual(["A/", "A/a.jpg"]);
  });

  test("albums that come without their titles keep their folders", async () => {
    const { remote } = emulator();
    await remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const memory = createMemory();
    await listAll(await openProvider(emulator(), { memory }));
    for (let run = 0; run < 2; run += 1) {
      emulator().fault({ route: "photosets.getList", kind: "blank-titles" });
      expect((await listAll(await openProvider(emulator(), { memory }))).names).toEqual(["A/", "A/a.jpg"]);
    }
  });

  test("a photo added while the list is read is no trouble", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    const pages = provider.list(undefined, signal)[Symbol.asyncIterator]();
    await pages.next();
    await emulator().remote.addPhoto({ title: "b", content: picture("2"), sets: ["A"] });
    while (!(await pages.next()).done) continue;
    expect((await listAll(provider)).names).toContain("A/b.jpg");
  });

  test.each([
    ["a web page", { kind: "html" }, "malformed"],
    ["half an answer", { kind: "half-body" }, "malformed"],
    ["an answer of the wrong shape", { kind: "status", status: 200, body: '{"stat":"ok"}' }, "malformed"],
    ["a server error that stays", { kind: "status", status: 500, times: 9 }, "unavailable"],
    ["105 that stays", { kind: "failure", code: 105, times: 9 }, "unavailable"],
  ] as const)("%s in the middle is an error, and not the end", async (_title, fault, code) => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    emulator().fault({ route: "photosets.getPhotos", ...fault });
    expect((await errorOf(listAll(await openProvider(emulator())))).code).toBe(code);
    emulator().clearFaults();
  });

  test("105, a cut connection and 503 pass", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A"] });
    emulator().fault({ route: "photosets.getPhotos", kind: "failure", code: 105, times: 2 });
    emulator().fault({ route: "photosets.getList", kind: "cut-before" });
    emulator().fault({ route: "photos.getNotInSet", kind: "status", status: 503 });
    expect((await listAll(await openProvider(emulator()))).names).toEqual(["A/", "A/a.jpg"]);
  });
});
