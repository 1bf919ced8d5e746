import { describe, expect, test } from "vitest";
import { rowsTried } from "./effort.js";
import { OneDriveAccount } from "./onedrive-account.js";
import { inStory } from "./story.js";
import { useAccount } from "./use-account.js";

const account = useAccount(() => OneDriveAccount.open());

const TREE = { "A/a.txt": "a", "A/b.txt": "b", "B/S/c.txt": "c" };

describe("a folder renamed here, while the service does not list it yet", () => {
  const renamed = { "Y/a.txt": "a", "Y/b.txt": "b", "B/S/c.txt": "c" };

  test.each(rowsTried(["two-way", "mirror"]))("%s: further runs have nothing to do", async (mode) => {
    await inStory(account(), TREE, async (story) => {
      const args = ["--mode", mode];
      await story.job.syncWell(args);
      await account().control("freezeDelta", 2);
      await story.move("A", "Y");
      expect((await story.job.syncWell(args)).summary.movedRemote).toBe(1);
      for (let run = 0; run < 3; run++) {
        expect((await story.job.syncWell(args)).outcomes, `run ${String(run)}`).toEqual([]);
      }
      await story.expectBoth(renamed);
    });
  });

  test("what is edited in it meanwhile goes where it is now", async () => {
    await inStory(account(), TREE, async (story) => {
      await story.job.syncWell();
      await account().control("freezeDelta", 2);
      await story.move("A", "Y");
      await story.job.syncWell();
      await story.write("Y/new.txt", "new");
      await story.write("Y/a.txt", "edited");
      await story.job.syncWell();
      for (let run = 0; run < 2; run++) await story.job.syncNothing();
      await story.expectBoth({ ...renamed, "Y/new.txt": "new", "Y/a.txt": "edited" });
    });
  });

  test("a listing that fails in between changes nothing", async () => {
    await inStory(account(), TREE, async (story) => {
      await story.job.syncWell();
      await account().control("freezeDelta", 2);
      await story.move("A", "Y");
      await story.job.syncWell();
      await account().control("fault", { route: "delta", kind: "status", status: 403 });
      expect((await story.job.sync()).code).toBe(12);
      for (let run = 0; run < 2; run++) await story.job.syncNothing();
      await story.expectBoth(renamed);
    });
  });

  test("somebody who deletes what it was moved into is followed", async () => {
    await inStory(account(), { ...TREE, "P/p.txt": "p", "Q/q.txt": "q", "Q/r.txt": "r" }, async (story) => {
      await story.job.syncWell();
      await story.move("A", "P/Y");
      await story.job.syncWell();
      await story.deleteThere("P");
      expect((await story.job.syncWell(["--max-delete", "100%"])).summary).toMatchObject({
        deletedLocal: 3,
        movedLocal: 0,
      });
      await story.job.syncNothing();
      await story.expectBoth({ "B/S/c.txt": "c", "Q/q.txt": "q", "Q/r.txt": "r" });
    });
  });

  test("somebody who renames it back is followed", async () => {
    await inStory(account(), TREE, async (story) => {
      await story.job.syncWell();
      await story.move("A", "Y");
      await story.job.syncWell();
      await story.moveThere("Y", "A");
      expect((await story.job.syncWell()).summary.movedLocal).toBe(1);
      await story.job.syncNothing();
      await story.expectBoth(TREE);
    });
  });
});

describe("a folder moved there", () => {
  test("into one of which only the case was changed here goes into that one", async () => {
    await inStory(account(), { "A/x.txt": "x", ...TREE }, async (story) => {
      await story.move("A", "a");
      await story.moveThere("B/S", "A/S2");
      const { summary } = await story.job.syncWell();
      expect(summary).toMatchObject({ movedLocal: 1, deletedRemote: 0, downloaded: 0 });
      await story.job.syncNothing();
      expect(await story.namesHere()).toEqual(["B", "a"]);
      expect(await story.namesHere("a")).toEqual(["S2", "a.txt", "b.txt", "x.txt"]);
    });
  });

  test("to a path that takes no part is gone here, and what takes no part is left alone", async () => {
    await inStory(account(), TREE, async (story) => {
      const args = ["--exclude", "/tmp/"];
      await story.write("tmp/mine.txt", "mine");
      await story.moveThere("A", "tmp");
      expect((await story.job.syncWell(args)).summary).toMatchObject({ deletedLocal: 2, movedLocal: 0 });
      expect((await story.job.syncWell(args)).outcomes).toEqual([]);
      expect(await story.textsHere()).toEqual({
        B: null,
        "B/S": null,
        "B/S/c.txt": "c",
        tmp: null,
        "tmp/mine.txt": "mine",
      });
      expect([...(await story.textsInTrash())].sort()).toEqual(["a", "b"]);
    });
  });
});

describe("a name that something else takes there at once", () => {
  test("of a file that went into a new folder: both files are where they are there", async () => {
    await inStory(account(), { ...TREE, "report.txt": "of spring" }, async (story) => {
      await story.job.syncWell();
      await story.moveThere("report.txt", "archive/report.txt");
      await story.writeThere("report.txt", "of summer");
      expect((await story.job.syncWell()).summary.conflicts).toBe(0);
      await story.job.syncNothing();
      await story.expectBoth({ ...TREE, "archive/report.txt": "of spring", "report.txt": "of summer" });
    });
  });

  test("of a folder that went into a new one, and of a file in it: each has what is its own", async () => {
    await inStory(account(), TREE, async (story) => {
      await story.job.syncWell();
      await story.moveThere("A", "archive/A");
      await story.writeThere("A/a.txt", "another a");
      await story.writeThere("A/n.txt", "new");
      await story.job.syncWell();
      await story.job.syncNothing();
      await story.expectBoth({
        "archive/A/a.txt": "a",
        "archive/A/b.txt": "b",
        "A/a.txt": "another a",
        "A/n.txt": "new",
        "B/S/c.txt": "c",
      });
    });
  });
});

test("a folder renamed there by case alone, and everything that may happen below it in the same run", async () => {
  const base = { "Work/a.txt": "a", "Work/b.txt": "b", "Work/Sub/c.txt": "c", "Work/Old/d.txt": "d", "x.txt": "x" };
  await inStory(account(), base, async (story) => {
    await story.job.syncNothing();
    await story.moveThere("Work", "work");
    await story.moveThere("work/Sub", "work/SUB");
    await story.writeThere("work/a.txt", "edited");
    await story.writeThere("work/SUB/new.txt", "new");
    await story.deleteThere("work/b.txt");
    await story.deleteThere("work/Old");
    await story.write("Work/mine.txt", "mine");
    const { outcomes } = await story.job.syncWell();
    expect(outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    const all = { "work/a.txt": "edited", "work/SUB/c.txt": "c", "work/SUB/new.txt": "new", "work/mine.txt": "mine" };
    await story.expectBoth({ ...all, "x.txt": "x" });
    await story.job.syncNothing();
    await story.delete("work/SUB/c.txt");
    await story.job.syncWell();
    await story.job.syncNothing();
  });
});
