import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { main } from "../../../lib/cli.js";
import { historyOf } from "../../../lib/commands/job-history.js";
import { describeJob, jobDirectory } from "../../../lib/state/job-directory.js";
import { openJobState } from "../../../lib/state/job-state.js";
import type { RunRecord } from "../../../lib/state/types.js";
import { createFakeWorld } from "../../support/fake-world.js";
import type { FakeWorld } from "../../support/fake-world.js";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 1, 12);

function run(hoursAgo: number, exitCode: number | undefined, message?: string): RunRecord {
  const startedMs = NOW - hoursAgo * HOUR;
  const finishedMs = exitCode === undefined ? undefined : startedMs + 60_000;
  return { id: `run-${hoursAgo}`, startedMs, finishedMs, exitCode, totals: undefined, message };
}

/** Records runs, newest first, of a job that synchronises `name` of the world's directory. */
function recordRuns(world: FakeWorld, name: string, runs: readonly RunRecord[]): string {
  const sides = { local: join(world.dir, name), remote: "folder:/mnt/copy" };
  const { dir } = jobDirectory(join(world.dir, ".local/state/trisync"), sides);
  const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
  for (const each of runs.toReversed()) {
    state.runs.begin(each);
    if (each.finishedMs !== undefined) state.runs.finish(each);
  }
  state.close();
  describeJob(dir, { ...sides, createdMs: NOW });
  return dir;
}

describe("status", () => {
  test("shows every job: last success, last run, failures in a row and why", async () => {
    const world = createFakeWorld({ nowMs: NOW });
    recordRuns(world, "good", [run(1, 0)]);
    recordRuns(world, "bad", [run(1, 12, "the sign-in has expired"), run(2, 75), run(3, 0), run(4, 3)]);
    expect(await main(["status"], world)).toBe(0);
    expect(world.out()).toBe(
      [
        `${world.dir}/bad and folder:/mnt/copy`,
        "  last success: 2026-03-01 09:01:00 UTC, 2h 59m ago",
        "  last run: 2026-03-01 11:01:00 UTC, 59m ago, ended with exit code 12",
        "  2 failures in a row: the sign-in has expired",
        `${world.dir}/good and folder:/mnt/copy`,
        "  last success: 2026-03-01 11:01:00 UTC, 59m ago",
        "",
      ].join("\n"),
    );
  });

  test("--max-age fails when any last success is older, or there is none", async () => {
    const world = createFakeWorld({ nowMs: NOW });
    recordRuns(world, "good", [run(1, 0)]);
    recordRuns(world, "old", [run(30, 0)]);
    expect(await main(["status", "--max-age", "26h"], world)).toBe(3);
    expect(world.out()).toMatch(/old and [^\n]*\n.*too long ago/);
    expect(await main(["status", "--max-age", "31h"], world)).toBe(0);
    expect(await main(["status", "--max-age", "26h", "good", "folder:/mnt/copy"], world)).toBe(0);
    recordRuns(world, "never", [run(1, 3)]);
    expect(await main(["status", "--max-age", "31h"], world)).toBe(3);
    expect(world.out()).toContain("last success: none in 1 run, too long ago");
  });

  test("no run at all is too old as well", async () => {
    const world = createFakeWorld();
    expect(await main(["status"], world)).toBe(0);
    expect(await main(["status", "--max-age", "26h"], world)).toBe(3);
    expect(world.err()).toContain("no run is recorded");
  });

  test("--json is one object a job", async () => {
    const world = createFakeWorld({ nowMs: NOW });
    recordRuns(world, "bad", [run(1, undefined), run(2, 75, "no network"), run(3, 0)]);
    expect(await main(["status", "--json"], world)).toBe(0);
    expect(JSON.parse(world.out())).toMatchObject({
      event: "job",
      local: join(world.dir, "bad"),
      remote: "folder:/mnt/copy",
      lastSuccess: "2026-03-01T09:01:00.000Z",
      lastRun: "2026-03-01T11:00:00.000Z",
      lastExitCode: null,
      failuresInARow: 1,
      reason: "no network",
      overdue: false,
    });
  });

  test("a damaged state is told of, and the other jobs are shown", async () => {
    const world = createFakeWorld({ nowMs: NOW });
    recordRuns(world, "good", [run(1, 0)]);
    const dir = recordRuns(world, "broken", [run(1, 0)]);
    writeFileSync(join(dir, "state.sqlite"), "x".repeat(10_000));
    expect(await main(["status"], world)).toBe(3);
    expect(world.out()).toContain("good and");
    expect(world.err()).toContain("broken");
  });
});

describe("the history", () => {
  test("counts a killed run as a failure, but not one that may still be at work", () => {
    expect(historyOf([run(1, undefined), run(2, undefined), run(3, 0)])).toMatchObject({
      failuresInARow: 1,
      reason: "it was killed",
    });
    expect(historyOf([run(1, undefined), run(2, 0)])).toMatchObject({ failuresInARow: 0, reason: undefined });
  });

  test("takes no success of a clock that was ahead for a recent one", () => {
    const history = historyOf([run(-9000, 0), run(1, 3), run(30, 0)], NOW);
    expect(history).toMatchObject({ last: { exitCode: 3 }, lastSuccess: { id: "run-30" }, failuresInARow: 1 });
    expect(historyOf([run(-9000, 0)], NOW).lastSuccess).toBeUndefined();
  });

  test("of no runs is empty", () => {
    expect(historyOf([])).toEqual({
      last: undefined,
      lastSuccess: undefined,
      runs: 0,
      failuresInARow: 0,
      reason: undefined,
    });
  });
});
