import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { writeLargeFile } from "./large-file.js";
import { OneDriveAccount } from "./onedrive-account.js";
import { inStory } from "./story.js";
import type { Story } from "./story.js";
import { useAccount } from "./use-account.js";

const account = useAccount(() => OneDriveAccount.open());

const RANGE_BYTES = 100 * 327_680;

const sessionsSchema = z.array(z.object({ name: z.string(), receivedBytes: z.number() }));

async function openSessions(): Promise<z.infer<typeof sessionsSchema>> {
  return sessionsSchema.parse(await account().control("openSessions"));
}

async function killOnceReceived(child: ChildProcess): Promise<void> {
  while (!(await openSessions()).some(({ receivedBytes }) => receivedBytes > 0)) await wait(20);
  child.kill("SIGKILL");
}

/** Turns the second range away for longer than any of these runs lives, so that nothing depends on how soon one is killed. */
const TURNED_AWAY = {
  ...{ route: "upload-range", nth: 2, kind: "error", status: 503, code: "serviceNotAvailable" },
  headers: { "Retry-After": "200" },
};

/** A run that is killed while it waits for its turn with the second range of the file. */
async function killWithin(story: Story, name: string): Promise<void> {
  await writeLargeFile(join(story.local, name), { sizeBytes: RANGE_BYTES + 2_000_000, seed: 1 });
  await account().control("fault", TURNED_AWAY);
  let killing: Promise<void> | undefined;
  const ran = await story.job.run("sync", ["--json"], {
    started: (child) => {
      killing = killOnceReceived(child);
    },
  });
  await killing;
  expect(ran.signal).toBe("SIGKILL");
  await account().clearFaults();
  expect(await openSessions()).toEqual([{ name, receivedBytes: RANGE_BYTES }]);
  await account().forgetRequests();
}

describe("an upload whose run was killed", () => {
  test("is gone on with while its file is there", async () => {
    await inStory(account(), { "a.txt": "1" }, async (story) => {
      await killWithin(story, "big.bin");
      await story.job.syncWell();
      expect((await account().requestCounts())["upload-range"]).toBe(1);
      expect(await openSessions()).toEqual([]);
    });
  });

  test("is cancelled by the next run when its file was deleted", async () => {
    await inStory(account(), { "a.txt": "1" }, async (story) => {
      await killWithin(story, "big.bin");
      await story.delete("big.bin");
      await story.job.syncNothing();
      expect(await openSessions()).toEqual([]);
      await account().forgetRequests();
      await story.job.syncNothing();
      expect((await account().requestCounts())["upload-cancel"]).toBeUndefined();
    });
  });

  test("is cancelled by the next run when its file was renamed, and the name is free for others", async () => {
    await inStory(account(), { "a.txt": "1" }, async (story) => {
      await killWithin(story, "big.bin");
      await story.move("big.bin", "other.bin");
      await story.job.syncWell();
      expect(await openSessions()).toEqual([]);
      const another = story.job.withState(join(story.directory, "another state"));
      await writeLargeFile(join(story.local, "big.bin"), { sizeBytes: 2_000_000, seed: 2 });
      await account().forgetRequests();
      await another.syncWell();
      expect(await account().requestCounts()).toMatchObject({ "create-session": 1, "upload-range": 1 });
    });
  });

  test("is left alone by runs that could not do everything, or that upload nothing", async () => {
    await inStory(account(), { "a.txt": "1" }, async (story) => {
      await killWithin(story, "big.bin");
      await story.delete("big.bin");
      await story.write("not|taken.txt", "1");
      expect((await story.job.sync()).code).toBe(3);
      expect(await openSessions()).toHaveLength(1);
      await story.delete("not|taken.txt");
      expect((await story.job.sync(["--mode", "fetch"])).code).toBe(0);
      expect(await openSessions()).toHaveLength(1);
      await story.job.syncNothing();
      expect(await openSessions()).toEqual([]);
    });
  });
});
