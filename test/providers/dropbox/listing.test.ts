import { describe, expect, test } from "vitest";
import type { ListingPage } from "../../../providers/provider.js";
import { toSyncPath } from "../../../lib/model/path.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { errorOf } from "../support/outcomes.js";
import { signal } from "../support/signal.js";
import { openProvider, useEmulator } from "./support.js";

const emulator = useEmulator();

const pathsOf = (entries: readonly { readonly path: string }[]) => entries.map(({ path }) => path).sort();

describe("a full listing", () => {
  test("has every entry below the root, with id, rev, hash and times, and not the root itself", async () => {
    const { remote } = emulator();
    const file = remote.write("/Docs/A/b.txt", "hello", { clientModified: new Date("2026-03-01T09:30:00Z") });
    remote.mkdir("/Docs/Empty");
    remote.write("/Docs2/other.txt", "x");
    remote.write("/outside.txt", "x");
    const provider = await openProvider(emulator());
    const { entries, pages } = await listAll(provider);
    expect(pathsOf(entries)).toEqual(["A", "A/b.txt", "Empty"]);
    expect(pages[0]?.scope).toBe("full");
    expect(entries.find(({ path }) => path === "A/b.txt")).toEqual({
      kind: "file",
      path: "A/b.txt",
      id: file.id,
      version: file.rev,
      sizeBytes: 5,
      modifiedMs: Date.parse("2026-03-01T09:30:00Z"),
      hash: "dropbox:9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
    });
    expect(emulator().misuse).toEqual([]);
  });

  test("of the whole account", async () => {
    emulator().remote.write("/a/b.txt", "1");
    const { entries } = await listAll(await openProvider(emulator(), { target: "/" }));
    expect(pathsOf(entries)).toEqual(["a", "a/b.txt"]);
  });

  test("goes on over short and empty pages", async () => {
    emulator().settings.paging = "ragged";
    for (let n = 0; n < 2500; n++) emulator().remote.write(`/Docs/f${n}`, String(n));
    const { entries } = await listAll(await openProvider(emulator()));
    expect(new Set(pathsOf(entries)).size).toBe(2500);
  });

  test("of 4,100 entries costs three pages", async () => {
    for (let n = 0; n < 4100; n++) emulator().remote.write(`/Docs/f${n}`, "");
    const provider = await openProvider(emulator());
    emulator().resetCounters();
    await listAll(provider);
    expect(emulator().requestCount("files/list_folder")).toBe(1);
    expect(emulator().requestCount("files/list_folder/continue")).toBe(2);
  });

  test("of a root that does not exist is one empty page", async () => {
    const provider = await openProvider(emulator(), { target: "/Nowhere" });
    expect((await listAll(provider)).pages).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    expect((await provider.identify(signal)).root).toBeUndefined();
  });

  test("of a file is refused", async () => {
    emulator().remote.write("/Docs", "a file");
    const error = await errorOf(listAll(await openProvider(emulator())));
    expect(error).toMatchObject({ code: "rejected" });
    expect(error.message).toContain("is a file");
  });

  test("writes parents as their own entries do", async () => {
    const { remote } = emulator();
    remote.write("/Docs/Photos/Rome/a.jpg", "1");
    remote.write("/docs/photos/ROME/b.jpg", "2");
    const { entries } = await listAll(await openProvider(emulator()));
    expect(pathsOf(entries)).toEqual(["Photos", "Photos/Rome", "Photos/Rome/a.jpg", "Photos/Rome/b.jpg"]);
  });

  test("shows online documents and links as what they are", async () => {
    const { remote } = emulator();
    remote.write("/Docs/notes.paper", "", { exportAs: "markdown" });
    remote.write("/Docs/link", "", { symlinkTarget: "/etc/passwd" });
    const { entries } = await listAll(await openProvider(emulator()));
    expect(entries.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual(["special link", "special notes.paper"]);
  });

  test("reports a folder without access as unknown, with all below it", async () => {
    const { remote } = emulator();
    remote.mkdir("/Docs/Secret", { sharedFolderId: "84528192421", noAccess: true });
    const { changes } = await listAll(await openProvider(emulator()));
    expect(changes).toMatchObject([
      { kind: "problem", problem: { path: "Secret", code: "unreadable", covers: { path: "Secret", subtree: true } } },
    ]);
  });

  test("fails as a whole when a page fails", async () => {
    for (let n = 0; n < 2500; n++) emulator().remote.write(`/Docs/f${n}`, "");
    emulator().fault({ route: "files/list_folder/continue", kind: "status", status: 500, times: 20 });
    expect(await errorOf(listAll(await openProvider(emulator())))).toMatchObject({ code: "unavailable" });
  });

  test.each(["html", "half-json"] as const)("an answer that is %s is no listing", async (kind) => {
    emulator().remote.write("/Docs/a", "1");
    const provider = await openProvider(emulator());
    await provider.identify(signal);
    emulator().fault({ route: "files/list_folder", kind });
    expect(await errorOf(listAll(provider))).toMatchObject({ code: "malformed" });
  });
});

describe("a continued listing", () => {
  test("without changes costs one request, also in another run", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const memory = createMemory();
    const settings = { DROPBOX_ACCESS_TOKEN: emulator().tokens.issue().accessToken };
    const first = await openProvider(emulator(), { memory, settings });
    await first.identify(signal);
    const { cursor } = await listAll(first);
    const before = await first.identify(signal);

    const second = await openProvider(emulator(), { memory, settings });
    emulator().resetCounters();
    expect(await second.identify(signal)).toEqual(before);
    expect((await listAll(second, cursor)).changes).toEqual([]);
    expect(await second.identify(signal)).toEqual(before);
    expect(emulator().requestCount()).toBe(1);
    expect(second.requests()).toBe(1);
    for (const value of memory.values.values()) expect(value).not.toContain(settings.DROPBOX_ACCESS_TOKEN);
  });

  test("shows what is new, changed and gone", async () => {
    const { remote } = emulator();
    remote.write("/Docs/a.txt", "1");
    remote.write("/Docs/x/b.txt", "1");
    const provider = await openProvider(emulator());
    const { cursor } = await listAll(provider);
    remote.write("/Docs/a.txt", "22");
    remote.write("/Docs/new.txt", "3");
    remote.delete("/Docs/x");
    const { changes, pages } = await listAll(provider, cursor);
    expect(pages[0]?.scope).toBe("changes");
    const told = changes.map((change) => (change.kind === "entry" ? change.entry.path : `${change.kind} x`));
    expect(new Set(told)).toEqual(new Set(["a.txt", "new.txt", "gone x"]));
    expect(changes).toContainEqual({ kind: "gone", path: "x" });
  });

  test("a file that takes the place of a folder takes all below it away", async () => {
    const { remote } = emulator();
    remote.write("/Docs/x/b.txt", "1");
    const provider = await openProvider(emulator());
    const { cursor } = await listAll(provider);
    remote.delete("/Docs/x");
    remote.write("/Docs/x", "now a file");
    const { changes } = await listAll(provider, cursor);
    const gone = changes.findIndex((change) => change.kind === "gone" && change.path === "x");
    const file = changes.findIndex((change) => change.kind === "entry" && change.entry.kind === "file");
    expect(gone).toBeGreaterThanOrEqual(0);
    expect(file).toBeGreaterThan(gone);
  });

  test("begins anew when the service resets the cursor", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const provider = await openProvider(emulator());
    const { cursor } = await listAll(provider);
    emulator().resetCursors();
    const { pages, entries } = await listAll(provider, cursor);
    expect(pages[0]?.scope).toBe("full");
    expect(pathsOf(entries)).toEqual(["a.txt"]);
  });

  test("begins anew with a cursor that is no cursor", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const { pages } = await listAll(await openProvider(emulator()), "nonsense");
    expect(pages[0]?.scope).toBe("full");
    expect(emulator().misuse.splice(0)).toEqual(['files/list_folder/continue: Invalid "cursor" parameter']);
  });

  test("tells that the root was deleted", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const provider = await openProvider(emulator());
    const before = await provider.identify(signal);
    const { cursor } = await listAll(provider);
    emulator().remote.delete("/Docs");
    const { pages } = await listAll(provider, cursor);
    expect(pages).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    const after = await provider.identify(signal);
    expect(after).toEqual({ account: before.account, root: undefined });
  });

  test("tells that a folder above the root was deleted", async () => {
    emulator().remote.write("/Above/Docs/a.txt", "1");
    const provider = await openProvider(emulator(), { target: "/Above/Docs" });
    const { cursor } = await listAll(provider);
    emulator().remote.delete("/Above");
    expect((await listAll(provider, cursor)).pages).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
  });

  test("fails when the root is deleted after the first page, and the next one begins anew", async () => {
    for (let n = 0; n < 2100; n++) emulator().remote.write(`/Docs/f${n}`, "");
    const provider = await openProvider(emulator());
    const { cursor } = await listAll(provider);
    for (let n = 0; n < 2100; n++) emulator().remote.write(`/Docs/f${n}`, "1");
    const pages: ListingPage[] = [];
    const work = async (): Promise<void> => {
      for await (const page of provider.list(cursor, signal)) {
        pages.push(page);
        if (pages.length > 1) continue;
        emulator().remote.delete("/Docs");
        emulator().remote.mkdir("/Docs");
      }
    };
    expect(await errorOf(work())).toMatchObject({ code: "unavailable" });
    expect(new Set(pages.map(({ scope }) => scope))).toEqual(new Set(["changes"]));
    const next = await listAll(provider, pages.at(-1)?.cursor);
    expect(next.pages[0]?.scope).toBe("full");
    expect(next.entries).toEqual([]);
  });

  test("tells that the root was deleted and made anew", async () => {
    emulator().remote.write("/Docs/a.txt", "1");
    const memory = createMemory();
    const provider = await openProvider(emulator(), { memory });
    const before = await provider.identify(signal);
    const { cursor } = await listAll(provider);
    emulator().remote.delete("/Docs");
    emulator().remote.write("/Docs/b.txt", "1");
    const { pages, entries } = await listAll(provider, cursor);
    expect(pages[0]?.scope).toBe("full");
    expect(pathsOf(entries)).toEqual(["b.txt"]);
    const after = await provider.identify(signal);
    expect(after.root).toBeDefined();
    expect(after.root).not.toBe(before.root);
    const next = await openProvider(emulator(), { memory });
    expect(await next.identify(signal)).toEqual(after);
  });
});

