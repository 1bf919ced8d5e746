import { describe, expect, test } from "vitest";
import type { HttpAnswer, HttpRequest } from "../../../lib/http/types.js";
import type { RemoteEntry } from "../../../lib/model/entry.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { openOneDrive } from "../../../providers/onedrive/onedrive.js";
import type { Provider } from "../../../providers/provider.js";
import { uploadOf } from "../../support/builders.js";
import { createKnownMirror } from "./known-mirror.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { contextFor, openProvider, personsEnv, useEmulator } from "./support.js";

const emulator = useEmulator();

const pathsOf = (entries: readonly RemoteEntry[]): readonly string[] => entries.map(({ path }) => path).sort();

/** A provider with what it needs to be opened again, as a later run would. */
async function start(target?: string) {
  const mirror = createKnownMirror();
  const memory = createMemory();
  const settings = personsEnv(emulator());
  const open = async (more: Readonly<Record<string, string>> = {}): Promise<Provider> =>
    await openProvider(emulator(), {
      mirror,
      memory,
      settings: { ...settings, ...more },
      ...(target === undefined ? {} : { target }),
    });
  const provider = await open();
  const { cursor } = await listAll(provider);
  return { mirror, memory, open, provider, cursor, settings };
}

/** What a complete listing by somebody else shows. */
async function truth(target?: string): Promise<readonly string[]> {
  const mirror = createKnownMirror();
  await listAll(await openProvider(emulator(), { mirror, ...(target === undefined ? {} : { target }) }));
  return mirror.paths();
}

