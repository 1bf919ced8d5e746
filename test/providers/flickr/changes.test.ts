import { describe, expect, test } from "vitest";
import type { Fault } from "../../emulators/flickr/faults.js";
import {
  codesOf,
  createMemory,
  errorOf,
  hashOf,
  listAll,
  listedFile,
  listedFolder,
  move,
  openProvider,
  picture,
  put,
  readAll,
  signal,
  useEmulator,
} from "./support.js";

const emulator = useEmulator();

describe("replacing", () => {
  test("keeps the photo, its album and the tags of people, and says what is in it now", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "A/a.jpg");
    const [before] = emulator().remote.photos();
    emulator().remote.setTags(old.id!, `beach "two words" ${before!.tags.join(" ")}`);
    const content = picture("new");
    const now = await put(provider, "A/a.jpg", content, { replaces: old });
    expect(now).toMatchObject({ id: old.id, hash: hashOf(content), sizeBytes: content.length });
    expect(now.version).not.toBe(old.version);
    expect(await listedFile(provider, "A/a.jpg")).toEqual(now);
    const [photo] = emulator().remote.photos();
    expect(photo?.tags).toHaveLength(4);
    expect(photo?.tags).toEqual(
      expect.arrayContaining(["beach", "two words", `checksum:md5=${hashOf(content).slice(4)}`]),
    );
    expect((await readAll(await provider.download(now, 0, signal))).equals(content)).toBe(true);
  });

  test.each([
    ["500 after it was done", { route: "replace", kind: "status", status: 500, processed: true }],
    ["a cut connection after it was done", { route: "replace", kind: "cut-after" }],
    ["500 before", { route: "replace", kind: "status", status: 500 }],
    ["a cut connection before", { route: "replace", kind: "cut-before", afterBodyBytes: 10 }],
  ] satisfies readonly (readonly [string, Fault])[])("%s is no matter", async (_title, fault) => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "A/a.jpg");
    emulator().fault(fault);
    const content = picture("new");
    const now = await put(provider, "A/a.jpg", content, { replaces: old });
    expect(await listedFile(provider, "A/a.jpg")).toEqual(now);
    expect((await readAll(await provider.download(now, 0, signal))).equals(content)).toBe(true);
    expect(emulator().remote.photos()).toHaveLength(1);
  });

  test.each(["removeTag", "addTags"])("that ends at %s leaves a photo that is unknown, not wrong", async (method) => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const old = await put(provider, "A/a.jpg");
    emulator().fault({ route: `photos.${method}`, nth: 1, kind: "status", status: 500, times: 30 });
    await errorOf(put(provider, "A/a.jpg", picture("new"), { replaces: old }));
    emulator().clearFaults();
    const file = await listedFile(await openProvider(emulator()), "A/a.jpg");
    const bytes = await emulator().remote.read(old.id!);
    expect([undefined, hashOf(bytes)]).toContain(file.hash);
  });

  test("for members of Pro only is said, and the checksum stays", async () => {
    const provider = await openProvider(emulator());
    const old = await put(provider, "A/a.jpg");
    emulator().settings.plan = "free";
    const failure = await errorOf(put(provider, "A/a.jpg", picture("new"), { replaces: old }));
    expect(failure.code).toBe("rejected");
    expect(failure.message).toContain("Pro");
    expect(await listedFile(provider, "A/a.jpg")).toMatchObject({ hash: old.hash, version: old.version });
  });
});

describe("moving", () => {
  test("to another album changes albums, and sends nothing", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/stays.jpg");
    const file = await put(provider, "A/a.jpg");
    emulator().resetCounters();
    expect(await move(provider, file, "B/a.jpg")).toBe("ok");
    expect(emulator().requestCount("upload")).toBe(0);
    expect((await listAll(provider)).names).toEqual(["A/", "A/stays.jpg", "B/", "B/a.jpg"]);
    expect((await listedFile(provider, "B/a.jpg")).id).toBe(file.id);
  });

  test("many the same way take few requests, and their old album goes", async () => {
    const provider = await openProvider(emulator());
    for (const name of ["a", "b", "c", "d"]) await put(provider, `A/${name}.jpg`);
    const files = (await listAll(provider)).entries.filter((entry) => entry.kind === "file");
    emulator().resetCounters();
    const moves = files.map((entry) => ({ entry, to: entry.path.replace("A/", "B/") as typeof entry.path }));
    expect(codesOf(await provider.move(moves, signal))).toEqual(["ok", "ok", "ok", "ok"]);
    expect(emulator().requestCount("photosets.create") + emulator().requestCount("photosets.editPhotos")).toBe(2);
    expect((await listAll(provider)).names).toEqual(["B/", "B/a.jpg", "B/b.jpg", "B/c.jpg", "B/d.jpg"]);
  });

  test("to another name changes the title", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    expect(await move(provider, file, "A/b.jpg")).toBe("ok");
    expect(emulator().remote.photos()[0]?.title).toBe("b.jpg");
    expect(await listedFile(provider, "A/b.jpg")).toEqual({ ...file, path: "A/b.jpg" });
  });

  test("one of two of a name gives it the name that was asked for", async () => {
    for (const text of ["1", "2"])
      await emulator().remote.addPhoto({ title: "x", content: picture(text), sets: ["A"] });
    const provider = await openProvider(emulator());
    const second = (await listAll(provider)).entries.find(({ path }) => path.includes("("));
    if (second?.kind !== "file") throw new Error("no second file");
    expect(await move(provider, second, "A/y.jpg")).toBe("ok");
    expect((await listAll(provider)).names).toEqual(["A/", "A/x.jpg", "A/y.jpg"]);
  });

  test("out of all albums and back into one", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    expect(await move(provider, file, "Not in an album/a.jpg")).toBe("ok");
    expect((await listAll(provider)).names).toEqual(["Not in an album/a.jpg"]);
    expect(await move(provider, await listedFile(provider, "Not in an album/a.jpg"), "B/a.jpg")).toBe("ok");
    expect((await listAll(provider)).names).toEqual(["B/", "B/a.jpg"]);
  });

  test("an ending that is not that of the content is refused", async () => {
    await emulator().remote.addPhoto({ title: "x", content: picture("1"), sets: ["A"] });
    const provider = await openProvider(emulator());
    expect(await move(provider, await listedFile(provider, "A/x.jpg"), "A/x.png")).toBe("rejected");
  });

  test.each(["addPhoto", "removePhoto"])("an answer to %s that is lost is no matter", async (method) => {
    const provider = await openProvider(emulator());
    await put(provider, "B/b.jpg");
    await put(provider, "A/stays.jpg");
    const file = await put(provider, "A/a.jpg");
    emulator().fault({ route: `photosets.${method}`, kind: "cut-after" });
    expect(await move(provider, file, "B/a.jpg")).toBe("ok");
    expect((await listAll(provider)).names).toEqual(["A/", "A/stays.jpg", "B/", "B/a.jpg", "B/b.jpg"]);
  });
});

