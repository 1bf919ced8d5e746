import { describe, expect, test } from "vitest";
import { createMemory, errorOf, listAll, openProvider, photo, put, signal, useEmulator } from "./support.js";

const emulator = useEmulator();

async function fill(albums: number, perAlbum: number): Promise<void> {
  for (let a = 0; a < albums; a++) {
    const { id } = emulator().remote.addAlbum(`album ${a}`);
    for (let i = 0; i < perAlbum; i++) {
      const filename = `${i}.jpg`;
      await emulator().remote.addItem({ filename, content: photo(`${a} ${i}`), albumIds: [id] });
    }
  }
}

describe("a complete listing", () => {
  test("shows every album and every photo in it, however ragged the pages are", async () => {
    await fill(60, 3);
    const [album] = emulator().remote.albums();
    for (let i = 3; i < 230; i++) {
      const content = photo(`more ${i}`);
      await emulator().remote.addItem({ filename: `${i}.jpg`, content, albumIds: [album?.id ?? ""] });
    }
    emulator().settings.paging = "ragged";
    const { names, scope } = await listAll(await openProvider(emulator()));
    expect(scope).toBe("full");
    expect(names).toHaveLength(60 + 59 * 3 + 230);
    expect(new Set(names).size).toBe(names.length);
  });

  test("makes names of anything, each once and always the same", async () => {
    const hostile = ["..", "a/b", "c\u0000d", "", "Same", "Same", "new\nline"];
    for (const [at, title] of hostile.entries()) {
      const { id } = emulator().remote.addAlbum(title);
      for (const filename of ["../../etc.jpg", "x.jpg", "x.jpg"]) {
        await emulator().remote.addItem({
          filename,
          content: photo(`${at} ${filename} ${Math.random()}`),
          albumIds: [id],
        });
      }
    }
    const first = await listAll(await openProvider(emulator()));
    const second = await listAll(await openProvider(emulator()));
    expect(first.names).toEqual(second.names);
    expect(first.entries).toHaveLength(hostile.length * 4);
    expect(new Set(first.names).size).toBe(first.names.length);
    for (const name of first.names) expect(name.replace(/\/$/, "").split("/").length).toBeLessThanOrEqual(2);
  });

  test("a broken item hides its album, which is then unknown, and nothing else", async () => {
    await fill(2, 3);
    const [broken] = emulator().remote.items();
    emulator().remote.mark(broken?.id ?? "", { isBroken: true });
    const { changes, names } = await listAll(await openProvider(emulator()));
    expect(names).toEqual(["album 1/", "album 1/0.jpg", "album 1/1.jpg", "album 1/2.jpg"]);
    const [problem] = changes.flatMap((change) => (change.kind === "problem" ? [change.problem] : []));
    expect(problem).toMatchObject({ code: "unreadable", covers: { path: "album 0", subtree: true } });
  });

  test("sees nothing of what others put there", async () => {
    const { id } = emulator().remote.addAlbum("theirs", { origin: "user" });
    await emulator().remote.addItem({ filename: "x.jpg", content: photo("x"), origin: "user", albumIds: [id] });
    expect((await listAll(await openProvider(emulator()))).names).toEqual([]);
  });
});

