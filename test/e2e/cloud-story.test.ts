import { stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SERVICES } from "./services.js";
import { inStory } from "./story.js";
import type { Texts } from "./story.js";
import { useAccount } from "./use-account.js";

const BASE: Texts = {
  "letter.txt": "dear Ann",
  "plans/summer.txt": "the sea",
  "plans/winter.txt": "the mountains",
  "photos/2024/june/beach.jpg": "a beach",
  "photos/2024/june/dog.jpg": "a dog",
};

/** The same, when the letter and a folder of photos have other names. */
const MOVED: Texts = {
  "old/letter to Ann.txt": "dear Ann",
  "photos/last year/june/beach.jpg": "a beach",
  "photos/last year/june/dog.jpg": "a dog",
  "plans/summer.txt": "the sea",
  "plans/winter.txt": "the mountains",
};

const NOTHING_SENT = { uploaded: 0, downloaded: 0, bytesUp: 0, bytesDown: 0 };

const CONFLICT_COPY = /^letter \(conflict \d{4}-\d\d-\d\d [^)]+\)\.txt$/;

describe.each(SERVICES)("$title", ({ open }) => {
  const account = useAccount(open);

  describe("runs that follow each other", () => {
    test("the first brings both sides together, and sends nothing that both have", async () => {
      await inStory(account(), {}, async (story) => {
        await story.write("mine.txt", "only here");
        await story.write("both.txt", "the same on both sides");
        await story.write("an empty folder", null);
        await story.writeThere("theirs/deep.txt", "only there");
        await story.writeThere("both.txt", "the same on both sides");
        await story.writeThere("nothing in it", null);
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ uploaded: 1, downloaded: 1, bytesUp: 9, bytesDown: 10, conflicts: 0 });
        await story.expectBoth({
          "an empty folder": null,
          "both.txt": "the same on both sides",
          "mine.txt": "only here",
          "nothing in it": null,
          "theirs/deep.txt": "only there",
        });
        await story.job.syncNothing();
      });
    });

    test("one with nothing changed says nothing and asks no more than a listing takes", async () => {
      await inStory(account(), BASE, async (story) => {
        // The run after the first one may hear of what the first one did itself.
        await story.job.syncNothing();
        await account().forgetRequests();
        const ran = await story.job.run("sync");
        expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, "", ""]);
        expect(await account().requestCounts()).toEqual(account().listingOf(await account().hashes(story.folder)));
      });
    });

    test("changes of either side reach the other, with their times", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.write("letter.txt", "dear Ann, dear Ben");
        await utimes(join(story.local, "letter.txt"), 1_600_000_000, 1_600_000_000);
        await story.writeThere("plans/winter.txt", "the fjords");
        await story.writeThere("plans/autumn.txt", "the woods");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ uploaded: 1, downloaded: 2, conflicts: 0 });
        const wanted = {
          ...BASE,
          "letter.txt": "dear Ann, dear Ben",
          "plans/winter.txt": "the fjords",
          "plans/autumn.txt": "the woods",
        };
        await story.expectBoth(wanted);
        expect(await account().modifiedAt(story.there("letter.txt"))).toBe("2020-09-13T12:26:40.000Z");
        const downloaded = await stat(join(story.local, "plans/autumn.txt"));
        expect(downloaded.mtime.toISOString()).toBe(await account().modifiedAt(story.there("plans/autumn.txt")));
        await story.job.syncNothing();
      });
    });
  });

  describe("moves", () => {
    test("of files and folders here are moves there", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.move("letter.txt", "old/letter to Ann.txt");
        await story.move("photos/2024", "photos/last year");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ ...NOTHING_SENT, deletedRemote: 0, movedRemote: 2 });
        await story.expectBoth(MOVED);
        await story.job.syncNothing();
      });
    });

    test("of files and folders there are moves here", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.moveThere("letter.txt", "old/letter to Ann.txt");
        await story.moveThere("photos/2024", "photos/last year");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ ...NOTHING_SENT, deletedLocal: 0, movedLocal: 2 });
        await story.expectBoth(MOVED);
        expect(await story.textsInTrash()).toEqual([]);
        await story.job.syncNothing();
      });
    });

    test("by case alone travel both ways", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.move("letter.txt", "Letter.TXT");
        await story.move("plans", "Plans");
        await story.moveThere("photos/2024/june/dog.jpg", "photos/2024/june/Dog.jpg");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ uploaded: 0, downloaded: 0, deletedLocal: 0, deletedRemote: 0 });
        await story.job.syncNothing();
        const same = await story.expectSame();
        expect(Object.keys(same)).toContain("Letter.TXT");
        expect(Object.keys(same)).toContain("Plans/summer.txt");
        expect(Object.values(same).filter((text) => text !== null)).toHaveLength(5);
      });
    });

    test("of a folder here by case alone take edits below it along", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.job.syncNothing();
        await story.move("photos", "Photos");
        await story.move("plans", "Plans");
        await story.write("Plans/autumn.txt", "the woods");
        await story.write("Plans/summer.txt", "the sea again");
        await story.delete("Plans/winter.txt");
        await story.delete("Photos/2024/june");
        await story.write("Photos/2024/july/cat.jpg", "a cat");
        await story.job.syncWell(["--max-delete", "100%"]);
        const all = {
          "letter.txt": "dear Ann",
          "Plans/autumn.txt": "the woods",
          "Plans/summer.txt": "the sea again",
          "Photos/2024/july/cat.jpg": "a cat",
        };
        await story.expectBoth(all);
        await story.job.syncNothing();
        await story.expectBoth(all);
      });
    });
  });

  describe("both sides at once", () => {
    test("a conflict keeps both versions on both sides, and is over after one run", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.write("letter.txt", "dear Ann, yours Ben");
        await story.writeThere("letter.txt", "dear Ann, yours Cleo");
        const { summary } = await story.job.syncWell();
        expect(summary.conflicts).toBe(1);
        const same = await story.expectSame();
        expect(same["letter.txt"]).toBe("dear Ann, yours Cleo");
        const copies = Object.keys(same).filter((path) => CONFLICT_COPY.test(path));
        expect(copies.map((path) => same[path])).toEqual(["dear Ann, yours Ben"]);
        for (let i = 0; i < 2; i++) {
          const ran = await story.job.run("sync");
          expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, "", ""]);
        }
        expect(await story.expectSame()).toEqual(same);
      });
    });

    test("the same change on both sides is no conflict, and nothing is sent", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.write("letter.txt", "dear all");
        await story.writeThere("letter.txt", "dear all");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ conflicts: 0, bytesUp: 0, bytesDown: 0 });
        await story.expectBoth({ ...BASE, "letter.txt": "dear all" });
        await story.job.syncNothing();
      });
    });

    test("an edit survives a deletion of the other side", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.write("letter.txt", "still being written");
        await story.deleteThere("letter.txt");
        await story.delete("plans/summer.txt");
        await story.writeThere("plans/summer.txt", "the lake");
        await story.job.syncWell();
        await story.expectBoth({ ...BASE, "letter.txt": "still being written", "plans/summer.txt": "the lake" });
        await story.job.syncNothing();
      });
    });

    test("a file here and a folder of the same name there are both kept", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.write("notes", "a file");
        await story.writeThere("notes/first.txt", "in a folder");
        await story.writeThere("list", "a file there");
        await story.write("list/one.txt", "in a folder here");
        await story.job.sync();
        await story.job.syncNothing();
        const texts = Object.values(await story.expectSame());
        for (const text of ["a file", "in a folder", "a file there", "in a folder here"]) expect(texts).toContain(text);
      });
    });

    test("a file that became a folder, and the reverse, follow", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.delete("letter.txt");
        await story.write("letter.txt/page 1.txt", "dear Ann, page 1");
        await story.deleteThere("plans");
        await story.writeThere("plans", "now one file");
        await story.job.sync();
        await story.job.syncNothing();
        const same = await story.expectSame();
        expect(same["letter.txt/page 1.txt"]).toBe("dear Ann, page 1");
        expect(same["plans"]).toBe("now one file");
        expect(await story.textsInTrash()).toEqual(expect.arrayContaining(["the sea", "the mountains"]));
      });
    });
  });

  describe("deletions", () => {
    test("here delete there, where the service can bring the file back", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.delete("letter.txt");
        await story.delete("photos/2024/june");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ deletedRemote: 3, deletedLocal: 0 });
        await story.expectBoth({
          "photos/2024": null,
          "plans/summer.txt": "the sea",
          "plans/winter.txt": "the mountains",
        });
        const recoverable = await account().deleted(story.folder);
        expect(recoverable.map(({ text }) => text).sort()).toEqual(["a beach", "a dog", "dear Ann"]);
        await story.job.syncNothing();
      });
    });

    test("there move to the trash here, from where restore brings them back, and then they travel again", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.deleteThere("letter.txt");
        await story.deleteThere("plans");
        const { summary } = await story.job.syncWell();
        expect(summary).toMatchObject({ deletedLocal: 3, deletedRemote: 0 });
        expect([...(await story.textsInTrash())].sort()).toEqual(["dear Ann", "the mountains", "the sea"]);
        const listed = await story.restore([]);
        expect(listed.stdout).toContain("letter.txt");
        expect((await story.restore(["plans"])).code).toBe(0);
        await story.job.syncWell();
        const rest = { "photos/2024/june/beach.jpg": "a beach", "photos/2024/june/dog.jpg": "a dog" };
        await story.expectBoth({ ...rest, "plans/summer.txt": "the sea", "plans/winter.txt": "the mountains" });
        await story.job.syncNothing();
      });
    });
  });

  describe("names and folders", () => {
    test("names that the disk has in another normalisation are the same names there", async () => {
      await inStory(account(), BASE, async (story) => {
        const decomposed = "cafe\u0301 menu.txt";
        await story.write(decomposed, "soup");
        await story.job.syncWell();
        const composed = decomposed.normalize("NFC");
        expect(await story.textsThere()).toMatchObject({ [composed]: "soup" });
        await story.job.syncNothing();
        await story.writeThere(composed, "soup and bread");
        await story.job.syncWell();
        expect(await story.namesHere()).toEqual([decomposed, "letter.txt", "photos", "plans"]);
        expect(await story.textsHere()).toMatchObject({ [decomposed]: "soup and bread" });
        await story.job.syncNothing();
      });
    });

    test("empty folders come and go both ways", async () => {
      await inStory(account(), { ...BASE, "here/goes": null, "there/goes": null }, async (story) => {
        await story.write("new here/inside", null);
        await story.writeThere("new there", null);
        await story.delete("here");
        await story.deleteThere("there");
        await story.job.syncWell();
        await story.expectBoth({ ...BASE, "new here/inside": null, "new there": null });
        await story.job.syncNothing();
      });
    });

    test("a folder is kept while something new in it is not yet everywhere", async () => {
      await inStory(account(), BASE, async (story) => {
        await story.deleteThere("plans");
        await story.write("plans/spring.txt", "the gardens");
        await story.job.syncWell();
        const { "plans/summer.txt": _summer, "plans/winter.txt": _winter, ...rest } = BASE;
        await story.expectBoth({ ...rest, "plans/spring.txt": "the gardens" });
        await story.job.syncNothing();
      });
    });
  });
});
