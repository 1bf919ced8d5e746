import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inScene as inSceneOf, type Scene } from "../photo-scene.js";
import { useEmulatedAccount } from "./emulated-account.js";
import { picture } from "./support.js";

const account = useEmulatedAccount(["--requests-per-hour", "100000"]);

async function inScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await inSceneOf({ remote: "flickr:", env: account().env }, use);
}

describe("a run", () => {
  test("that meets albums without their titles leaves their folders alone", async () => {
    await inScene(async ({ local, job, write }) => {
      for (const path of ["A/a.jpg", "B/b.jpg"]) await write(path);
      await job.syncWell();
      await account().fault({ route: "photosets.getList", kind: "blank-titles" });
      const { summary } = await job.syncWell();
      expect(summary).toMatchObject({ movedLocal: 0, movedRemote: 0, downloaded: 0, uploaded: 0, deletedLocal: 0 });
      expect((await readdir(local)).sort()).toEqual(["A", "B"]);
      await job.syncNothing();
    });
  });

  test("on another machine gets a photo that was turned on the site, whatever its tags say", async () => {
    await inScene(async ({ directory, local, job, write }) => {
      await write("A/a.jpg");
      await write("A/b.jpg");
      await job.syncWell();
      const { id } = await account().photoAt("A", "a.jpg");
      await account().turn(id);
      await rm(join(directory, "state"), { recursive: true });
      await rm(join(local, "A"), { recursive: true });
      const codes: (number | null)[] = [];
      while (codes.at(-1) !== 0 && codes.length < 4) codes.push((await job.run("sync", ["--json"])).code);
      expect(codes.at(-1)).toBe(0);
      expect(codes.length).toBeLessThanOrEqual(3);
      const turned = Buffer.concat([picture("A/a.jpg"), Buffer.from("turned by 90")]);
      expect(await readFile(join(local, "A/a.jpg"))).toEqual(turned);
      await job.syncNothing();
    });
  });

  test("takes no web page for a photo", async () => {
    await inScene(async ({ local, job, write }) => {
      await write("A/a.jpg");
      await job.syncWell();
      await account().add("A", "new", picture("new"));
      await account().fault({ route: "image.get", kind: "html", times: 20 });
      const { code } = await job.run("sync", ["--json"]);
      expect(code).toBe(3);
      expect(await readdir(join(local, "A"))).toEqual(["a.jpg"]);
      await account().clearFaults();
      await job.syncWell();
      expect(await readFile(join(local, "A/new.jpg"))).toEqual(picture("new"));
      await job.syncNothing();
    });
  });

  test("after an album was renamed on both sides loses nothing", async () => {
    await inScene(async ({ local, job, write }) => {
      for (const path of ["A/a.jpg", "A/b.jpg", "B/b.jpg"]) await write(path);
      await job.syncWell();
      await rename(join(local, "A"), join(local, "Here"));
      await account().renameAlbum("A", "There");
      await job.syncWell();
      const titles = await account().content();
      for (const album of ["Here", "There"]) {
        expect((await readdir(join(local, album))).sort()).toEqual(["a.jpg", "b.jpg"]);
        expect(titles.filter((line) => line.startsWith(`${album}/`))).toHaveLength(2);
      }
      await job.syncNothing();
    });
  });
});
