import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MODES } from "../../lib/model/mode.js";
import { rowsTried } from "./effort.js";
import { inTemporaryDirectory, trisync } from "./executable.js";
import { expectEnd, link, textsIn, withFolderJob, write } from "./folder-job.js";
import { readDisk } from "./side.js";

const FILES = { "a.txt": "1", "b.txt": "2", "docs/c.txt": "3", "docs/deep/d.txt": "4" };
const TREE = { ...FILES, docs: null, "docs/deep": null };

describe("a local folder that is not there", () => {
  test("before the first run is a mistake; once it is there, the run goes through", async () => {
    await withFolderJob(
      {},
      async ({ local, remote, job }) => {
        await write(remote, FILES);
        await rm(local, { recursive: true });
        expectEnd(await job.run("sync"), 2, [local, /does not exist.*disk/]);
        expect(existsSync(local), "nobody made it").toBe(false);
        expect(await textsIn(remote)).toEqual(TREE);
        await mkdir(local);
        await job.syncWell();
        expect(await textsIn(local)).toEqual(TREE);
      },
      { isNew: true },
    );
  });

  test("but is a file, before the first run, is a mistake", async () => {
    await withFolderJob(
      {},
      async ({ local, remote, job }) => {
        await write(remote, FILES);
        await rm(local, { recursive: true });
        await writeFile(local, "a file");
        expectEnd(await job.run("sync"), 2, [local, /not a folder/]);
        expect(await textsIn(remote)).toEqual(TREE);
      },
      { isNew: true },
    );
  });

  test.each(rowsTried(MODES.filter((mode) => mode !== "outbox")))(
    "any more is refused in the mode %s",
    async (mode) => {
      await withFolderJob(FILES, async ({ local, remote, job }) => {
        const away = `${local}-away`;
        await rename(local, away);
        expectEnd(await job.run("sync", ["--mode", mode]), 4, [local, /synchronised before.*mounted/]);
        expect(existsSync(local), "nobody made it").toBe(false);
        expect(await textsIn(remote)).toEqual(TREE);
        await rename(away, local);
        await job.syncNothing();
      });
    },
  );

  test("any more, because a file took its place, is refused", async () => {
    await withFolderJob(FILES, async ({ local, remote, job }) => {
      await rename(local, `${local}-away`);
      await writeFile(local, "a file");
      expectEnd(await job.run("sync"), 4, [local, /not a folder.*synchronised before/]);
      expect(await textsIn(remote)).toEqual(TREE);
      await rm(local);
      await rename(`${local}-away`, local);
      await job.syncNothing();
    });
  });
});

describe("a side that became empty", () => {
  const emptied = [
    { title: "local, the folder itself still there", side: "local", isOther: false },
    { title: "local, a mount point without its disk", side: "local", isOther: true },
    { title: "remote, the folder itself still there", side: "remote", isOther: false },
    { title: "remote, a mount point without its disk", side: "remote", isOther: true },
  ] as const;

  test.each(rowsTried(emptied))("is refused in every run: $title", async ({ side, isOther }) => {
    await withFolderJob(FILES, async (at) => {
      const [root, other] = side === "local" ? [at.local, at.remote] : [at.remote, at.local];
      const away = `${root}-away`;
      await rename(root, away);
      await mkdir(root);
      if (!isOther) {
        // Back in place, with everything in it moved out.
        await rm(root, { recursive: true });
        await rename(away, root);
        await mkdir(away);
        for (const name of ["a.txt", "b.txt", "docs"]) await rename(join(root, name), join(away, name));
      }
      for (let run = 1; run <= 2; run++) {
        expectEnd(await at.job.run("sync"), 4, [/Nothing was changed/, /--approve \w+/]);
        expect(await textsIn(other)).toEqual(TREE);
        expect(await textsIn(root), "nothing is brought into it").toEqual({});
      }
      if (isOther) {
        await rm(root, { recursive: true });
        await rename(away, root);
      } else {
        for (const name of ["a.txt", "b.txt", "docs"]) await rename(join(away, name), join(root, name));
      }
      await at.job.syncWell();
      expect(await textsIn(at.local)).toEqual(TREE);
      expect(await textsIn(at.remote)).toEqual(TREE);
    });
  });

  test("is refused by a mirror that has no state, too", async () => {
    await withFolderJob(FILES, async ({ local, remote, state, job }) => {
      await rm(local, { recursive: true });
      await mkdir(local);
      await rm(state, { recursive: true });
      expectEnd(await job.run("sync", ["--mode", "mirror"]), 4, [/local side is empty/, /--approve \w+/]);
      expect(await textsIn(remote)).toEqual(TREE);
    });
  });
});