describe("a further listing", () => {
  test("costs one request for fifty albums, and looks only into those that changed", async () => {
    await fill(50, 2);
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const { cursor } = await listAll(provider);
    emulator().resetCounters();
    expect(await listAll(provider, cursor)).toMatchObject({ changes: [], scope: "changes" });
    expect(emulator().requestCounts()).toEqual({ "albums.list": 1 });
    const [album] = emulator().remote.albums();
    await emulator().remote.addItem({ filename: "late.jpg", content: photo("late"), albumIds: [album?.id ?? ""] });
    const changed = await listAll(provider, cursor);
    expect(changed.names).toEqual(["album 0/", "album 0/0.jpg", "album 0/1.jpg", "album 0/late.jpg"]);
    expect(changed.changes[0]).toEqual({ kind: "gone", path: "album 0" });
    expect(emulator().requestCount("mediaItems.search")).toBe(1);
    expect((await listAll(provider, cursor)).changes).toEqual([]);
  });

  test("knows what this job stored itself, without asking", async () => {
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const { cursor } = await listAll(provider);
    await put(provider, "a/1.jpg");
    await put(provider, "a/2.jpg");
    emulator().resetCounters();
    expect((await listAll(provider, cursor)).names).toEqual(["a/", "a/", "a/1.jpg", "a/2.jpg"]);
    expect(emulator().requestCounts()).toEqual({ "albums.list": 1 });
    expect((await listAll(provider, cursor)).changes).toEqual([]);
  });

  test("is a complete one every seven days, or as often as the user wants", async () => {
    await fill(1, 1);
    const memory = createMemory();
    const { cursor } = await listAll(await openProvider(emulator(), { memory }));
    const sixDays = await openProvider(emulator(), { memory, aheadMs: 6 * 86_400_000 });
    expect((await listAll(sixDays, cursor)).scope).toBe("changes");
    const later = await openProvider(emulator(), { memory, aheadMs: 8 * 86_400_000 });
    expect((await listAll(later, cursor)).scope).toBe("full");
  });

  test("buries an album that was deleted, and what lies below a folder only together with it", async () => {
    for (const title of ["a", "a / b"]) {
      const { id } = emulator().remote.addAlbum(title);
      await emulator().remote.addItem({ filename: "x.jpg", content: photo(title), albumIds: [id] });
    }
    const provider = await openProvider(emulator(), { albums: "nested" });
    const { cursor, names } = await listAll(provider);
    expect(names).toEqual(["a/", "a/b/", "a/b/x.jpg", "a/x.jpg"]);
    const [album] = emulator().remote.albums();
    emulator().remote.removeAlbum(album?.id ?? "");
    const changed = await listAll(provider, cursor);
    expect(
      changed.changes.filter(({ kind }) => kind === "gone").map((change) => "path" in change && change.path),
    ).toContain("a");
    expect(changed.names).toEqual(["a/b/", "a/b/x.jpg"]);
  });
});

describe("one album", () => {
  test("is the root: found by its title once, by its id from then on", async () => {
    await fill(3, 2);
    const memory = createMemory();
    const settings = { GOOGLE_REFRESH_TOKEN: emulator().tokens.issue().refreshToken };
    const open = () => openProvider(emulator(), { memory, settings, target: "album 1" });
    const provider = await open();
    const { root } = await provider.identify(signal);
    const { names, cursor } = await listAll(provider);
    expect(names).toEqual(["0.jpg", "1.jpg"]);
    const album = emulator()
      .remote.albums()
      .find(({ title }) => title === "album 1");
    expect(root).toBe(album?.id);
    emulator().remote.renameAlbum(album?.id ?? "", "renamed by its owner");
    const later = await open();
    emulator().resetCounters();
    expect((await later.identify(signal)).root).toBe(root);
    await put(later, "2.jpg");
    expect((await listAll(later, cursor)).names).toEqual(["2.jpg"]);
    expect(emulator().requestCount("albums.list")).toBe(0);
    expect(emulator().requestCount("albums.get")).toBe(1);
    expect(emulator().remote.albums()).toHaveLength(3);
  });

  test("that is not there yet is made with its first photo", async () => {
    const provider = await openProvider(emulator(), { target: "Trip" });
    expect((await provider.identify(signal)).root).toBeUndefined();
    expect((await listAll(provider)).names).toEqual([]);
    await put(provider, "1.jpg");
    expect((await provider.identify(signal)).root).toBe(emulator().remote.albums()[0]?.id);
    expect((await errorOf(put(provider, "deep/1.jpg"))).message).toContain("An album holds no folders");
  });
});

describe("another sign-in", () => {
  test("is the same account where it sees what the old one stored", async () => {
    const memory = createMemory();
    const first = await openProvider(emulator(), { memory });
    await put(first, "a/1.jpg");
    const { account } = await first.identify(signal);
    expect((await (await openProvider(emulator(), { memory })).identify(signal)).account).toBe(account);
    emulator().signInAs(emulator().addAccount());
    const other = emulator().tokens.issue({ accountId: emulator().tokens.signedInAccountId }).refreshToken;
    const stranger = await openProvider(emulator(), { memory, settings: { GOOGLE_REFRESH_TOKEN: other } });
    expect((await stranger.identify(signal)).account).not.toBe(account);
  });
});
