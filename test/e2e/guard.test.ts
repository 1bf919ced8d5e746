import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import type { Ran } from "./executable.js";
import { inStory } from "./story.js";
import type { Story, Texts } from "./story.js";

const account = useDropbox();

const TWO_HUNDRED: Texts = Object.fromEntries(
  Array.from({ length: 200 }, (_, i) => [`folder ${String(i % 4)}/file ${String(i)}.txt`, `text ${String(i)}`]),
);
const FIRST_150 = Object.keys(TWO_HUNDRED).slice(0, 150);

/** The id that the refusal names. */
function approvalIn({ stderr }: Ran): string {
  const id = /--approve ([0-9a-f]+)/.exec(stderr)?.[1];
  if (id === undefined) throw new Error(`no approval is named: ${stderr}`);
  return id;
}

describe("a run that would delete most of what is known", () => {
  test("is refused every time with the same words as its plan, until this very plan is approved, once", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (const path of FIRST_150) await story.delete(path);
      await story.write("new.txt", "new");
      const refusals: Ran[] = [];
      for (const command of ["sync", "plan", "sync", "plan", "sync"]) refusals.push(await story.job.run(command));
      expect(refusals.map(({ code }) => code)).toEqual([4, 4, 4, 4, 4]);
      const [words] = refusals.map(({ stderr }) => stderr);
      expect(words).toContain("150 of 200 files would be deleted");
      expect(refusals.map(({ stderr }) => stderr)).toEqual(refusals.map(() => words));
      expect(filesIn(await story.textsThere()), "nothing was changed").toHaveLength(200);

      const [refused] = refusals;
      if (refused === undefined) throw new Error("five runs were made");
      const wrong = await story.job.run("sync", ["--approve", "0123456789ab"]);
      expect(wrong.code).toBe(4);

      const approved = await story.job.sync(["--approve", approvalIn(refused)]);
      expect(approved.code, approved.stderr).toBe(0);
      expect(approved.summary).toMatchObject({ deletedRemote: 150, uploaded: 1 });
      expect(filesIn(await story.expectSame())).toHaveLength(51);
      expect(await account().deleted(story.folder)).toHaveLength(150);

      for (const path of Object.keys(TWO_HUNDRED).slice(150, 190)) await story.delete(path);
      const again = await story.job.run("sync", ["--approve", approvalIn(refused)]);
      expect(again.code, "an approval holds for one plan").toBe(4);
    });
  });

  test("is refused for deletions there as well, and changes nothing here", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (const folder of ["folder 0", "folder 1", "folder 2"]) await story.deleteThere(folder);
      for (let i = 0; i < 2; i++) {
        const ran = await story.job.run("sync");
        expect(ran.code).toBe(4);
        expect(ran.stderr).toContain("150 of 200 files would be deleted");
      }
      expect(filesIn(await story.textsHere())).toHaveLength(200);
      const allowed = await story.job.syncWell(["--max-delete", "150"]);
      expect(allowed.summary.deletedLocal).toBe(150);
      expect(await story.textsInTrash()).toHaveLength(150);
    });
  });

  test("is not refused for moves, however many", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (const [i, path] of FIRST_150.entries()) await story.move(path, `elsewhere/moved ${String(i)}.txt`);
      const { summary } = await story.job.syncWell();
      expect(summary).toMatchObject({ movedRemote: 150, deletedRemote: 0, uploaded: 0 });
      await story.expectSame();
    });
  });
});

describe("a root that is not what it was", () => {
  test("empty here, or missing: refused, and nothing is deleted there", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (let i = 0; i < 4; i++) await story.move(`folder ${String(i)}`, `../aside ${String(i)}`);
      await expectRefused(story);
      await story.delete("");
      expect((await story.job.run("sync")).code).not.toBe(0);
      await mkdir(story.local);
      await expectRefused(story);
      expect(filesIn(await story.textsThere())).toHaveLength(200);
    });
  });

  test("empty there: refused, and nothing is deleted here", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (let i = 0; i < 4; i++) await story.deleteThere(`folder ${String(i)}`);
      await expectRefused(story);
      await account().delete(story.folder);
      await expectRefused(story);
      expect(filesIn(await story.textsHere())).toHaveLength(200);
      expect(await story.namesHere()).toEqual(["folder 0", "folder 1", "folder 2", "folder 3"]);
    });
  });

  test("a state that was thrown away deletes nothing", async () => {
    await inStory(account(), TWO_HUNDRED, async (story) => {
      for (const path of FIRST_150) await story.delete(path);
      await story.job.withState(join(story.directory, "another state")).syncWell();
      await story.expectBoth(TWO_HUNDRED);
    });
  });
});

async function expectRefused(story: Story): Promise<void> {
  for (const command of ["plan", "sync"]) {
    const ran = await story.job.run(command);
    expect(ran.code, `${command}: ${ran.stderr}`).toBe(4);
  }
}

function filesIn(texts: Texts): readonly string[] {
  return Object.keys(texts).filter((path) => texts[path] !== null);
}
