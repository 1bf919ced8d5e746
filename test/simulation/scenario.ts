import { expect } from "vitest";
import { assertNothingLost } from "./judge.js";
import { settleDown } from "./kills.js";
import type { Ran, RunOptions, Tree } from "./machine.js";
import { expand, lookAt, prepare } from "./whole.js";
import type { Setup, Whole } from "./whole.js";

type Sides = { readonly local: Tree; readonly remote: Tree };

/** One situation that synchronisers have lost data in. */
export interface Scenario {
  readonly title: string;
  /** What both sides hold after the first run. */
  readonly base: Tree;
  readonly edits?: readonly string[];
  readonly setup?: Omit<Setup, "base" | "edits">;
  /** What goes wrong in the run after the edits. */
  readonly meanwhile?: (whole: Whole) => RunOptions;
  /** Files of both sides, or of each, after that run. */
  readonly after: Tree | Sides;
  /** What that run carried out, in any order: "upload a". Everything it settled but records of what is in step. */
  readonly did?: readonly string[];
  /** Whether it ends with exit code 0. */
  readonly isInStep?: boolean;
  /** Contents that must have gone to a trash. */
  readonly trashed?: readonly string[];
  /** Files of both sides once nothing goes wrong any more; undefined: as `after`. */
  readonly end?: Tree;
}

/** Plays it through, to the end where there is one to be reached. */
export async function tryScenario(scenario: Scenario): Promise<void> {
  const whole = await prepare({ ...scenario.setup, base: { local: scenario.base }, edits: scenario.edits ?? [] });
  try {
    const ran = await whole.machine.run(scenario.meanwhile?.(whole));
    whole.machine.disk.fail = undefined;
    whole.machine.disk.freeBytes = Number.MAX_SAFE_INTEGER;
    assertNothingLost(whole, scenario.title);
    expect(filesOf(whole)).toEqual(toSides(scenario.after, whole));
    if (scenario.did !== undefined) expect(deedsOf(ran)).toEqual([...scenario.did].sort());
    expect(ran.isInStep).toBe(scenario.isInStep ?? true);
    for (const content of scenario.trashed ?? []) expect(trashOf(whole)).toContain(expand(content, whole.cloud));
    await endsWell(whole, scenario);
  } finally {
    whole.machine.dispose();
  }
}

async function endsWell(whole: Whole, { title, end, after, setup }: Scenario): Promise<void> {
  if (end === undefined && (hasSides(after) || setup?.exclude !== undefined)) return;
  whole.clock.nowMs += 100_000;
  const runs = await settleDown(whole, title);
  expect(filesOf(whole)).toEqual(toSides(end ?? after, whole));
  expect(runs.flatMap(({ stored }) => stored).length, "uploads after the first run").toBeLessThanOrEqual(
    end === undefined ? 0 : 3,
  );
}

function toSides(after: Scenario["after"], { cloud }: Whole): Sides {
  const full = (tree: Tree): Tree =>
    Object.fromEntries(Object.entries(tree).map(([path, content]) => [path, expand(content, cloud)]));
  return hasSides(after)
    ? { local: full(after.local), remote: full(after.remote) }
    : { local: full(after), remote: full(after) };
}

function hasSides(after: Scenario["after"]): after is Sides {
  return typeof after["local"] === "object";
}

export function filesOf(whole: Whole): { readonly local: Tree; readonly remote: Tree } {
  const files = (tree: Tree): Tree => Object.fromEntries(Object.entries(tree).filter(([path]) => !path.endsWith("/")));
  const { local, remote } = lookAt(whole);
  return { local: files(local), remote: files(remote) };
}

function trashOf({ machine, cloud }: Whole): readonly string[] {
  return [...Object.values(machine.look().trash), ...cloud.trash.map(({ content }) => content)];
}

/** Everything a run has done to a side, without folders that had to be made. */
export function deedsOf({ outcomes }: Ran): readonly string[] {
  const done = outcomes.filter(({ status, action }) => status === "done" && action.kind !== "record");
  return done.map(({ action }) => `${action.kind} ${action.path}`).sort();
}
