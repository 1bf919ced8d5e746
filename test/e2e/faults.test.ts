import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CloudAccount } from "./cloud-account.js";
import { effort, isTried, rotation } from "./effort.js";
import { inTemporaryDirectory } from "./executable.js";
import { SERVICES } from "./services.js";
import { Story } from "./story.js";
import type { Texts } from "./story.js";
import { useAccount } from "./use-account.js";

/** Accounts at work at the same time: most of what a run does after a fault is waiting. */
const ACCOUNTS = [1, 2, 3];

/** Requests that a run was not kept from making in time differ a little; so many of the troubles have to happen. */
const LEAST_STRUCK = 0.8;

const SLOW_KIND = "slow kind ".repeat(40_000);

const BASE: Texts = Object.fromEntries(
  Array.from({ length: 16 }, (_, i) => [
    `${["", "trips/", "songs/", "bills/"][i % 4] ?? ""}${String(i)}.txt`,
    `base ${String(i)}`,
  ]),
);

describe.each(SERVICES)("$title", ({ open }) => {
  const accounts = ACCOUNTS.map(() => useAccount(open));

  test(
    `whatever happens to whichever request of 30 actions, the next run makes it good (rotation ${String(rotation)})`,
    { timeout: 7_200_000 },
    async () => {
      const [first] = accounts;
      if (first === undefined) throw new Error("no account");
      const occasions = await rehearse(first());
      expect(Object.keys(occasions), "counted").toEqual(Object.keys(first().troubles));
      const cases = combine(occasions).filter((_, i) => isTried(i, effort.faultStride));
      expect(cases.length, "troubles to try").toBeGreaterThan(0);
      const wrong: string[] = [];
      let struck = 0;
      const waiting = cases.values();
      await Promise.all(
        accounts.map(async (account) => {
          for (const { trouble, nth } of waiting) {
            const context = `${trouble}, number ${String(nth)}`;
            try {
              if (await strike(account(), trouble, nth)) struck += 1;
            } catch (error) {
              wrong.push(`${context}: ${String(error)}`);
            }
          }
        }),
      );
      expect(wrong).toEqual([]);
      expect(struck, "troubles that happened").toBeGreaterThanOrEqual(Math.floor(cases.length * LEAST_STRUCK));
      console.info(`${JSON.stringify(occasions)}: ${String(struck)} of ${String(cases.length)} troubles happened`);
    },
  );
});

type Occasions = Readonly<Record<string, number>>;

interface Combination {
  readonly trouble: string;
  readonly nth: number;
}

/** Every trouble at every occasion, the first occasions of all of them first. */
function combine(occasions: Occasions): readonly Combination[] {
  const most = Math.max(...Object.values(occasions));
  const all: Combination[] = [];
  for (let nth = 1; nth <= most; nth++) {
    for (const [trouble, count] of Object.entries(occasions)) if (nth <= count) all.push({ trouble, nth });
  }
  return all;
}

/** How often each trouble could happen in a run that none of them happens to. */
async function rehearse(account: CloudAccount): Promise<Occasions> {
  return await inTrip(account, async (story) => {
    const { summary, outcomes } = await story.job.syncWell();
    expect(summary, "the plan").toMatchObject(PLANNED);
    expect(outcomes.length, "actions").toBeGreaterThanOrEqual(30);
    const occasions = await account.occasions();
    await expectMadeGood(story);
    return occasions;
  });
}

/** Whether the trouble has happened: the run may have had fewer occasions for it. */
async function strike(account: CloudAccount, trouble: string, nth: number): Promise<boolean> {
  return await inTrip(account, async (story) => {
    await account.trouble(trouble, nth);
    const ran = await story.job.run("sync", ["--json"]);
    expect([0, 3, 75], ran.stderr).toContain(ran.code);
    const hasHappened = (await account.pendingFaults()) === 0;
    await account.clearFaults();
    await story.job.syncWell();
    await expectMadeGood(story);
    await story.job.syncNothing();
    await account.assertNoMisuse();
    return hasHappened;
  });
}

