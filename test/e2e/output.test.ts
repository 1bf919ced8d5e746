import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useDropbox } from "./dropbox-account.js";
import type { Ran } from "./executable.js";
import { inStory } from "./story.js";
import type { Story, Texts } from "./story.js";

const account = useDropbox();

const BASE: Texts = { "letter.txt": "dear Ann", "plans/summer.txt": "the sea", "plans/winter.txt": "the mountains" };

const SUMMARY_FIELDS =
  "event planId uploaded downloaded deletedLocal deletedRemote movedLocal movedRemote conflicts unchanged failed skipped bytesUp bytesDown requests seconds exitCode";

/** Field names of each line, in order. */
function shapes({ stdout }: Ran): readonly string[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => [...line.matchAll(/[{,]"(\w+)":/g)].map(([, name]) => name).join(" "));
}

async function editBothSides(story: Story): Promise<void> {
  await story.write("a/b.txt", "twelve bytes");
  await story.writeThere("from there.txt", "there");
  await story.delete("plans/winter.txt");
  await story.move("plans/summer.txt", "summer.txt");
  await symlink("letter.txt", join(story.local, "link"));
}

describe("--json", () => {
  test("has the documented events with the documented fields in the documented order", async () => {
    await inStory(account(), BASE, async (story) => {
      await editBothSides(story);
      const plan = await story.job.run("plan", ["--json"]);
      const sync = await story.job.run("sync", ["--json"]);
      expect([plan.code, sync.code], plan.stderr + sync.stderr).toEqual([0, 0]);
      expect(plan.stderr + sync.stderr).toBe("");
      const action = "event kind path bytes reason";
      const outcome = "event kind path bytes status reason";
      const problem = "event side path code message";
      const start = "event version job local remote mode planId";
      const others = (name: string) => [name, `${name} from`, problem];
      for (const [ran, name] of [
        [plan, action],
        [sync, outcome],
      ] as const) {
        const lines = shapes(ran);
        expect(lines[0]).toBe(start);
        expect(lines.at(-1)).toBe(SUMMARY_FIELDS);
        expect(others(name)).toEqual(expect.arrayContaining(lines.slice(1, -1)));
      }
      expect(plan.events("start")[0]).toMatchObject({
        local: story.local,
        remote: `dropbox:${story.folder}`,
        mode: "two-way",
      });
      expect(sync.events("problem")).toMatchObject([{ side: "local", path: "link", code: "special" }]);
      expect(sync.events("outcome")).toContainEqual({
        event: "outcome",
        kind: "upload",
        path: "a/b.txt",
        bytes: 12,
        status: "done",
        reason: "local-new",
      });
      const planned = plan.events("action").map(({ kind, path }) => `${String(kind)} ${String(path)}`);
      const done = sync.events("outcome").map(({ kind, path }) => `${String(kind)} ${String(path)}`);
      expect(planned.sort()).toEqual(done.sort());
      expect(plan.events("summary")[0]).toMatchObject({ planId: sync.events("summary")[0]?.["planId"] });
      expect(sync.events("summary")[0]).toMatchObject({
        uploaded: 1,
        downloaded: 1,
        deletedRemote: 1,
        movedRemote: 1,
        bytesUp: 12,
        bytesDown: 5,
        exitCode: 0,
      });
    });
  });

  test("a plan changes nothing at all", async () => {
    await inStory(account(), BASE, async (story) => {
      await editBothSides(story);
      const before = [await story.textsHere(), await story.textsThere()];
      await account().forgetRequests();
      await story.job.run("plan");
      expect([await story.textsHere(), await story.textsThere()]).toEqual(before);
      const routes = Object.keys(await account().requestCounts());
      expect(routes.filter((route) => !/list_folder|get_metadata|token|get_current_account/.test(route))).toEqual([]);
    });
  });
});

describe("without a terminal", () => {
  test("one summary line when something was done, and nothing when not", async () => {
    await inStory(account(), BASE, async (story) => {
      await editBothSides(story);
      const ran = await story.job.run("sync");
      expect([ran.code, ran.stderr]).toEqual([0, ""]);
      expect(ran.stdout.split("\n")).toEqual([
        expect.stringMatching(/^trisync: 1 uploaded \(12 B\), 1 downloaded/),
        "",
      ]);
      const again = await story.job.run("sync");
      expect([again.code, again.stdout, again.stderr]).toEqual([0, "", ""]);
      const quiet = await story.job.run("sync", ["-q"]);
      expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, "", ""]);
    });
  });

  test("a path that failed is named with the reason and what to do", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.write("ends in a dot.", "never taken");
      const ran = await story.job.run("sync");
      expect(ran.code).toBe(3);
      expect(ran.stderr).toContain("ends in a dot.: Dropbox takes no name that ends in a dot. Rename it");
    });
  });
});

describe("questions about a job", () => {
  test("explain says what each side holds and what the next run would do", async () => {
    await inStory(account(), BASE, async (story) => {
      await story.write("letter.txt", "dear Ann and Ben");
      const changed = await story.job.run("explain", ["letter.txt"]);
      expect([changed.code, changed.stderr]).toEqual([0, ""]);
      expect(changed.stdout).toContain("next run: upload letter.txt (local-modified)");
      const left = await story.job.run("explain", ["plans/summer.txt", "--exclude", "plans/"]);
      expect(left.stdout).toMatch(/excluded/);
      expect(await story.textsThere()).toMatchObject({ "letter.txt": "dear Ann" });
    });
  });

  test("status tells the last runs, and fails when there is no success that is recent enough", async () => {
    await inStory(account(), BASE, async (story) => {
      const { local, state } = story.job.places;
      const fine = await story.job.run("status");
      expect(fine.code, fine.stderr).toBe(0);
      expect(fine.stdout).toContain(`dropbox:${story.folder}`);
      await account().revokeTokens();
      expect((await story.job.run("sync")).code).toBe(12);
      await account().allowAgain();
      const failed = await story.job.run("status", ["--json"]);
      expect(failed.events("job")).toMatchObject([{ local, lastExitCode: 12, failuresInARow: 1, overdue: false }]);
      expect((await story.job.run("status", ["--max-age", "26h"])).code, "the last success is recent").toBe(0);
      const never = await story.job.withState(`${state} of nobody`).run("status", ["--max-age", "26h"]);
      expect(never.code).toBe(3);
    });
  });
});
