import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openJobState } from "../../lib/state/job-state.js";
import { LocalError } from "../../lib/model/errors.js";
import { toSyncPath } from "../../lib/model/path.js";
import { NOON, uploadOf } from "../support/builders.js";
import { createFaultyProvider, Killed } from "../support/faulty-provider.js";
import { MemoryProvider } from "../support/memory-provider.js";
import type { MemoryProviderOptions } from "../support/memory-provider.js";
import { MemoryWorld } from "../support/memory-world.js";
import type { WorldOptions } from "../support/memory-world.js";
import type { JobState } from "../../lib/state/types.js";
import type { ListingPage, Provider } from "../../providers/provider.js";
import { testProvider } from "./contract.js";
import type { Bed } from "./contract.js";
import { contents, listedPaths, pullText, put } from "./contract-bed.js";
import { pagesOf } from "./support/listings.js";
import { codeOf, codesOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

function opener(world: WorldOptions, options: MemoryProviderOptions = {}): () => Promise<Bed> {
  return async () => {
    const shared = new MemoryWorld(world);
    return {
      provider: new MemoryProvider(shared, options),
      openAnother: async () => new MemoryProvider(shared, options),
      trashed: async (path) => shared.trashed(path),
      close: async () => undefined,
    };
  };
}

/** A service that tells what changed by id. What is known by id is taken from the pages, as the state does. */
async function openById(): Promise<Bed> {
  const shared = new MemoryWorld({ ignoresCase: true });
  const scratch = mkdtempSync(join(tmpdir(), "trisync-test-"));
  const states: JobState[] = [];
  const open = async (): Promise<Provider> => {
    const dir = mkdtempSync(join(scratch, "state-"));
    const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
    states.push(state);
    const inner = new MemoryProvider(shared, { known: { find: (id) => state.mirror.find(id) } });
    return takingIn(inner, state);
  };
  return {
    provider: await open(),
    openAnother: open,
    trashed: async (path) => shared.trashed(path),
    close: async () => {
      for (const state of states) state.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Every page is in the state before the next one is asked for. */
function takingIn(provider: MemoryProvider, state: JobState): Provider {
  const list = provider.list.bind(provider);
  return Object.assign(provider, {
    async *list(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<ListingPage> {
      const seen: ListingPage[] = [];
      async function* noted(): AsyncGenerator<ListingPage> {
        for await (const page of list(cursor, signal)) {
          seen.push(page);
          yield page;
        }
      }
      await state.mirror.take(noted(), true);
      yield* seen;
    },
  });
}

testProvider("memory, which tells what changed by id", openById);
testProvider("memory, all it can do", opener({}, { partBytes: 300_000 }));
testProvider(
  "memory, like a service that ignores case",
  opener({ ignoresCase: true, algorithm: "dropbox", tombstones: "one" }, { pageEntries: 2 }),
);
testProvider(
  "memory, like a folder",
  opener(
    { algorithm: "sha256" },
    { capabilities: { listsHash: false, hasCursor: false, batch: undefined, trash: "own-folder" } },
  ),
);
testProvider(
  "memory, like a service with picky names and many tombstones",
  opener(
    { ignoresCase: true, algorithm: "quickxor", tombstones: "each" },
    { refuses: (path) => (/[.\s]$|[\\:*?"<>|]/m.test(path) ? "Not this name." : undefined), pageEntries: 3 },
  ),
);
testProvider(
  "memory, like a collection of photos",
  opener(
    { hasFolders: false, hasTrash: false, algorithm: "md5" },
    {
      capabilities: {
        canReplace: false,
        canMove: false,
        hasCursor: false,
        keepsModified: false,
        trash: "none",
        batch: undefined,
      },
    },
  ),
);
testProvider(
  "memory, where nothing can be deleted",
  opener({ algorithm: "sha1" }, { capabilities: { canDelete: false, canReplace: false, trash: "none" } }),
);

function open(options: MemoryProviderOptions = {}, world = new MemoryWorld()): MemoryProvider {
  return new MemoryProvider(world, options);
}

describe("the memory provider's faults", () => {
  it("breaks off a listing after some pages", async () => {
    const provider = open({ pageEntries: 1 });
    for (const name of ["a", "b", "c"]) provider.world.write(name, "1");
    provider.faults.listFailsAfterPages = 2;
    expect(await codeOf(pagesOf(provider))).toBe("unavailable");
  });

  it("lists less than there is without a word", async () => {
    const provider = open();
    for (const name of ["a", "b", "c"]) provider.world.write(name, "1");
    provider.faults.listLeavesOut = 2;
    expect(await listedPaths(provider)).toEqual(["a"]);
  });

  it("shows an old state of a path until it is revealed, in full listings and in changes", async () => {
    const provider = open();
    provider.world.write("a", "1");
    const cursor = (await pagesOf(provider)).at(-1)?.cursor;
    provider.world.freezeListing("a");
    provider.world.freezeListing("b");
    provider.world.delete("a");
    provider.world.write("b", "2");
    expect(await listedPaths(provider)).toEqual(["a"]);
    expect((await pagesOf(provider, cursor)).flatMap(({ changes }) => changes)).toEqual([]);
    provider.world.reveal("a");
    provider.world.reveal("b");
    expect(await listedPaths(provider)).toEqual(["b"]);
    expect((await pagesOf(provider, cursor)).flatMap(({ changes }) => changes)).not.toEqual([]);
  });

  it("puts empty pages in between, whose cursor is not ahead of the changes", async () => {
    const provider = open({ pageEntries: 1 });
    const cursor = (await pagesOf(provider)).at(-1)?.cursor;
    for (const name of ["a", "b"]) provider.world.write(name, "1");
    provider.faults.emptyPages = true;
    const pages = await pagesOf(provider, cursor);
    expect(pages.map(({ changes }) => changes.length)).toEqual([0, 1, 0, 1]);
    expect(pages[0]?.cursor).toBe(cursor);
    expect(pages[2]?.cursor).toBe(pages[1]?.cursor);
  });

  it("starts anew when cursors no longer hold", async () => {
    const provider = open();
    provider.world.write("a", "1");
    const cursor = (await pagesOf(provider)).at(-1)?.cursor;
    provider.world.resetCursors();
    expect((await pagesOf(provider, cursor)).map(({ scope }) => scope)).toEqual(["full"]);
  });

  it("stores an upload and loses the answer", async () => {
    const provider = open();
    provider.faults.ambiguousUploads = 1;
    expect(await codeOf(put(provider, "a", "1"))).toBe("unavailable");
    expect(provider.world.tree()).toEqual({ a: "1" });
  });

  it("stores less than was sent, and says so; the version before is in the trash", async () => {
    const provider = open();
    const old = await put(provider, "a", "old");
    provider.faults.truncatedUploads = 1;
    expect(await codeOf(put(provider, "a", "newer", { replaces: old }))).toBe("unavailable");
    expect(provider.world.tree()).toEqual({ a: "newe" });
    expect(provider.world.trashed("a")).toEqual(["old"]);
  });

  it("stores other bytes than were sent, and shows what it stored", async () => {
    const provider = open();
    provider.faults.alterBytes = (bytes) => Buffer.concat([bytes, Buffer.from("!")]);
    const { entry, sentHash } = await provider.upload(uploadOf("a", "1"), signal);
    expect(entry.sizeBytes).toBe(2);
    expect(entry.hash).not.toBe(sentHash);
  });

  it("lets somebody else write just before", async () => {
    const provider = open();
    const old = await put(provider, "a", "1");
    provider.faults.beforeWrite = () => provider.world.write("a", "theirs");
    expect(await codeOf(put(provider, "a", "2", { replaces: old }))).toBe("changed");
    expect(codesOf(await provider.delete([old], signal))).toEqual(["changed"]);
    expect(provider.world.tree()).toEqual({ a: "theirs" });
  });

  it("knows no hash of some files", async () => {
    const provider = open();
    provider.faults.withoutHash.add("a");
    const file = await put(provider, "a", "1");
    expect(file.hash).toBeUndefined();
    expect(await provider.hash(file, signal)).toBeUndefined();
  });

  it("ends a download early", async () => {
    const provider = open();
    const file = await put(provider, "a", "12345");
    provider.faults.downloadsEndAfter = 2;
    expect(await pullText(provider, file)).toBe("12");
  });

  it("runs out of space, out of reach, and out of its token", async () => {
    const provider = open();
    provider.faults.quotaBytes = 3;
    await put(provider, "a", "123");
    expect(await codeOf(put(provider, "b", "4"))).toBe("quota");
    provider.faults.isUnavailable = true;
    expect(await codeOf(provider.identify(signal))).toBe("unavailable");
    provider.faults.isUnavailable = false;
    provider.faults.unauthorizedFromCall = provider.requests() + 2;
    await provider.identify(signal);
    expect(await codeOf(provider.identify(signal))).toBe("unauthorized");
    expect(await codeOf(provider.identify(signal))).toBe("unauthorized");
  });

  it("reports what it may not read as unknown", async () => {
    const provider = open({ unreadable: [toSyncPath("d")] });
    provider.world.write("d/a", "1");
    provider.world.write("b", "2");
    const changes = (await pagesOf(provider)).flatMap((page) => page.changes);
    expect(changes.map(({ kind }) => kind).sort()).toEqual(["entry", "problem", "problem"]);
  });
});

describe("the memory provider's world", () => {
  it("has no root before the first write, and another one after it was replaced", async () => {
    const provider = open({}, new MemoryWorld({ exists: false }));
    expect(await provider.identify(signal)).toEqual({ account: "account", root: undefined });
    expect(await pagesOf(provider)).toEqual([{ scope: "full", changes: [], cursor: undefined }]);
    await put(provider, "d/a", "1");
    const { root } = await provider.identify(signal);
    provider.world.replaceRoot();
    expect((await provider.identify(signal)).root).not.toBe(root);
    expect(provider.world.tree()).toEqual({});
  });

  it("shows its tree, links and documents included", () => {
    const world = new MemoryWorld({ ignoresCase: true });
    world.write("D/a", "1", NOON);
    world.write("d/b", "2", NOON);
    world.makeSpecial("doc");
    world.move("D", "e");
    expect(world.tree()).toEqual({ "e/": "", "e/a": "1", "e/b": "2", doc: "<online document>" });
  });

  it("is changed around hooks that may stop it before or after", async () => {
    const seen: string[] = [];
    const stopAt = { text: "" };
    const provider = open({
      onSideEffect: (kind, path, phase) => {
        seen.push(`${phase} ${kind} ${path}`);
        if (seen.at(-1) === stopAt.text) throw new Killed("stopped");
      },
    });
    stopAt.text = "before upload a";
    await expect(put(provider, "a", "1")).rejects.toThrow(Killed);
    expect(provider.world.tree()).toEqual({});
    stopAt.text = "after upload a";
    await expect(put(provider, "a", "1")).rejects.toThrow(Killed);
    expect(provider.world.tree()).toEqual({ a: "1" });
    expect(seen).toEqual(["before upload a", "before upload a", "after upload a"]);
  });
});

describe("the faulty provider", () => {
  it("fails one call before or after it happened", async () => {
    for (const phase of ["before", "after"] as const) {
      const inner = open();
      const provider = createFaultyProvider(inner, { atCall: 2, phase, how: "fail" });
      await put(provider, "a", "1");
      expect(await codeOf(put(provider, "b", "2"))).toBe("unavailable");
      await put(provider, "c", "3");
      expect(Object.keys(inner.world.tree())).toEqual(phase === "before" ? ["a", "c"] : ["a", "b", "c"]);
    }
  });

  it("makes no call after it was killed", async () => {
    const inner = open();
    const provider = createFaultyProvider(inner, { atCall: 2, phase: "after", how: "kill" });
    await put(provider, "a", "1");
    await expect(put(provider, "b", "2")).rejects.toThrow(Killed);
    await expect(put(provider, "c", "3")).rejects.toThrow(Killed);
    expect(inner.world.tree()).toEqual({ a: "1", b: "2" });
    expect(provider.calls).toEqual(["upload", "upload"]);
  });

  it("counts every page of a listing, and fails with the error it was given", async () => {
    const inner = open({ pageEntries: 1 });
    for (const name of ["a", "b", "c"]) inner.world.write(name, "1");
    const error = new LocalError("failed", "as told");
    const provider = createFaultyProvider(inner, { atCall: 3, phase: "before", how: "fail", error });
    await expect(pagesOf(provider)).rejects.toBe(error);
    expect(provider.calls).toEqual(["list", "list", "list"]);
    expect(await contents(createFaultyProvider(inner, undefined))).toEqual({ a: "1", b: "1", c: "1" });
  });
});
