import type { ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import { inStory } from "./story.js";
import type { Story, Texts } from "./story.js";

const account = useDropbox();

const BASE: Texts = Object.fromEntries(
  Array.from({ length: 24 }, (_, i) => [`folder ${String(i % 3)}/file ${String(i)}.txt`, `text ${String(i)}`]),
);

describe("tokens", () => {
  test("one that expires during a run is renewed once, and the run goes on", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.write("new.txt", "new");
      await account().fault({ route: "files/upload_session/start_batch", kind: "expired-token" });
      await account().fault({ route: "files/upload_session/start", kind: "expired-token" });
      await account().fault({ route: "files/upload", kind: "expired-token" });
      await story.job.syncWell();
      expect((await account().requestCounts())["oauth2/token"]).toBe(1);
      await story.expectBoth({ ...BASE, "new.txt": "new" });
    });
  });

  test("ones that expired between two runs are renewed", async () => {
    await inStory(account(), BASE, async (story) => {
      await account().expireTokens();
      await story.writeThere("new.txt", "new");
      await story.job.syncWell();
      await story.expectBoth({ ...BASE, "new.txt": "new" });
    });
  });

  test("ones revoked in mid-run end it with the command that mends it, and nothing is deleted", async () => {
    await inStory(account(), BASE, async (story) => {
      await writeLarge(story, 4);
      await story.delete("folder 0/file 0.txt");
      await story.deleteThere("folder 1/file 1.txt");
      // While the second answer is on its way, the user takes the permission back.
      await account().fault({ route: "files/upload", nth: 2, kind: "slow", ms: 3000 });
      const started = whenOutcome(1, () => void account().revokeTokens());
      const ran = await story.job.run("sync", ["--json", "--concurrency", "1"], { started });
      expect([ran.code, ran.signal]).toEqual([12, null]);
      expect(ran.stderr).toContain("trisync login dropbox");
      expect(ran.stderr + ran.stdout).not.toContain(account().env["DROPBOX_REFRESH_TOKEN"]);
      expect(ran.events("outcome").map(({ kind }) => kind)).not.toContain("delete-remote");
      expect(Object.keys(await story.textsThere())).toContain("folder 0/file 0.txt");
      expect(Object.keys(await story.textsHere())).toContain("folder 1/file 1.txt");

      await account().allowAgain();
      const again = await story.job.sync([], { env: account().env });
      expect(again.code, again.stderr).toBe(0);
      expect(again.summary.uploaded).toBeLessThan(4);
      expect(again.summary).toMatchObject({ deletedLocal: 1, deletedRemote: 1 });
      await story.expectSame();
    });
  });
});

describe("races", () => {
  test("a file edited there after the listing is not overwritten, and settled within the run", async () => {
    await inStory(account(), BASE, async (story) => {
      const path = "folder 1/file 4.txt";
      await story.write(path, "edited here");
      await account().emulator.control("freezeListings", 1);
      await story.writeThere(path, "edited there, after the listing");
      const { summary } = await story.job.syncWell();
      expect(summary.conflicts).toBe(1);
      const same = await story.expectSame();
      expect(same[path]).toBe("edited there, after the listing");
      expect(Object.values(same)).toContain("edited here");
      await story.job.syncNothing();
    });
  });

  test("a file edited there after the listing is not deleted", async () => {
    await inStory(account(), BASE, async (story) => {
      const path = "folder 1/file 4.txt";
      await story.delete(path);
      await account().emulator.control("freezeListings", 1);
      await story.writeThere(path, "edited there, after the listing");
      await story.job.syncWell();
      await story.expectBoth({ ...BASE, [path]: "edited there, after the listing" });
      await story.job.syncNothing();
    });
  });

  test("a file made there after the listing is not overwritten", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.write("new.txt", "made here");
      await account().emulator.control("freezeListings", 1);
      await story.writeThere("new.txt", "made there");
      await story.job.syncWell();
      const same = await story.expectSame();
      expect(same["new.txt"]).toBe("made there");
      expect(Object.values(same)).toContain("made here");
      await story.job.syncNothing();
    });
  });
});