describe("a full listing", () => {
  test("shows what is below the root, and nothing else", async () => {
    const { remote } = emulator();
    const file = remote.write("/Docs/A/b.txt", "hello", { modified: new Date("2026-03-01T09:30:00Z") });
    remote.mkdir("/Docs/Empty");
    remote.write("/Docs2/other.txt", "x");
    remote.write("/outside.txt", "x");
    const { entries, pages, scope } = await listAll(await openProvider(emulator()));
    expect(pathsOf(entries)).toEqual(["A", "A/b.txt", "Empty"]);
    expect(scope).toBe("full");
    expect(pages[0]).toEqual({ scope: "full", changes: [], cursor: undefined });
    expect(entries.find(({ path }) => path === "A/b.txt")).toEqual({
      kind: "file",
      path: "A/b.txt",
      id: file.id,
      version: file.eTag,
      sizeBytes: 5,
      modifiedMs: Date.parse("2026-03-01T09:30:00Z"),
      hash: `quickxor:${Buffer.from(file.quickXorHash, "base64").toString("hex")}`,
    });
  });

  test("of the whole drive, and of a folder deep in it", async () => {
    emulator().remote.write("/a/b/c/d.txt", "1");
    expect(pathsOf((await listAll(await openProvider(emulator(), { target: "/" }))).entries)).toEqual([
      "Docs",
      "a",
      "a/b",
      "a/b/c",
      "a/b/c/d.txt",
    ]);
    expect(pathsOf((await listAll(await openProvider(emulator(), { target: "/a/B/c" }))).entries)).toEqual(["d.txt"]);
  });

  test("of a root that does not exist is one empty page", async () => {
    const provider = await openProvider(emulator(), { target: "/Nowhere" });
    expect((await listAll(provider)).pages).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    expect((await provider.identify(signal)).root).toBeUndefined();
  });

  test("of a file is refused", async () => {
    emulator().remote.write("/file", "a file");
    const error = await errorOf(listAll(await openProvider(emulator(), { target: "/file" })));
    expect(error).toMatchObject({ code: "rejected" });
    expect(error.message).toContain("is a file");
  });

  test("waits for parents that come after their children", async () => {
    Object.assign(emulator().settings, { deltaOrder: "shuffled", deltaPageSize: 3 });
    for (let n = 0; n < 40; n++) emulator().remote.write(`/Docs/d${n % 7}/e${n % 3}/f${n}.txt`, String(n));
    const { entries } = await listAll(await openProvider(emulator()));
    expect(new Set(pathsOf(entries)).size).toBe(7 + 21 + 40);
  });

  test("looks up a parent that never comes", async () => {
    emulator().remote.write("/Docs/d/e/f.txt", "1");
    emulator().fault({ route: "delta", kind: "missing-items", names: ["e", "d"] });
    expect(pathsOf((await listAll(await openProvider(emulator()))).entries)).toEqual(["d", "d/e", "d/e/f.txt"]);
  });

  test("takes the last of several words on an item", async () => {
    const { remote } = emulator();
    remote.write("/Docs/old.txt", "1");
    remote.move("/Docs/old.txt", "/Docs/new.txt");
    emulator().fault({ route: "delta", kind: "repeated-items" });
    const { mirror } = await start();
    expect(mirror.paths()).toEqual(["new.txt"]);
  });

  test("shows notebooks, shortcuts and blocked files as what they are, and nothing in them", async () => {
    const { remote } = emulator();
    remote.addNotebook("/Docs/Notes");
    const stranger = emulator().remoteOf(emulator().addAccount());
    stranger.write("/Shared/x.txt", "x");
    remote.addShortcut("/Docs/Theirs", stranger, "/Shared");
    remote.write("/Docs/virus.exe", "x", { isMalware: true });
    const { mirror, provider, cursor } = await start();
    expect(mirror.paths()).toEqual(["Notes*", "Theirs*", "virus.exe*"]);
    expect((await listAll(provider, cursor)).changes).toEqual([]);
  });

  test("follows what changes while it is under way", async () => {
    const { remote, settings } = emulator();
    settings.deltaPageSize = 5;
    for (let n = 0; n < 12; n++) remote.write(`/Docs/d/f${n}.txt`, String(n));
    const mirror = createKnownMirror();
    const provider = await openProvider(emulator(), { mirror });
    let pages = 0;
    let cursor: string | undefined;
    for await (const page of provider.list(undefined, signal)) {
      pages += 1;
      cursor = page.cursor;
      if (pages === 3) remote.move("/Docs/d", "/Docs/e");
      if (pages === 3) remote.delete("/Docs/e/f2.txt");
    }
    await listAll(provider, cursor);
    expect(mirror.paths()).toEqual(await truth());
  });

  test("keeps all that is in a folder that is shown again at another place", async () => {
    const { remote, settings } = emulator();
    Object.assign(settings, { deltaPageSize: 5, gzip: false });
    remote.write("/Docs/x/deep/deeper/f.txt", "1");
    for (let n = 0; n < 12; n++) remote.write(`/Docs/z/f${n}.txt`, String(n));
    remote.write("/Docs/z/late/g.txt", "1");
    const [id, parent] = [remote.idOf("/Docs/x"), remote.idOf("/Docs")];
    let pages = 0;
    const mirror = createKnownMirror();
    const alter = (request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      if (!/\/delta/.test(request.url) || (pages += 1) !== 2) return answer;
      remote.move("/Docs/x", "/Docs/y");
      const page = JSON.parse(answer.text) as { value: unknown[] };
      const again = { id, name: "y", folder: { childCount: 1 }, parentReference: { id: parent } };
      return { ...answer, text: JSON.stringify({ ...page, value: [again, ...page.value] }) };
    };
    await listAll(await openProvider(emulator(), { mirror, alter }));
    expect(pages).toBeGreaterThan(2);
    expect(mirror.paths()).toContain("y/deep/deeper/f.txt");
    expect(mirror.paths()).toEqual(await truth());
  });

  test("keeps all that is in a folder that comes in while it is under way", async () => {
    const { remote, settings } = emulator();
    Object.assign(settings, { deltaPageSize: 4, deltaScope: "root-only", gzip: false });
    remote.write("/Other/x/deep/f.txt", "1");
    for (let n = 0; n < 12; n++) remote.write(`/Later/z/f${n}.txt`, String(n));
    const [id, parent] = [remote.idOf("/Other/x"), remote.idOf("/Later")];
    const mirror = createKnownMirror();
    const alter = (_request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      if (!answer.text.includes("@odata.deltaLink")) return answer;
      remote.move("/Other/x", "/Later/x");
      const page = JSON.parse(answer.text) as { value: unknown[] };
      const again = { id, name: "x", folder: { childCount: 1 }, parentReference: { id: parent } };
      return { ...answer, text: JSON.stringify({ ...page, value: [...page.value, again] }) };
    };
    await listAll(await openProvider(emulator(), { mirror, alter, target: "/Later" }));
    expect(mirror.paths()).toContain("x/deep/f.txt");
    expect(mirror.paths()).toEqual(await truth("/Later"));
  });

  test("does not leave out an entry whose folder is not named", async () => {
    emulator().settings.gzip = false;
    emulator().remote.write("/Docs/a.txt", "1");
    const alter = (_request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      if (!answer.text.includes("a.txt")) return answer;
      return { ...answer, text: answer.text.replaceAll('"parentReference"', '"elsewhere"') };
    };
    const error = await errorOf(listAll(await openProvider(emulator(), { alter })));
    expect(error).toMatchObject({ code: "malformed" });
    expect(error.message).toContain("which folder");
  });

  test("fails as a whole when a page fails", async () => {
    emulator().settings.deltaPageSize = 5;
    for (let n = 0; n < 12; n++) emulator().remote.write(`/Docs/f${n}`, "");
    emulator().fault({ route: "delta", nth: 2, kind: "status", status: 500, times: 20 });
    expect(await errorOf(listAll(await openProvider(emulator())))).toMatchObject({ code: "unavailable" });
  });

  test("that is answered with 400 is one to try again", async () => {
    emulator().remote.write("/Docs/a", "1");
    emulator().fault({ route: "delta", kind: "error", status: 400, code: "invalidRequest", times: 4 });
    expect(await errorOf(listAll(await openProvider(emulator())))).toMatchObject({ code: "unavailable" });
  });

  test.each(["html", "half-json"] as const)("an answer that is %s is no listing", async (kind) => {
    emulator().settings.gzip = false;
    emulator().remote.write("/Docs/a", "1");
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().fault({ route: "delta", kind });
    expect(await errorOf(listAll(provider))).toMatchObject({ code: "malformed" });
  });

  test("ends when a link leads back to the same page", async () => {
    emulator().settings.deltaPageSize = 5;
    for (let n = 0; n < 12; n++) emulator().remote.write(`/Docs/f${n}`, "");
    emulator().fault({ route: "delta", kind: "repeated-link", times: 100 });
    expect(await errorOf(listAll(await openProvider(emulator())))).toMatchObject({ code: "unavailable" });
  });
});

