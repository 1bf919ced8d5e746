import type { ChildProcess } from "node:child_process";
import { expect } from "vitest";
import type { Random } from "../simulation/random.js";
import type { Job } from "./job.js";
import type { RestlessWorld } from "./restless-world.js";
import { contentsOf } from "./side.js";
import type { Side } from "./side.js";

/** When a run is killed. Counted in what it does rather than in time where possible: that is alike on every machine. */
export type Moment =
  | { readonly at: "start-up"; readonly afterMs: number }
  | { readonly at: "work"; readonly afterMs: number }
  | { readonly at: "outcome"; readonly count: number };

/** `spanMs`: how long a run of the kind takes from its first line of output to its end. */
export function drawMoment(random: Random, spanMs: number): Moment {
  const kind = random();
  if (kind < 0.1) return { at: "start-up", afterMs: random.below(200) };
  if (kind < 0.6) return { at: "work", afterMs: random.below(Math.max(20, spanMs)) };
  return { at: "outcome", count: 1 + random.below(25) };
}

/** For `RunOptions.started`: kills the process with SIGKILL at the moment, if it still lives by then. */
export function killAt(moment: Moment): (child: ChildProcess) => void {
  return (child) => {
    const kill = (): void => void child.kill("SIGKILL");
    if (moment.at === "start-up") setTimeout(kill, moment.afterMs).unref();
    let lines = 0;
    child.stdout?.on("data", (text: unknown) => {
      if (moment.at === "work" && lines === 0) setTimeout(kill, moment.afterMs).unref();
      lines += String(text).split("\n").length - 1;
      // The first line says that the run began.
      if (moment.at === "outcome" && lines > moment.count) kill();
    });
  };
}

export interface KilledJob {
  readonly job: Job;
  readonly local: Side;
  readonly remote: Side;
  readonly world: RestlessWorld;
  readonly random: Random;
  /** Two where the service may still be at what the killed run asked it for while the next one looks. */
  readonly mostRuns: 1 | 2;
}

export interface Killings {
  /** Runs that were alive when the signal came. */
  readonly killed: number;
  readonly rounds: number;
  /** Kills after which the next run alone did not bring both sides in step. */
  readonly secondRuns: number;
}

/** Edits both sides, kills the run that follows, and looks at what the next runs make of it; until `kills` have hit. */
export async function killManyTimes(killed: KilledJob, kills: number): Promise<Killings> {
  let hits = 0;
  let secondRuns = 0;
  let spanMs = 300;
  let rounds = 0;
  for (; hits < kills; rounds++) {
    if (rounds > 2 * kills) throw new Error(`only ${String(hits)} of ${String(rounds)} kills hit a living run`);
    const moment = drawMoment(killed.random, spanMs);
    const context = `round ${String(rounds)}, ${JSON.stringify(moment)}`;
    await editBothSides(killed);
    const existed = await everything(killed);
    const ran = await killed.job.run("sync", ["--json"], { started: killAt(moment) });
    if (ran.signal === "SIGKILL") hits += 1;
    else expect(ran.code, `${context}: ${ran.stderr}`).toBe(0);
    // A run that outlived its moment shows that such runs are shorter than thought.
    if (moment.at === "work") spanMs = Math.min(1000, Math.round(spanMs * (ran.signal === null ? 0.6 : 1.1)));
    secondRuns += (await recover(killed, context)) - 1;
    await assertNothingLost(killed, existed, context);
    if (rounds % 5 === 0) await killed.job.syncNothing();
  }
  return { killed: hits, rounds, secondRuns };
}

async function editBothSides({ local, remote, world }: KilledJob): Promise<void> {
  await world.edit(local, 9);
  await world.edit(remote, 9);
  await world.disagree(local, remote);
}

async function everything({ local, remote }: KilledJob): Promise<ReadonlySet<string>> {
  const sides = await Promise.all(
    [local, remote].map(async (side) => [contentsOf(await side.read()), await side.trashed()]),
  );
  return new Set(sides.flat().flatMap((hashes) => [...hashes]));
}

/** Runs until both sides are in step; returns how many runs that took. */
async function recover({ job, local, remote, mostRuns }: KilledJob, context: string): Promise<number> {
  for (let runs = 1; ; runs++) {
    const finished = await job.sync();
    const [here, there] = [await local.read(), await remote.read()];
    const isInStep = finished.code === 0 && JSON.stringify([...here]) === JSON.stringify([...there]);
    if (!isInStep && runs < mostRuns) continue;
    expect(finished.code, `${context}: ${finished.stderr}`).toBe(0);
    expect(here, `${context}: both sides hold the same`).toEqual(there);
    expect([...(await local.leftovers()), ...(await remote.leftovers())], `${context}: temporary files`).toEqual([]);
    return runs;
  }
}

async function assertNothingLost(killed: KilledJob, existed: ReadonlySet<string>, context: string): Promise<void> {
  const now = await everything(killed);
  const lost = [...existed].filter((hash) => !now.has(hash));
  expect(lost, `${context}: contents that are nowhere any more`).toEqual([]);
}