describe("listings", () => {
  test("a cursor that Dropbox resets leads to a full listing, and to nothing else", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.job.syncNothing();
      await account().resetCursors();
      await story.delete("folder 0/file 0.txt");
      await story.deleteThere("folder 1/file 1.txt");
      const { summary } = await story.job.syncWell();
      expect(summary).toMatchObject({ uploaded: 0, downloaded: 0, deletedLocal: 1, deletedRemote: 1, conflicts: 0 });
      const { "folder 0/file 0.txt": _0, "folder 1/file 1.txt": _1, ...rest } = BASE;
      await story.expectBoth(rest);
      await story.job.syncNothing();
    });
  });

  test("one that comes short deletes nothing", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.job.syncNothing();
      await account().resetCursors();
      await account().fault({ route: "files/list_folder", kind: "missing-entries", count: 6 });
      const { summary } = await story.job.sync();
      expect(summary).toMatchObject({ deletedLocal: 0, deletedRemote: 0, uploaded: 0 });
      await story.expectBoth(BASE);
      await story.job.syncNothing();
      await story.expectBoth(BASE);
    });
  });

  test("one that ends early deletes nothing, and the exit code says: try later", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.job.syncNothing();
      await account().resetCursors();
      await story.write("new.txt", "new");
      await story.delete("folder 0/file 0.txt");
      await account().fault({ route: "files/list_folder", kind: "short-page", entries: 5 });
      await account().fault({ route: "files/list_folder/continue", nth: 2, times: 20, kind: "status", status: 500 });
      const ran = await story.job.run("sync", ["--json"]);
      expect(ran.code, ran.stderr).toBe(75);
      expect(ran.events("outcome")).toEqual([]);
      expect(await story.textsHere()).toMatchObject({ "new.txt": "new", "folder 0": null });
      expect(Object.keys(await story.textsThere())).toHaveLength(27);

      await account().clearFaults();
      await story.job.syncWell();
      const { "folder 0/file 0.txt": _gone, ...rest } = BASE;
      await story.expectBoth({ ...rest, "new.txt": "new" });
      await story.job.syncNothing();
    });
  });
});

describe("a full account", () => {
  test("takes no more uploads; everything else goes on, and the rest follows when there is room", async () => {
    await inStory(account(), BASE, async (story) => {
      await writeLarge(story, 3);
      await story.writeThere("from there.txt", "there");
      await story.delete("folder 0/file 0.txt");
      await story.move("folder 1/file 1.txt", "folder 1/moved.txt");
      await account().set({ quotaBytes: 1000 });
      const { code, summary, stderr } = await story.job.sync();
      expect(code, stderr).toBe(3);
      expect(summary).toMatchObject({ uploaded: 0, downloaded: 1, deletedRemote: 1, movedRemote: 1 });
      expect(summary.failed + summary.skipped).toBe(3);
      expect(stderr).toMatch(/not enough space/);
      const refused = (await account().requests()).filter(({ route }) => /upload/.test(route));
      expect(refused.length, "attempts after the first refusal").toBeLessThanOrEqual(6);

      await account().set({ quotaBytes: 2 ** 40 });
      const next = await story.job.syncWell();
      expect(next.summary).toMatchObject({ uploaded: 3, downloaded: 0, deletedRemote: 0 });
      await story.expectSame();
      await story.job.syncNothing();
    });
  });
});

/** Files that are too large for a batch, so that each is uploaded by itself. */
async function writeLarge(story: Story, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await writeFile(join(story.local, `large ${String(i)}.txt`), `${String(i)}\n`.repeat(600_000 + i));
  }
}

/** Calls `act` once the run has reported so many outcomes. */
function whenOutcome(count: number, act: () => void): (child: ChildProcess) => void {
  return (child) => {
    let text = "";
    let isOver = false;
    child.stdout?.on("data", (chunk: unknown) => {
      text += String(chunk);
      if (isOver || text.split('"event":"outcome"').length <= count) return;
      isOver = true;
      act();
    });
  };
}
