import { expect } from "vitest";
import {
  assertAgreed,
  assertHonestBase,
  assertIdle,
  assertNothingLost,
  assertNothingRepeated,
  assertOldOrNew,
  assertSourceUntouched,
  assertTidy,
  isIdle,
  readBase,
} from "./judge.js";
import type { BaseRows } from "./judge.js";
import type { Ran } from "./machine.js";
import { fork, lookAt, prepare } from "./whole.js";
import type { Setup, Sides, Whole } from "./whole.js";

/** What was tried, for the record. */
export interface Tried {
  /** Side effects of the undisturbed run, each of which was a last one. */
  readonly effects: number;
  /** Kinds of actions that the undisturbed run carried out. */
  readonly kinds: ReadonlySet<string>;
  readonly actions: number;
  /** The most files that were sent in all, over a death and the runs after it. */
  readonly mostStored: number;
}

/**
 * Runs the setup undisturbed, then once for every side effect of that run with a death just before it. After each death, and after each
 * of at most two more runs, all promises must hold.
 */
export async function killEverywhere(setup: Setup, howTo: string, deaths: readonly Death[] = BOTH): Promise<Tried> {
  const prepared = await prepare(setup);
  try {
    const base = readBase(prepared);
    const undisturbed = await runUndisturbed(fork(prepared, 1), base, howTo);
    let { mostStored } = undisturbed;
    for (let at = 1; at <= undisturbed.effects; at++) {
      const death = deaths[at % deaths.length] ?? "kill";
      const runs = await killOnce(fork(prepared, 1), { at, death, base, final: undisturbed.final, howTo });
      mostStored = Math.max(mostStored, countStored(runs));
    }
    return { ...undisturbed, mostStored };
  } finally {
    prepared.machine.dispose();
  }
}

/** "power": what was not synced may be lost as well. */
export type Death = "kill" | "power";

const BOTH: readonly Death[] = ["kill", "power"];

async function runUndisturbed(whole: Whole, base: BaseRows, howTo: string): Promise<Tried & { readonly final: Sides }> {
  try {
    const ran = await whole.machine.run();
    const when = `undisturbed (${howTo})`;
    assertNothingLost(whole, when);
    assertOldOrNew(whole, undefined, when);
    assertHonestBase(whole, base, when);
    const final = lookAt(whole);
    const runs = [ran, ...(await settleDown(whole, when))];
    assertNothingRepeated(runs, when);
    const done = ran.outcomes.filter(({ status }) => status === "done");
    return {
      effects: ran.effects,
      kinds: new Set(done.map(({ action }) => action.kind)),
      actions: done.length,
      mostStored: countStored(runs),
      final,
    };
  } finally {
    whole.machine.dispose();
  }
}

function countStored(runs: readonly Ran[]): number {
  return runs.reduce((sum, { stored }) => sum + stored.length, 0);
}

interface Kill {
  readonly at: number;
  readonly death: Death;
  readonly base: BaseRows;
  readonly final: Sides;
  readonly howTo: string;
}

async function killOnce(whole: Whole, { at, death, base, final, howTo }: Kill): Promise<readonly Ran[]> {
  try {
    const ran = await whole.machine.run({ dieAt: at, isPowerLoss: death === "power" });
    const when = `${death} before side effect ${at}, after ${ran.trace.at(-1) ?? "nothing"} (${howTo})`;
    assertNothingLost(whole, when);
    assertOldOrNew(whole, final, when);
    assertHonestBase(whole, base, when);
    assertSource(whole, when);
    whole.clock.nowMs += whole.random.chance(0.3) ? 1 : 100_000;
    const runs = [ran, ...(await settleDown(whole, when))];
    assertNothingRepeated(runs, when);
    return runs;
  } finally {
    whole.machine.dispose();
  }
}

function assertSource(whole: Whole, when: string): void {
  const { mode } = whole.setup;
  if (mode === "backup" || mode === "mirror") assertSourceUntouched(whole, "local", when);
  if (mode === "fetch" || mode === "mirror-down") assertSourceUntouched(whole, "remote", when);
}

/** At most two runs change anything; the one after them finds both sides in step. Resolves to all of them. */
export async function settleDown(whole: Whole, after: string): Promise<readonly Ran[]> {
  const runs: Ran[] = [];
  for (let number = 1; number <= 3; number++) {
    const when = `further run ${number}, ${after}`;
    const ran = await whole.machine.run();
    runs.push(ran);
    assertNothingLost(whole, when);
    assertTidy(whole, when);
    if (isIdle(whole, ran)) break;
    if (number === 3) assertIdle(whole, ran, when);
    whole.clock.nowMs += 100_000;
  }
  assertAgreed(whole, after);
  // What is in step needs to be taken note of once, not in every run.
  if (runs.at(-1)?.outcomes.some(({ action }) => action.kind === "record") === true) {
    whole.clock.nowMs += 100_000;
    const last = await whole.machine.run();
    expect(
      last.outcomes.filter(({ action }) => action.kind === "record"),
      `recorded again, ${after}`,
    ).toEqual([]);
  }
  return runs;
}
