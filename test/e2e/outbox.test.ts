import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRandom } from "../simulation/random.js";
import { readTree } from "./disk-tree.js";
import { effort } from "./effort.js";
import { killAt, drawMoment } from "./kill.js";
import { SERVICES } from "./services.js";
import { inStory } from "./story.js";
import type { Story } from "./story.js";
import { useAccount } from "./use-account.js";

const SEED = 20_261_122;
const FILES = 40;

/** Another disk than that of the temporary directories, where there is one. */
const ELSEWHERE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

async function withArchive(use: (archive: string) => Promise<void>): Promise<void> {
  const archive = await mkdtemp(join(ELSEWHERE, "trisync-archive-"));
  try {
    await use(archive);
  } finally {
    await rm(archive, { recursive: true });
  }
}

async function textsBelow(folder: string): Promise<string[]> {
  const { tree } = await readTree(folder);
  const files = [...tree].filter(([path]) => !path.endsWith(".trisync-part"));
  return files.flatMap(([, node]) => (node.kind === "file" ? [node.content] : [])).sort();
}

async function leftHere(story: Story): Promise<readonly string[]> {
  return Object.entries(await story.textsHere()).flatMap(([path, text]) => (text === null ? [] : [path]));
}

describe.each(SERVICES)("$title", ({ open }) => {
  const account = useAccount(() => open(["--latency-ms", "4"]));

  test("a name that is taken there by other bytes gets another one, and the same bytes are not sent again", async () => {
    await inStory(account(), {}, async (story) => {
      await withArchive(async (archive) => {
        const args = ["--mode", "outbox", "--archive", archive];
        await story.writeThere("taken.txt", "theirs");
        await story.writeThere("same.txt", "the same");
        await story.write("taken.txt", "ours, of another size");
        await story.write("same.txt", "the same");
        await story.write("new.txt", "new");
        const first = await story.job.sync(args);
        expect(first.code, first.stderr).toBe(0);
        expect(first.summary.uploaded).toBe(2);
        expect(await leftHere(story)).toEqual([]);
        expect(await textsBelow(archive)).toEqual(["new", "ours, of another size", "the same"]);
        const there = await story.textsThere();
        expect(there).toMatchObject({ "taken.txt": "theirs", "same.txt": "the same", "new.txt": "new" });
        expect(Object.values(there).sort()).toEqual(["new", "ours, of another size", "the same", "theirs"]);

        // The same size this time, as two versions of a record in a fixed form have.
        await story.write("taken.txt", "THEIRS");
        await story.job.syncWell(args);
        expect(await leftHere(story)).toEqual([]);
        expect(await story.textsThere()).toMatchObject({ "taken.txt": "theirs" });
        expect(Object.values(await story.textsThere())).toContain("THEIRS");
      });
    });
  });

  test(`killed at ${String(effort.kills)} moments (seed ${String(SEED)}), every file is there once and archived, on another disk`, async () => {
    const random = createRandom(SEED);
    await inStory(account(), {}, async (story) => {
      await withArchive(async (archive) => {
        const args = ["--json", "--mode", "outbox", "--archive", archive];
        const sent: string[] = [];
        for (let kill = 0; kill < effort.kills; kill++) {
          for (let i = 0; i < FILES; i++) {
            sent.push(`file ${String(kill)} ${String(i)}`);
            await story.write(`folder ${String(i % 3)}/${String(kill)} ${String(i)}.txt`, sent.at(-1) ?? "");
          }
          await story.job.run("sync", args, { started: killAt(drawMoment(random, 400)) });
          // What is gone from here is archived, at any moment.
          const kept = new Set([...(await textsBelow(story.local)), ...(await textsBelow(archive))]);
          expect(sent.filter((text) => !kept.has(text))).toEqual([]);
        }
        const last = await story.job.sync(args);
        expect(last.code, last.stderr).toBe(0);
        expect(await leftHere(story)).toEqual([]);
        expect(new Set(await textsBelow(archive))).toEqual(new Set(sent));
        const there = Object.values(await story.textsThere()).filter((text) => text !== null);
        expect(there.sort()).toEqual(sent.toSorted());
      });
    });
  });
});