describe("renaming albums", () => {
  test("is one request, and keeps the description", async () => {
    const { id } = await emulator().remote.addPhoto({ title: "a", content: picture("1") });
    emulator().remote.addSet("A", [id], "what it is about");
    const provider = await openProvider(emulator());
    const folder = await listedFolder(provider, "A");
    expect(await move(provider, folder, "B")).toBe("ok");
    expect(emulator().remote.sets()).toMatchObject([{ id: folder.id, title: "B", description: "what it is about" }]);
    expect((await listAll(provider)).names).toEqual(["B/", "B/a.jpg"]);
  });

  test("takes those below along where they are nested", async () => {
    const provider = await openProvider(emulator(), { albums: "nested" });
    for (const path of ["T/a.jpg", "T/Rome/b.jpg", "Tx/c.jpg"]) await put(provider, path);
    expect(await move(provider, await listedFolder(provider, "T"), "U/V")).toBe("ok");
    const files = (await listAll(provider)).names.filter((name) => !name.endsWith("/"));
    expect(files).toEqual(["Tx/c.jpg", "U/V/Rome/b.jpg", "U/V/a.jpg"]);
  });

  test("overwrites none, and finds none that is gone", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/a.jpg");
    await put(provider, "B/b.jpg");
    const folder = await listedFolder(provider, "A");
    expect(await move(provider, folder, "B")).toBe("changed");
    expect(await move(provider, folder, "A/B")).toBe("rejected");
    emulator().remote.removeSet(folder.id!);
    expect(await move(provider, folder, "C")).toBe("not-found");
  });
});

describe("deleting", () => {
  test("is for good, and takes the album with its last photo", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
    expect(emulator().remote.photos()).toEqual([]);
    expect(emulator().remote.sets()).toEqual([]);
    await put(provider, "A/a.jpg");
    expect(emulator().remote.sets()).toHaveLength(1);
  });

  test("in one of several albums only takes it out of that one", async () => {
    await emulator().remote.addPhoto({ title: "a", content: picture("1"), sets: ["A", "B"] });
    const provider = await openProvider(emulator());
    const file = await listedFile(provider, "A/a.jpg");
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
    expect((await listAll(provider)).names).toEqual(["B/", "B/a.jpg"]);
    expect(codesOf(await provider.delete([await listedFile(provider, "B/a.jpg")], signal))).toEqual(["ok"]);
    expect(emulator().remote.photos()).toEqual([]);
  });

  test("leaves what somebody put into another album meanwhile", async () => {
    const provider = await openProvider(emulator());
    await put(provider, "A/stays.jpg");
    const file = await put(provider, "A/a.jpg");
    const set = emulator().remote.sets()[0]!;
    emulator().remote.putIntoSet("B", file.id!);
    emulator().remote.takeOutOfSet(set.id, file.id!);
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
    expect((await listAll(provider)).names).toEqual(["A/", "A/stays.jpg", "B/", "B/a.jpg"]);
  });

  test("leaves a version that nobody here has seen", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    await emulator().remote.replacePhoto(file.id!, picture("other"));
    expect(codesOf(await provider.delete([file], signal))).toEqual(["changed"]);
    expect(emulator().remote.photos()).toHaveLength(1);
  });

  test("an answer that is lost is no matter", async () => {
    const provider = await openProvider(emulator());
    const file = await put(provider, "A/a.jpg");
    emulator().fault({ route: "photos.delete", kind: "cut-after" });
    expect(codesOf(await provider.delete([file], signal))).toEqual(["ok"]);
    expect(emulator().remote.photos()).toEqual([]);
  });
});
