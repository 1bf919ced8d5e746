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
