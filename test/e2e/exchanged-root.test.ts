import { describe, expect, test } from "vitest";
import { rowsTried } from "./effort.js";
import { SERVICES } from "./services.js";
import { inStory } from "./story.js";
import type { Story } from "./story.js";
import { useAccount } from "./use-account.js";

const TREE = { "a.txt": "a", "sub/b.txt": "b" };

describe.each(SERVICES)("the folder of the job on $title", ({ open }) => {
  const account = useAccount(open);

  /** Puts the folder elsewhere, and another one, with a file, at its path. */
  async function exchange({ folder }: Story): Promise<void> {
    await account().move(folder, `${folder} of before`);
    await account().write(`${folder}/theirs.txt`, "theirs");
  }

  async function bringBack({ folder }: Story): Promise<void> {
    await account().move(folder, `${folder} of somebody`);
    await account().move(`${folder} of before`, folder);
  }

  async function expectRefused(story: Story, words: string): Promise<void> {
    const { code, stderr, outcomes } = await story.job.sync();
    expect({ code, outcomes }, stderr).toEqual({ code: 4, outcomes: [] });
    expect(stderr).toContain(words);
    expect(stderr).toContain("Nothing was changed");
    expect(await story.textsHere()).toEqual({ "a.txt": "a", sub: null, "sub/b.txt": "b" });
  }

  test.each(rowsTried([1, 2]))(
    "exchanged after %i runs is another one, at once and until the right one is back",
    async (runs) => {
      await inStory(account(), {}, async (story) => {
        for (const [path, text] of Object.entries(TREE)) await story.write(path, text);
        for (let run = 0; run < runs; run++) await story.job.syncWell();
        await exchange(story);
        for (let run = 0; run < 2; run++) await expectRefused(story, "is not the one of the last run");
        expect(await story.textsThere()).toEqual({ "theirs.txt": "theirs" });
        await bringBack(story);
        await story.job.syncNothing();
        await story.expectBoth(TREE);
      });
    },
  );

  test.each(rowsTried(["plan", "sync"]))(
    "and approved as %s told is taken for a first run: both sides get everything",
    async (command) => {
      await inStory(account(), TREE, async (story) => {
        await story.job.syncWell();
        await exchange(story);
        const { code, stderr } = await story.job.run(command);
        expect(code).toBe(4);
        const [, id = ""] = /--approve ([0-9a-f]+)/.exec(stderr) ?? [];
        await story.job.syncWell(["--approve", id]);
        await story.expectBoth({ ...TREE, "theirs.txt": "theirs" });
        await story.job.syncNothing();
      });
    },
  );

  test("renamed is missing, at once and until it has its name again", async () => {
    await inStory(account(), TREE, async (story) => {
      await account().move(story.folder, `${story.folder} of before`);
      for (let run = 0; run < 2; run++) await expectRefused(story, "is missing");
      await account().move(`${story.folder} of before`, story.folder);
      await story.job.syncNothing();
      await story.expectBoth(TREE);
    });
  });
});