describe("a continued listing", () => {
  test("without changes costs one request, also in another run", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const { open, provider, cursor, memory, settings } = await start();
    const before = await provider.identify(signal);
    const second = await open({});
    await second.identify(signal);
    emulator().resetCounters();
    const listed = await listAll(second, cursor);
    expect(listed.changes).toEqual([]);
    expect(listed.scope).toBe("changes");
    expect(await second.identify(signal)).toEqual(before);
    expect(emulator().requestCounts()["delta"]).toBe(1);
    expect(emulator().requests.filter(({ host }) => host === "graph")).toHaveLength(1);
    for (const value of memory.values.values()) expect(value).not.toContain(settings["ONEDRIVE_REFRESH_TOKEN"]);
  });

  test("shows what is new, changed, moved and gone", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a.txt", "1");
    remote.write("/Docs/x/y/b.txt", "1");
    remote.write("/Docs/m/c.txt", "1");
    const { provider, cursor, mirror } = await start();
    remote.write("/Docs/a.txt", "22");
    remote.write("/Docs/new.txt", "3");
    remote.delete("/Docs/x");
    remote.move("/Docs/m", "/Docs/n");
    const { changes, scope } = await listAll(provider, cursor);
    expect(scope).toBe("changes");
    expect(changes).toContainEqual({ kind: "gone", path: "x" });
    expect(changes).toContainEqual({ kind: "moved", from: "m", to: "n" });
    expect(mirror.paths()).toEqual(["a.txt", "n/", "n/c.txt", "new.txt"]);
    expect(mirror.paths()).toEqual(await truth());
  });

  test("keeps a moved folder whole, through swaps, nests and re-use of names", async () => {
    const { remote } = emulator();
    for (const folder of ["a", "b", "c", "c/d"]) remote.write(`/Docs/${folder}/${folder.replace("/", "")}.txt`, folder);
    const { provider, cursor, mirror } = await start();
    remote.move("/Docs/a", "/Docs/tmp");
    remote.move("/Docs/b", "/Docs/a");
    remote.move("/Docs/tmp", "/Docs/b");
    remote.move("/Docs/c/d", "/Docs/e");
    remote.move("/Docs/c", "/Docs/e/c");
    remote.write("/Docs/c/new.txt", "another c");
    remote.move("/Docs/a/b.txt", "/Docs/b/b.txt");
    await listAll(provider, cursor);
    expect(mirror.paths()).toEqual(await truth());
  });

  test("looks into a folder of which the service does not say how much is in it", async () => {
    const { remote, settings } = emulator();
    Object.assign(settings, { deltaMovedIn: "folder-only", gzip: false });
    remote.write("/Other/x/deep/f.txt", "1");
    const mirror = createKnownMirror();
    const alter = (_request: HttpRequest, answer: HttpAnswer): HttpAnswer => {
      return { ...answer, text: answer.text.replaceAll('"childCount"', '"other"') };
    };
    const provider = await openProvider(emulator(), { mirror, alter });
    const { cursor } = await listAll(provider);
    remote.move("/Other/x", "/Docs/x");
    await listAll(provider, cursor);
    expect(mirror.paths()).toEqual(["x/", "x/deep/", "x/deep/f.txt"]);
  });

  test("lists what came into the folder from elsewhere", async () => {
    const { remote, settings } = emulator();
    settings.deltaMovedIn = "folder-only";
    remote.write("/Elsewhere/in/x/y.txt", "1");
    remote.write("/Elsewhere/in/z.txt", "1");
    const { provider, cursor, mirror } = await start();
    remote.move("/Elsewhere/in", "/Docs/in");
    const second = await listAll(provider, cursor);
    expect(second.scope).toBe("changes");
    expect(mirror.paths()).toEqual(["in/", "in/x/", "in/x/y.txt", "in/z.txt"]);
    remote.move("/Docs/in/x", "/Elsewhere/x");
    await listAll(provider, second.cursor);
    expect(mirror.paths()).toEqual(["in/", "in/z.txt"]);
  });

  test("knows changes of a folder by those of the drive, where the service has no others", async () => {
    const { remote, settings } = emulator();
    settings.deltaScope = "root-only";
    remote.write("/Docs/a/b.txt", "1");
    remote.write("/Other/x/y.txt", "1");
    const { provider, cursor, mirror } = await start();
    expect(mirror.paths()).toEqual(["a/", "a/b.txt"]);
    remote.move("/Docs/a", "/Other/a");
    remote.move("/Other/x", "/Docs/x");
    remote.write("/Other/x2/deep/z.txt", "1");
    await listAll(provider, cursor);
    expect(mirror.paths()).toEqual(["x/", "x/y.txt"]);
  });

  test("does not hand out a cursor beyond what waits for its parent", async () => {
    const { remote, settings } = emulator();
    Object.assign(settings, { deltaPageSize: 1, deltaAncestors: "hidden" });
    const { provider, cursor, mirror } = await start();
    remote.write("/Docs/d/f.txt", "1");
    const cursors: (string | undefined)[] = [];
    emulator().fault({ route: "delta", kind: "missing-items", names: ["d"] });
    for await (const page of provider.list(cursor, signal)) cursors.push(page.cursor);
    expect(mirror.paths()).toEqual(["d/", "d/f.txt"]);
    expect(cursors.every((one) => one !== undefined)).toBe(true);
  });

  test.each(["resyncApplyDifferences", "resyncChangesUploadDifferences", "syncStateNotFound", "none"] as const)(
    "begins anew when the service says 410 %s",
    async (code) => {
      const { remote } = emulator();
      remote.write("/Docs/a.txt", "1");
      const { provider, cursor, mirror } = await start();
      remote.delete("/Docs/a.txt");
      remote.write("/Docs/b.txt", "1");
      emulator().resetDelta(code);
      expect((await listAll(provider, cursor)).scope).toBe("full");
      expect(mirror.paths()).toEqual(["b.txt"]);
    },
  );

  test.each([400, 404, 500])(
    "begins anew when the link is answered with %i twice, and not when once",
    async (status) => {
      emulator().remote.write("/Docs/a.txt", "1");
      const { provider, cursor } = await start();
      emulator().fault({ route: "delta", kind: "error", status, code: "generalException", times: 2 });
      expect((await listAll(provider, cursor)).scope).toBe("full");
      emulator().fault({ route: "delta", kind: "error", status, code: "generalException" });
      expect((await listAll(provider, cursor)).scope).toBe("changes");
      expect(emulator().pendingFaults()).toEqual([]);
    },
  );

  test("begins anew when a page in the middle is gone", async () => {
    const { remote, settings } = emulator();
    const { provider, cursor, mirror } = await start();
    settings.deltaPageSize = 3;
    for (let n = 0; n < 9; n++) remote.write(`/Docs/f${n}`, "");
    emulator().fault({ route: "delta", nth: 2, kind: "gone" });
    const { pages } = await listAll(provider, cursor);
    expect(pages.map(({ scope }) => scope)).toContain("changes");
    expect(pages.at(-1)?.scope).toBe("full");
    expect(mirror.paths()).toHaveLength(9);
  });

  test.each(["nonsense", '{"root":"x","link":"https://example.com/"}'])(
    "begins anew with the cursor %s",
    async (cursor) => {
      emulator().remote.write("/Docs/a.txt", "1");
      expect((await listAll(await openProvider(emulator()), cursor)).scope).toBe("full");
    },
  );

  test("never follows a link to another server", async () => {
    const { provider, cursor } = await start();
    const elsewhere = JSON.stringify({ ...JSON.parse(cursor ?? "{}"), link: "http://127.0.0.1:9/v1.0/delta" });
    expect((await listAll(provider, elsewhere)).scope).toBe("full");
  });

  test("lists everything once a week, because tombstones get lost", async () => {
    const { remote, settings } = emulator();
    remote.write("/Docs/a.txt", "1");
    const { provider, open, cursor, mirror, memory } = await start();
    settings.deltaLosesTombstones = true;
    remote.delete("/Docs/a.txt");
    const second = await listAll(provider, cursor);
    expect(second.scope).toBe("changes");
    expect(mirror.paths()).toEqual(["a.txt"]);
    expect((await listAll(await open({ ONEDRIVE_FULL_LISTING_DAYS: "0" }), second.cursor)).scope).toBe("full");
    expect(mirror.paths()).toEqual([]);
    const third = await listAll(provider, cursor);
    expect(third.scope).toBe("changes");
    const { root } = JSON.parse(memory.get("full-listing") ?? "{}") as { root: string };
    memory.set("full-listing", JSON.stringify({ root, ms: Date.now() - 8 * 24 * 3600 * 1000 }));
    expect((await listAll(provider, third.cursor)).scope).toBe("full");
    expect((await listAll(provider, third.cursor)).scope).toBe("changes");
  });

  test("tells that the root was deleted, and made anew", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a.txt", "1");
    const { provider, cursor } = await start();
    const before = await provider.identify(signal);
    remote.delete("/Docs");
    expect((await listAll(provider, cursor)).pages).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    expect(await provider.identify(signal)).toEqual({ account: before.account, root: undefined });
    remote.write("/Docs/b.txt", "1");
    expect(pathsOf((await listAll(provider, cursor)).entries)).toEqual(["b.txt"]);
    expect((await provider.identify(signal)).root).not.toBe(before.root);
  });

  test("tells that the root has another name now", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a.txt", "1");
    const { provider, cursor } = await start();
    remote.move("/Docs", "/Renamed");
    expect((await listAll(provider, cursor)).pages.at(-1)).toEqual({ scope: "full", changes: [], cursor: undefined });
    expect((await provider.identify(signal)).root).toBeUndefined();
  });

  test("tells that the root lies elsewhere now, and another folder has its path", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a.txt", "1");
    const { provider, cursor } = await start();
    const before = await provider.identify(signal);
    remote.move("/Docs", "/Old/Docs");
    remote.write("/Docs/b.txt", "1");
    expect(pathsOf((await listAll(provider, cursor)).entries)).toEqual(["b.txt"]);
    expect((await provider.identify(signal)).root).not.toBe(before.root);
  });

  test("tells within an hour that a folder above the root was renamed", async () => {
    const { remote } = emulator();
    remote.write("/Above/Docs/a.txt", "1");
    const [memory, settings] = [createMemory(), personsEnv(emulator())];
    const context = contextFor(emulator(), { target: "/Above/Docs", memory, settings });
    const identify = async () => await (await openOneDrive(context)).identify(signal);
    expect((await identify()).root).toBeDefined();
    emulator().resetCounters();
    remote.move("/Above", "/Renamed");
    expect((await identify()).root).toBeDefined();
    expect(emulator().requests).toEqual([]);
    await context.sleep(3_600_000, signal);
    expect((await identify()).root).toBeUndefined();
  });

  test("lists everything after a listing that broke off in the middle", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a/b.txt", "1");
    const { provider, cursor, mirror } = await start();
    remote.move("/Docs/a", "/Docs/c");
    remote.write("/Docs/new.txt", "1");
    let held: string | undefined;
    for await (const page of provider.list(cursor, signal)) {
      held = page.cursor;
      break;
    }
    remote.delete("/Docs/new.txt");
    expect((await listAll(provider, held)).scope).toBe("full");
    expect(mirror.paths()).toEqual(["c/", "c/b.txt"]);
  });

  test("notices that a notebook is gone", async () => {
    const { remote } = emulator();
    remote.addNotebook("/Docs/Notes");
    const { provider, cursor, mirror } = await start();
    remote.delete("/Docs/Notes");
    await listAll(provider, cursor);
    expect(mirror.paths()).toEqual([]);
  });
});