describe("a remote folder that is not there", () => {
  test("any more is refused, and nothing is deleted here", async () => {
    await withFolderJob(FILES, async ({ local, remote, job }) => {
      await rename(remote, `${remote}-away`);
      expectEnd(await job.run("sync"), 4, [/remote folder is missing.*mounted/, /--approve \w+/]);
      expect(existsSync(remote), "nobody made it").toBe(false);
      expect(await textsIn(local)).toEqual(TREE);
      await rename(`${remote}-away`, remote);
      await job.syncNothing();
    });
  });

  test("any more, because a file took its place, is told, and nothing is deleted here", async () => {
    await withFolderJob(FILES, async ({ local, remote, job }) => {
      await rename(remote, `${remote}-away`);
      await writeFile(remote, "a file");
      expectEnd(await job.run("sync"), 2, [`folder:${remote} is not a folder; choose another place, or move it away`]);
      expect(await textsIn(local)).toEqual(TREE);
      await rm(remote);
      await rename(`${remote}-away`, remote);
      await job.syncNothing();
    });
  });

  test("because its disk is not attached, before the first run, is a mistake that names the missing folder", async () => {
    await inTemporaryDirectory(async (directory) => {
      const local = join(directory, "local");
      await write(local, FILES);
      const remote = join(directory, "disk/backup");
      const ran = await trisync([local, `folder:${remote}`, "--state", join(directory, "state")]);
      expectEnd(ran, 2, [join(directory, "disk"), /does not exist.*attached/]);
      expect(existsSync(join(directory, "disk")), "nobody made it").toBe(false);
      expect(await textsIn(local)).toEqual(TREE);
    });
  });

  test("because it is a file is a mistake, and the file stays", async () => {
    await inTemporaryDirectory(async (directory) => {
      const local = join(directory, "local");
      await write(local, FILES);
      await writeFile(join(directory, "remote"), "a file");
      const remote = `folder:${join(directory, "remote")}`;
      const ran = await trisync([local, remote, "--state", join(directory, "state")]);
      expectEnd(ran, 2, [remote, /is not a folder/]);
      expect(await textsIn(directory)).toMatchObject({ remote: "a file", "local/a.txt": "1" });
    });
  });
});

describe("sides that overlap", () => {
  const overlaps = [
    { title: "LOCAL inside REMOTE", local: "out/in", remote: "out", says: /LOCAL lies inside REMOTE/ },
    { title: "REMOTE inside LOCAL", local: "out", remote: "out/in", says: /REMOTE lies inside LOCAL/ },
    { title: "REMOTE inside LOCAL, yet to be made", local: "out", remote: "out/new", says: /REMOTE lies inside LOCAL/ },
    { title: "the same folder", local: "out", remote: "out", says: /the same folder/ },
    { title: "the same folder by a link", local: "out", remote: "to-out", says: /the same folder/ },
    { title: "the same folder by dots", local: "out/in/..", remote: "out", says: /the same folder/ },
    {
      title: "LOCAL inside REMOTE by a link to LOCAL",
      local: "to-in",
      remote: "out",
      says: /LOCAL lies inside REMOTE/,
    },
    { title: "LOCAL inside REMOTE by a link to REMOTE", local: "out/in", remote: "to-out", says: /LOCAL lies inside/ },
    {
      title: "REMOTE inside LOCAL by a link on the way",
      local: "out",
      remote: "to-out/in",
      says: /REMOTE lies inside/,
    },
    { title: "a new REMOTE inside LOCAL by a link", local: "out", remote: "to-in/new", says: /REMOTE lies inside/ },
  ] as const;

  test.each(rowsTried(overlaps))("are refused: $title", async ({ local, remote, says }) => {
    await inTemporaryDirectory(async (directory) => {
      await write(directory, { "out/a.txt": "1", "out/in/b.txt": "2" });
      await link(directory, "to-out", join(directory, "out"));
      await link(directory, "to-in", join(directory, "out/in"));
      const before = await readDisk(directory, () => true);
      const state = join(directory, "state");
      const ran = await trisync([`${directory}/${local}`, `folder:${directory}/${remote}`, "--state", state]);
      expectEnd(ran, 2, [says]);
      expect(await readDisk(directory, () => true), "nothing was made or changed").toEqual(before);
    });
  });
});
