import { rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { textsIn, withFolderJob, write } from "./folder-job.js";

const LONG_AGO = new Date(Date.UTC(2020, 0, 1));

test.each([
  { renamed: "local", edited: "remote" },
  { renamed: "remote", edited: "local" },
] as const)(
  "a folder renamed on the $renamed side takes along files of the same size edited on the $edited side, in one run",
  async ({ renamed, edited }) => {
    await withFolderJob({ "d/a.txt": "one", "d/b.txt": "two" }, async (at) => {
      await rename(join(at[renamed], "d"), join(at[renamed], "e"));
      await write(at[edited], { "d/a.txt": "ONE" });
      await utimes(join(at[edited], "d/b.txt"), LONG_AGO, LONG_AGO);
      const { outcomes } = await at.job.syncWell();
      expect(outcomes.map(({ kind }) => kind)).not.toContain("conflict");
      const wanted = { e: null, "e/a.txt": "ONE", "e/b.txt": "two" };
      expect(await textsIn(at.local)).toEqual(wanted);
      expect(await textsIn(at.remote)).toEqual(wanted);
      await at.job.syncNothing();
    });
  },
);

test("the bytes of conflicts count against --max-transfer", async () => {
  await withFolderJob({ "a.txt": "1", "b.txt": "1" }, async ({ local, remote, job }) => {
    await write(local, { "a.txt": "here 1234", "b.txt": "here 5678" });
    await write(remote, { "a.txt": "there 1234", "b.txt": "there 5678" });
    const first = await job.sync(["--max-transfer", "20"]);
    expect(first.code).toBe(6);
    expect(first.summary.conflicts).toBe(1);
    const second = await job.syncWell(["--max-transfer", "20"]);
    expect(second.summary.conflicts).toBe(1);
  });
});

test("what an outbox archived of a folder that was synchronised both ways is not deleted remotely by a later two-way run", async () => {
  await withFolderJob({ "a.txt": "1", "b.txt": "2", "c.txt": "3" }, async ({ directory, local, remote, job }) => {
    await write(local, { "b.txt": "changed" });
    const archive = join(directory, "archive");
    await job.syncWell(["--mode", "outbox", "--archive", archive]);
    expect(await textsIn(local)).toEqual({});
    const kept = await textsIn(remote);
    expect(Object.values(kept).sort()).toEqual(["1", "2", "3", "changed"]);
    const { summary } = await job.sync();
    expect(summary.deletedRemote).toBe(0);
    expect(await textsIn(remote)).toEqual(kept);
    expect(await textsIn(local)).toEqual(kept);
  });
});
