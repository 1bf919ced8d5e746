import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toBase64 } from "../emulators/shared/base64-bytes.js";
import { toColliding } from "../support/colliding-content.js";
import { rowsTried } from "./effort.js";
import { OneDriveAccount } from "./onedrive-account.js";
import { inStory } from "./story.js";
import type { Story } from "./story.js";
import { useAccount } from "./use-account.js";

const account = useAccount(() => OneDriveAccount.open(["--kind", "personal"]));

/** Two texts of one size and one QuickXorHash. */
const [ONE, OTHER] = [toColliding("one"), toColliding("other")];

/** Of a whole second, which disks and services keep as it is. */
const TIME = new Date("2026-03-01T12:00:00Z");

/** Writes here as of that time. */
async function writeHereAt(story: Story, path: string, text: string, modified: Date): Promise<void> {
  await story.write(path, text);
  await utimes(join(story.local, path), modified, modified);
}

/** Writes there as of that time. */
async function writeThereAt(story: Story, path: string, text: string, modified: Date): Promise<void> {
  await account().control("remote.write", story.there(path), toBase64(Buffer.from(text)), { modified });
}

async function expectNoContentMoved(): Promise<void> {
  const counts = await account().requestCounts();
  for (const route of ["create-session", "upload-range", "content", "download"]) {
    expect(counts[route], route).toBeUndefined();
  }
}

describe.each(rowsTried(["present", "other"]))(
  "where a personal drive lists SHA-256 as well (QuickXorHash: %s)",
  (hashes) => {
    test.each([
      { where: "there", write: writeThereAt, done: { downloaded: 1, uploaded: 0, conflicts: 0 } },
      { where: "here", write: writeHereAt, done: { downloaded: 0, uploaded: 1, conflicts: 0 } },
    ])("other bytes of the same size, time and QuickXorHash $where reach the other side", async ({ write, done }) => {
      await account().adjust({ hashes });
      await inStory(account(), {}, async (story) => {
        await writeHereAt(story, "a.bin", ONE, TIME);
        await story.job.syncWell();
        await write(story, "a.bin", OTHER, TIME);
        expect((await story.job.syncWell()).summary).toMatchObject(done);
        await story.expectBoth({ "a.bin": OTHER });
        await story.job.syncNothing();
      });
    });

    test("a file that was only touched, here or there, is not sent again", async () => {
      await account().adjust({ hashes });
      await inStory(account(), { "a.bin": ONE, "b.bin": "b" }, async (story) => {
        const later = new Date(Date.now() + 3_600_000);
        await utimes(join(story.local, "a.bin"), later, later);
        await account().control("remote.touch", story.there("b.bin"), later.toISOString());
        await story.job.syncNothing();
        await expectNoContentMoved();
        await story.expectBoth({ "a.bin": ONE, "b.bin": "b" });
      });
    });

    test("equal files of other times are found equal without a transfer, and others are not", async () => {
      await account().adjust({ hashes });
      await inStory(account(), {}, async (story) => {
        await story.write("same.bin", ONE);
        await writeThereAt(story, "same.bin", ONE, TIME);
        await account().forgetRequests();
        await story.job.syncNothing();
        await expectNoContentMoved();
        await writeHereAt(story, "differ.bin", ONE, TIME);
        await writeThereAt(story, "differ.bin", OTHER, TIME);
        const { summary } = await story.job.sync();
        expect(summary).toMatchObject({ conflicts: 1 });
        expect(Object.values(await story.expectSame()).sort()).toEqual([ONE, ONE, OTHER].sort());
      });
    });
  },
);

/** Writes there what is listed with a SHA-256 that is not its own. */
async function writeMislisted(story: Story, path: string, text: string): Promise<void> {
  const options = { listedSha256: "0".repeat(64) };
  await account().control("remote.write", story.there(path), toBase64(Buffer.from(text)), options);
}

describe("a SHA-256 that is listed wrong", () => {
  test("and nothing besides: the download is refused until it is right", async () => {
    await account().adjust({ hashes: "other" });
    await inStory(account(), { "a.bin": ONE }, async (story) => {
      await writeMislisted(story, "new.bin", OTHER);
      const { code, stderr } = await story.job.sync();
      expect(code).not.toBe(0);
      expect(stderr).toContain("download new.bin: the bytes received are not those the service lists");
      expect(await story.textsHere()).toEqual({ "a.bin": ONE });
      await account().delete(story.there("new.bin"));
      await writeThereAt(story, "new.bin", OTHER, new Date());
      await story.job.syncWell();
      await story.expectBoth({ "a.bin": ONE, "new.bin": OTHER });
    });
  });

  test("beside a QuickXorHash that is right: the download is taken when a second one brings the same", async () => {
    await account().adjust({ hashes: "present" });
    await inStory(account(), { "a.bin": ONE }, async (story) => {
      await writeMislisted(story, "new.bin", OTHER);
      await account().forgetRequests();
      expect((await story.job.syncWell()).summary.downloaded).toBe(1);
      expect((await account().requestCounts())["download"]).toBe(2);
      await story.job.syncNothing();
      await story.expectBoth({ "a.bin": ONE, "new.bin": OTHER });
      await story.write("new.bin", "edited");
      await story.job.syncWell();
      await story.job.syncNothing();
      await story.expectBoth({ "a.bin": ONE, "new.bin": "edited" });
    });
  });
});