describe("identify", () => {
  test("names the account and the folder, and tells folders and accounts apart", async () => {
    emulator().remote.mkdir("/Docs");
    emulator().remote.mkdir("/Other");
    const docs = await (await openProvider(emulator())).identify(signal);
    const other = await (await openProvider(emulator(), { target: "/Other" })).identify(signal);
    const all = await (await openProvider(emulator(), { target: "/" })).identify(signal);
    expect(docs.account).toBe(emulator().account.accountId);
    expect(other.account).toBe(docs.account);
    expect(new Set([docs.root, other.root, all.root]).size).toBe(3);
    const stranger = emulator().addAccount();
    const settings = { DROPBOX_ACCESS_TOKEN: emulator().tokens.issue({ accountId: stranger.accountId }).accessToken };
    expect((await (await openProvider(emulator(), { settings })).identify(signal)).account).toBe(stranger.accountId);
  });

  test("asks again when another sign-in uses the same memory", async () => {
    emulator().remote.mkdir("/Docs");
    const memory = createMemory();
    await (await openProvider(emulator(), { memory })).identify(signal);
    const stranger = emulator().addAccount();
    const settings = { DROPBOX_ACCESS_TOKEN: emulator().tokens.issue({ accountId: stranger.accountId }).accessToken };
    const identity = await (await openProvider(emulator(), { memory, settings })).identify(signal);
    expect(identity).toEqual({ account: stranger.accountId, root: undefined });
  });

  test("finds a root that was made in the meantime", async () => {
    const provider = await openProvider(emulator());
    expect((await provider.identify(signal)).root).toBeUndefined();
    await provider.createFolders([toSyncPath("a")], signal);
    expect((await provider.identify(signal)).root).toBeDefined();
  });
});

test("stat", async () => {
  emulator().remote.write("/Docs/A/b.txt", "hello");
  const provider = await openProvider(emulator());
  expect(await provider.stat(toSyncPath("A/B.TXT"), signal)).toMatchObject({ kind: "file", path: "A/b.txt" });
  expect(await provider.stat(toSyncPath("a"), signal)).toMatchObject({ kind: "folder", path: "A" });
  expect(await provider.stat(toSyncPath("nothing"), signal)).toBeUndefined();
});
