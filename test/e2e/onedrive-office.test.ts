import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { OneDriveAccount } from "./onedrive-account.js";
import { inStory } from "./story.js";
import { useAccount } from "./use-account.js";

const account = useAccount(() => OneDriveAccount.open());

const DOCUMENTS = { "letter.docx": "a letter", "page.html": "<p>a page</p>", "paper.pdf": "a paper", "plain.txt": "1" };
const RUNS = 10;

test.each(["at-upload", "after-upload"])(
  `documents that a company's drive rewrites (%s) are left alone by ${String(RUNS)} further runs`,
  async (officeRewriting) => {
    await account().adjust({ officeRewriting, officeRewrites: 3 });
    await inStory(account(), {}, async (story) => {
      for (const [name, text] of Object.entries(DOCUMENTS)) await story.write(name, text);
      const first = await story.job.syncWell();
      expect(first.summary.uploaded).toBe(4);
      const uploaded = await account().hashes(story.folder);
      await account().forgetRequests();
      for (let run = 0; run < RUNS; run++) {
        const { summary } = await story.job.syncNothing();
        expect(summary).toMatchObject({ uploaded: 0, downloaded: 0, deletedLocal: 0, deletedRemote: 0, conflicts: 0 });
      }
      const counts = await account().requestCounts();
      for (const route of ["batch", "create-session", "upload-range", "content", "delete", "update"]) {
        expect(counts[route], route).toBeUndefined();
      }
      expect(await story.textsHere()).toEqual(DOCUMENTS);
      // Otherwise nothing was rewritten, and the test has shown nothing.
      const there = await story.textsThere();
      expect(there["letter.docx"]).not.toBe(DOCUMENTS["letter.docx"]);
      expect(there["plain.txt"]).toBe("1");
      if (officeRewriting === "after-upload") expect(await account().hashes(story.folder)).not.toEqual(uploaded);
    });
  },
);

test("a conflict about an empty document that the drive rewrites and shows late makes one copy", async () => {
  await account().adjust({ officeRewriting: "at-upload", updateAnswer: "no-content", itemLagMs: 300 });
  await inStory(account(), { "a.docx": "one" }, async (story) => {
    await setTimeout(1100);
    await story.write("a.docx", "");
    await story.writeThere("a.docx", "theirs, longer");
    await setTimeout(400);
    const { summary } = await story.job.syncWell();
    expect(summary.conflicts).toBe(1);
    await story.job.syncNothing();
    const here = await story.textsHere();
    expect(Object.keys(here).sort()).toEqual([expect.stringMatching(/^a \(conflict .*\)\.docx$/), "a.docx"]);
    expect(Object.keys(await story.textsThere()).sort()).toEqual(Object.keys(here).sort());
  });
});
