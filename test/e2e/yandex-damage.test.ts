import { describe, expect, test } from "vitest";
import { rowsTried } from "./effort.js";
import { inStory } from "./story.js";
import type { Story } from "./story.js";
import { useAccount } from "./use-account.js";
import { YandexAccount } from "./yandex-account.js";

const account = useAccount(() => YandexAccount.open());

const PUT = "PUT upload-target";
const CORRUPT = { kind: "corrupt-upload" };
const CUT_OFF = { kind: "truncated-upload", bytes: 2 };
const ALWAYS = [
  { mode: "two-way", damage: CORRUPT },
  { mode: "backup", damage: CORRUPT },
  { mode: "mirror", damage: CUT_OFF },
];
const OLD = { "a.txt": "old", "b.txt": "other" };
const NEW = { "a.txt": "the good content", "b.txt": "other", "new.txt": "new here", "too.txt": "good" };

async function edit(story: Story): Promise<void> {
  for (const path of ["a.txt", "new.txt", "too.txt"] as const) await story.write(path, NEW[path]);
}

describe("uploads that the service stores damaged", () => {
  test.each([CORRUPT, CUT_OFF])("once are sent again in the same run: $kind", async (damage) => {
    await inStory(account(), OLD, async (story) => {
      await edit(story);
      for (const path of ["/a.txt", "/new.txt"]) await account().control("fault", { route: PUT, path, ...damage });
      const { summary } = await story.job.syncWell(["--conflict", "remote"]);
      expect(summary).toMatchObject({ uploaded: 3, downloaded: 0, conflicts: 0 });
      await story.expectBoth(NEW);
      await story.job.syncNothing();
    });
  });

  test.each(rowsTried(ALWAYS))("always fail, and never come here: $mode, $damage.kind", async ({ mode, damage }) => {
    await inStory(account(), OLD, async (story) => {
      await edit(story);
      for (const path of ["/a.txt", "/new.txt"]) {
        await account().control("fault", { route: PUT, path, times: 99, ...damage });
      }
      for (let run = 0; run < 2; run++) {
        const { code, stderr, outcomes } = await story.job.sync(["--mode", mode]);
        expect(code, stderr).toBe(3);
        const failed = outcomes.filter(({ status }) => status !== "done");
        expect(failed.map(({ kind, path, status }) => `${kind} ${path} ${status}`).sort()).toEqual([
          "upload a.txt failed",
          "upload new.txt failed",
        ]);
        for (const path of ["a.txt", "new.txt"]) expect(stderr).toMatch(new RegExp(`${path}: .*run again later`));
        expect(await story.textsHere()).toEqual(NEW);
        expect(await story.textsThere()).toEqual({ ...OLD, "too.txt": "good" });
      }
      await account().clearFaults();
      const { summary } = await story.job.syncWell(["--mode", mode]);
      expect(summary).toMatchObject({ uploaded: 2, downloaded: 0, conflicts: 0, deletedLocal: 0, deletedRemote: 0 });
      await story.expectBoth(NEW);
      await story.job.syncNothing();
    });
  });

  test("do not make an edit that is undone a deletion", async () => {
    await inStory(account(), OLD, async (story) => {
      await story.write("a.txt", "the good content");
      await account().control("fault", { route: PUT, times: 99, ...CUT_OFF });
      expect((await story.job.sync()).code).toBe(3);
      await story.write("a.txt", "old");
      await story.job.syncWell();
      await story.expectBoth(OLD);
    });
  });

  test("leave nothing to be deleted here where the old version could not come back", async () => {
    await inStory(account(), OLD, async (story) => {
      await story.write("a.txt", "the good content");
      await account().control("fault", { route: PUT, times: 99, ...CORRUPT });
      const closed = { route: "GET trash/resources", kind: "error", status: 403, error: "ForbiddenError", times: 99 };
      await account().control("fault", closed);
      expect((await story.job.sync()).code).toBe(3);
      await account().clearFaults();
      expect(await story.textsThere()).toEqual({ "b.txt": "other" });
      const { summary } = await story.job.syncWell();
      expect(summary).toMatchObject({ uploaded: 1, deletedLocal: 0 });
      await story.expectBoth({ ...OLD, "a.txt": "the good content" });
    });
  });
});