let trips = 0;

/** A job whose sides are in step but for 30 changes, signed in by now. */
async function inTrip<T>(account: CloudAccount, act: (story: Story) => Promise<T>): Promise<T> {
  return await inTemporaryDirectory(async (directory) => {
    trips += 1;
    const story = new Story(account, { directory, folder: `/Trip ${String(trips)}`, env: await account.signIn() });
    await mkdir(join(directory, "local"));
    for (const [path, text] of Object.entries(BASE)) if (text !== null) await story.write(path, text);
    await account.writeMany(
      Object.fromEntries(Object.entries(BASE).map(([path, text]) => [story.there(path), text ?? ""])),
    );
    await story.job.syncWell();
    await change(story);
    await account.forgetRequests();
    try {
      return await act(story);
    } finally {
      await account.clearFaults();
      await account.delete(story.folder);
    }
  });
}

/** Changes of all kinds on both sides, which make up the plan. */
async function change(story: Story): Promise<void> {
  for (let i = 0; i < 6; i++) await story.write(`new/${String(i)}.txt`, `new here ${String(i)}`);
  await story.write("new/nothing.txt", "");
  await story.write("new/archive.zip", SLOW_KIND);
  await story.write("0.txt", "changed here");
  await story.write("trips/1.txt", "changed here too");
  await story.move("4.txt", "renamed/4 here.txt");
  await story.move("trips", "travels");
  await story.delete("songs/2.txt");
  await story.delete("songs/6.txt");
  await story.write("empty here", null);

  for (let i = 0; i < 5; i++) await story.writeThere(`got/${String(i)}.txt`, `new there ${String(i)}`);
  await story.writeThere("got/archive.zip", SLOW_KIND.toUpperCase());
  await story.writeThere("songs/10.txt", "changed there");
  await story.moveThere("8.txt", "renamed/8 there.txt");
  await story.moveThere("bills", "invoices");
  await story.deleteThere("songs/14.txt");
  await story.writeThere("empty there", null);

  await story.write("12.txt", "changed here, otherwise");
  await story.writeThere("12.txt", "changed there, otherwise");
}

const PLANNED = {
  uploaded: 10,
  downloaded: 7,
  movedRemote: 2,
  movedLocal: 2,
  deletedRemote: 2,
  deletedLocal: 1,
  conflicts: 1,
};

const WANTED: Texts = {
  "0.txt": "changed here",
  "travels/1.txt": "changed here too",
  "renamed/4 here.txt": "base 4",
  "travels/5.txt": "base 5",
  "travels/9.txt": "base 9",
  "travels/13.txt": "base 13",
  "songs/10.txt": "changed there",
  "invoices/3.txt": "base 3",
  "invoices/7.txt": "base 7",
  "invoices/11.txt": "base 11",
  "invoices/15.txt": "base 15",
  "renamed/8 there.txt": "base 8",
  "empty here": null,
  "empty there": null,
  "new/nothing.txt": "",
  "new/archive.zip": SLOW_KIND,
  "got/archive.zip": SLOW_KIND.toUpperCase(),
  ...Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`new/${String(i)}.txt`, `new here ${String(i)}`])),
  ...Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`got/${String(i)}.txt`, `new there ${String(i)}`])),
};

/** Everything is where it belongs, once, and the conflict has left one copy. */
async function expectMadeGood(story: Story): Promise<void> {
  const { "12.txt": taken, ...others } = await story.expectSame();
  const copies = Object.keys(others).filter((path) => /^12 \(conflict [^)]+\)\.txt$/.test(path));
  expect([taken, ...copies.map((path) => others[path])].sort(), "both versions, once each").toEqual([
    "changed here, otherwise",
    "changed there, otherwise",
  ]);
  const rest = Object.entries(others).filter(
    ([path, text]) => !copies.includes(path) && (text !== null || path.startsWith("empty")),
  );
  expect(Object.fromEntries(rest)).toEqual(WANTED);
}
