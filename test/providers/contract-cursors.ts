import { expect } from "vitest";
import type { RemoteEntry } from "../../lib/model/entry.js";
import { rebasePath, toSyncPath } from "../../lib/model/path.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { ListingPage, Provider } from "../../providers/provider.js";
import type { Suite } from "./contract.js";
import { createFolders, listed, listedFile, listedFolder, put } from "./contract-bed.js";
import { namesOf, pagesOf } from "./support/listings.js";
import { signal } from "./support/signal.js";

/** Listings that go on where an earlier one ended. */
export function testCursors({ check, capabilities }: Suite): void {
  if (!capabilities.hasCursor) {
    check("without cursors every listing is a full one", async ({ provider }) => {
      await put(provider, "a.txt", "1");
      for (const { scope, cursor } of await pagesOf(provider)) {
        expect(scope).toBe("full");
        expect(cursor).toBeUndefined();
      }
    });
    return;
  }

  check("nothing changed, nothing is listed, and it goes on from there", async ({ provider }) => {
    await put(provider, "a.txt", "1");
    const follower = await follow(provider);
    expect(await follower.next()).toEqual([]);
    expect(await follower.next()).toEqual([]);
    await put(provider, "b.txt", "2");
    await follower.next();
    expect(follower.names()).toEqual(["a.txt", "b.txt"]);
  });

  check("new and changed files are listed", async ({ provider, openAnother }) => {
    const other = await openAnother();
    const old = await put(provider, "a.txt", "1");
    const follower = await follow(provider);
    await put(other, "d/b.txt", "22");
    if (capabilities.canReplace) await put(other, "a.txt", "333", { replaces: old });
    await follower.next();
    await follower.expectCurrent();
  });

  if (capabilities.canDelete) {
    check("a deleted file has a tombstone", async ({ provider, openAnother }) => {
      const file = await put(provider, "d/a.txt", "1");
      await put(provider, "d/b.txt", "2");
      const follower = await follow(provider);
      await (await openAnother()).delete([file], signal);
      await follower.next();
      await follower.expectCurrent();
    });

    check("a file deleted and made again is there", async ({ provider, openAnother }) => {
      const other = await openAnother();
      const file = await put(provider, "a.txt", "1");
      const follower = await follow(provider);
      await other.delete([file], signal);
      await put(other, "a.txt", "22");
      await follower.next();
      await follower.expectCurrent();
    });
  }

  if (capabilities.canDelete && capabilities.hasFolders) {
    check("a deleted folder is gone with all that was in it", async ({ provider, openAnother }) => {
      const other = await openAnother();
      const files = [await put(provider, "d/a.txt", "1"), await put(provider, "d/e/b.txt", "2")];
      await put(provider, "d2/c.txt", "3");
      const follower = await follow(provider);
      const folders = [await listedFolder(provider, "d/e"), await listedFolder(provider, "d")];
      await other.delete([...files, ...folders], signal);
      await follower.next();
      await follower.expectCurrent();
      expect(follower.names()).toEqual(["d2/", "d2/c.txt"]);
    });
  }

  if (capabilities.canMove && capabilities.hasFolders) {
    check(
      "moved files and folders are gone from the old place and at the new one",
      async ({ provider, openAnother }) => {
        const other = await openAnother();
        await put(provider, "a.txt", "1");
        await put(provider, "d/b.txt", "2");
        await put(provider, "d/e/c.txt", "3");
        await createFolders(provider, "target");
        const follower = await follow(provider);
        await other.move([{ entry: await listedFile(other, "a.txt"), to: toSyncPath("target/a2.txt") }], signal);
        await other.move([{ entry: await listedFolder(other, "d"), to: toSyncPath("target/d2") }], signal);
        await follower.next();
        await follower.expectCurrent();
      },
    );
  }
}

interface Follower {
  /** Takes in what changed, and returns it. */
  next(): Promise<readonly ListingPage["changes"][number][]>;
  names(): readonly string[];
  /** What was followed is what a full listing shows. */
  expectCurrent(): Promise<void>;
}

/** Keeps a copy of the remote folder by the rules of the contract, as the engine's mirror does. */
async function follow(provider: Provider): Promise<Follower> {
  const entries = new Map(await listed(provider));
  const fold = (path: string): string => (provider.capabilities.ignoresCase ? path.toLowerCase() : path);
  let cursor = (await pagesOf(provider)).at(-1)?.cursor;
  expect(cursor).toBeDefined();

  function take(path: string, entry: RemoteEntry | undefined): void {
    for (const known of [...entries.keys()]) {
      const isBelow = entry === undefined && fold(known).startsWith(`${fold(path)}/`);
      if (fold(known) === fold(path) || isBelow) entries.delete(known);
    }
    if (entry !== undefined) entries.set(entry.path, entry);
  }

  function move(from: SyncPath, to: SyncPath): void {
    const isMoved = (path: string): boolean => `${fold(path)}/`.startsWith(`${fold(from)}/`);
    const moved = [...entries.values()].filter(({ path }) => isMoved(path));
    for (const { path } of moved) entries.delete(path);
    take(to, undefined);
    for (const entry of moved) {
      const path = rebasePath(entry.path, from, to);
      entries.set(path, { ...entry, path });
    }
  }

  return {
    next: async () => {
      const pages = await pagesOf(provider, cursor);
      const changes = pages.flatMap((page) => page.changes);
      for (const page of pages) {
        expect(page.scope).toBe("changes");
        expect(page.cursor).toBeDefined();
      }
      for (const change of changes) {
        if (change.kind === "entry") take(change.entry.path, change.entry);
        if (change.kind === "gone") take(change.path, undefined);
        if (change.kind === "moved") move(change.from, change.to);
      }
      cursor = pages.at(-1)?.cursor;
      return changes;
    },
    names: () => namesOf(entries.values()),
    expectCurrent: async () => {
      const current = await listed(provider);
      expect(namesOf(entries.values())).toEqual(namesOf(current.values()));
      for (const [path, entry] of current) expect(entries.get(path)).toEqual(entry);
    },
  };
}
