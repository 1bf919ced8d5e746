import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTree } from "./disk-tree.js";
import { useDropbox } from "./dropbox-account.js";
import type { Finished } from "./job.js";
import { inStory } from "./story.js";
import type { Story, Texts } from "./story.js";

const account = useDropbox();

const BASE: Texts = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [`keep ${String(i)}.txt`, `kept ${String(i)}`]),
);

/** Edits of every kind on both sides, then one run in the mode; it has to end well, and the next has nothing to do. */
async function editAndRun(mode: string, look: (story: Story, finished: Finished) => Promise<void>): Promise<void> {
  const base = {
    ...BASE,
    "edited here.txt": "1",
    "edited there.txt": "1",
    "gone here.txt": "gone here",
    "gone there.txt": "gone there",
  };
  await inStory(account(), {}, async (story) => {
    for (const [path, text] of Object.entries(base)) await story.write(path, text);
    // In the modes that only download, what both sides agree on comes from there.
    await story.job.syncWell();
    await story.write("new here.txt", "new here");
    await story.writeThere("new there.txt", "new there");
    await story.write("edited here.txt", "edited here");
    await story.writeThere("edited there.txt", "edited there");
    await story.delete("gone here.txt");
    await story.deleteThere("gone there.txt");
    const finished = await story.job.syncWell(["--mode", mode]);
    await look(story, finished);
    const again = await story.job.syncWell(["--mode", mode]);
    expect(
      again.outcomes.filter(({ kind }) => kind !== "record"),
      "a second run",
    ).toEqual([]);
  });
}

describe("modes on Dropbox", () => {
  test("two-way: everything travels both ways", async () => {
    await editAndRun("two-way", async (story) => {
      const rest = { "edited here.txt": "edited here", "edited there.txt": "edited there" };
      await story.expectBoth({ ...BASE, ...rest, "new here.txt": "new here", "new there.txt": "new there" });
    });
  });

  test("backup: only adds and replaces there, and touches nothing here", async () => {
    await editAndRun("backup", async (story) => {
      expect(await story.textsHere()).toEqual({
        ...BASE,
        "edited here.txt": "edited here",
        "edited there.txt": "1",
        "gone there.txt": "gone there",
        "new here.txt": "new here",
      });
      expect(await story.textsThere()).toEqual({
        ...BASE,
        "edited here.txt": "edited here",
        "edited there.txt": "edited there",
        "gone here.txt": "gone here",
        "new here.txt": "new here",
        "new there.txt": "new there",
      });
    });
  });

  test("mirror: that side becomes this one; what it loses can be brought back", async () => {
    await editAndRun("mirror", async (story, { summary }) => {
      const wanted = {
        ...BASE,
        "edited here.txt": "edited here",
        "edited there.txt": "1",
        "gone there.txt": "gone there",
      };
      await story.expectBoth({ ...wanted, "new here.txt": "new here" });
      expect(summary).toMatchObject({ downloaded: 0, deletedLocal: 0, deletedRemote: 2, uploaded: 4 });
      const recoverable = (await account().deleted(story.folder)).map(({ text }) => text);
      expect(recoverable).toEqual(expect.arrayContaining(["edited there", "new there", "gone here"]));
    });
  });

  test("fetch: only adds and replaces here, and touches nothing there", async () => {
    await editAndRun("fetch", async (story) => {
      expect(await story.textsThere()).toEqual({
        ...BASE,
        "edited here.txt": "1",
        "edited there.txt": "edited there",
        "gone here.txt": "gone here",
        "new there.txt": "new there",
      });
      expect(await story.textsHere()).toEqual({
        ...BASE,
        "edited here.txt": "edited here",
        "edited there.txt": "edited there",
        "gone here.txt": "gone here",
        "gone there.txt": "gone there",
        "new here.txt": "new here",
        "new there.txt": "new there",
      });
    });
  });

  test("mirror-down: this side becomes that one; what it loses is in the trash", async () => {
    await editAndRun("mirror-down", async (story, { summary }) => {
      const wanted = {
        ...BASE,
        "edited here.txt": "1",
        "edited there.txt": "edited there",
        "gone here.txt": "gone here",
      };
      await story.expectBoth({ ...wanted, "new there.txt": "new there" });
      expect(summary).toMatchObject({ uploaded: 0, deletedRemote: 0, deletedLocal: 2, downloaded: 4 });
      const inTrash = await story.textsInTrash();
      expect(inTrash).toEqual(expect.arrayContaining(["edited here", "new here", "gone there"]));
    });
  });

  test.each(["mirror", "mirror-down"])("%s: a first run from an empty side is refused", async (mode) => {
    await inStory(account(), {}, async (story) => {
      const fill = mode === "mirror" ? story.writeThere.bind(story) : story.write.bind(story);
      await story.writeThere("there/something.txt", "so that the folder exists");
      await story.deleteThere("there");
      for (let i = 0; i < 12; i++) await fill(`file ${String(i)}.txt`, `text ${String(i)}`);
      const ran = await story.job.run("sync", ["--mode", mode]);
      expect(ran.code, ran.stderr).toBe(4);
      const kept = mode === "mirror" ? await story.textsThere() : await story.textsHere();
      expect(Object.keys(kept)).toHaveLength(12);
    });
  });
});

describe("outbox", () => {
  test("what is sent moves to the archive, what is refused for good to the error folder, and nothing comes down", async () => {
    await inStory(account(), {}, async (story) => {
      const [archive, errors] = [join(story.directory, "done"), join(story.directory, "refused")];
      const args = ["--mode", "outbox", "--archive", archive, "--error-folder", errors];
      await story.writeThere("theirs.txt", "stays there");
      await story.writeThere("same.txt", "the same");
      await story.write("scan 1.pdf", "page 1");
      await story.write("deep/scan 2.pdf", "page 2");
      await story.write("same.txt", "the same");
      await story.write("theirs.txt", "another one of that name");
      await story.write("back\\slash.txt", "never taken");
      const first = await story.job.sync(args);
      expect(first.code, first.stderr).toBe(3);
      const here = Object.entries(await story.textsHere()).filter(([, text]) => text !== null);
      expect(here, "nothing is left in the outbox").toEqual([]);
      const there = await story.textsThere();
      expect(there).toMatchObject({ "scan 1.pdf": "page 1", "deep/scan 2.pdf": "page 2", "theirs.txt": "stays there" });
      expect(Object.values(there)).toContain("another one of that name");
      expect((await textsBelow(archive)).sort()).toEqual(["another one of that name", "page 1", "page 2", "the same"]);
      const refused = await textsBelow(errors);
      expect(refused).toContain("never taken");
      expect(refused.join("\n")).toMatch(/backslash/);

      const second = await story.job.syncWell(args);
      expect(second.outcomes).toEqual([]);

      await story.write("scan 1.pdf", "page 1 of another day");
      expect((await story.job.sync(args)).code).toBe(0);
      expect(await textsBelow(archive)).toEqual(expect.arrayContaining(["page 1", "page 1 of another day"]));
      expect(Object.values(await story.textsThere())).toEqual(
        expect.arrayContaining(["page 1", "page 1 of another day"]),
      );
    });
  });
});

async function textsBelow(folder: string): Promise<string[]> {
  const { tree } = await readTree(folder);
  return [...tree.values()].flatMap((node) => (node.kind === "file" ? [node.content] : []));
}