describe("identify", () => {
  test("names the drive and the folder, and tells folders and drives apart", async () => {
    emulator().remote.mkdir("/Other");
    const docs = await (await openProvider(emulator())).identify(signal);
    const other = await (await openProvider(emulator(), { target: "/Other" })).identify(signal);
    const all = await (await openProvider(emulator(), { target: "/" })).identify(signal);
    expect(docs.account).toBe(emulator().drive.id);
    expect(other.account).toBe(docs.account);
    expect(new Set([docs.root, other.root, all.root]).size).toBe(3);
  });

  test("asks again when another sign-in uses the same memory", async () => {
    const memory = createMemory();
    await (await openProvider(emulator(), { memory })).identify(signal);
    const stranger = emulator().addAccount();
    const settings = {
      ONEDRIVE_CLIENT_ID: emulator().app.clientId,
      ONEDRIVE_REFRESH_TOKEN: emulator().tokens.issue({ userId: stranger.userId }).refreshToken,
    };
    const identity = await (await openProvider(emulator(), { memory, settings })).identify(signal);
    expect(identity).toEqual({ account: stranger.drive?.id, root: undefined });
  });
});

describe("what this job has put there itself", () => {
  test("and somebody deletes before the next listing, is told as gone, once", async () => {
    const { provider, open, mirror, cursor } = await start();
    const { entry } = await provider.upload(uploadOf("mine.txt", "mine"), signal);
    const [folder] = await provider.createFolders([toSyncPath("folder")], signal);
    if (folder?.ok !== true) throw new Error("no folder was made");
    for (const added of [entry, folder.value]) mirror.add(added);
    emulator().remote.delete("/Docs/mine.txt");
    const again = await open();
    const listed = await listAll(again, cursor);
    expect(mirror.paths()).toEqual(["folder/"]);
    emulator().resetCounters();
    await listAll(await open(), listed.cursor);
    expect(emulator().requestCounts()).toEqual({ delta: 1, token: 1 });
  });
});
