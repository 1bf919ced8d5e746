import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import { acquireLock, waitForLock } from "../../../lib/state/lock.js";
import type { Lock, Refused } from "../../../lib/state/lock.js";
import { tempDir } from "./builders.js";
import { buildChild, kill, outputOf, startChild, waitForLine } from "./children/build.js";

const INFO = { pid: 42, startedMs: Date.UTC(2026, 2, 1, 9, 30) };
const NEVER = new AbortController().signal;

function held(lock: Lock | Refused): Lock {
  if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy}`);
  return lock;
}

describe("in one process", () => {
  test("the second is refused with the first one's words, and gets the lock once it is released", () => {
    const dir = join(tempDir(), "state", "job");
    const first = held(acquireLock(dir, INFO));
    expect(acquireLock(dir, { pid: 43, startedMs: 0 })).toEqual({
      heldBy: "process 42, running since 2026-03-01 09:30:00 UTC",
    });
    first.release();
    expect(existsSync(join(dir, "holder.json"))).toBe(false);
    const second = held(acquireLock(dir, INFO));
    first.release();
    expect("heldBy" in acquireLock(dir, INFO)).toBe(true);
    second.release();
  });

  test("what is written beside it is for its owner only, and never believed", () => {
    const dir = tempDir();
    writeFileSync(join(dir, "holder.json"), '{"pid":1,"startedMs":1}');
    const lock = held(acquireLock(dir, INFO));
    expect(statSync(join(dir, "holder.json")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dir, "holder.json"), "utf8")).toContain("42");
    for (const nonsense of ["", "{", "[]", '{"pid":"x","startedMs":1}', '{"pid":1,"startedMs":1e300}']) {
      writeFileSync(join(dir, "holder.json"), nonsense);
      expect(acquireLock(dir, INFO)).toEqual({ heldBy: "another process" });
    }
    lock.release();
  });

  test("a damaged lock file holds nobody up", () => {
    const dir = tempDir();
    writeFileSync(join(dir, "lock.sqlite"), "damaged ".repeat(1_000));
    const lock = held(acquireLock(dir, INFO));
    expect("heldBy" in acquireLock(dir, INFO)).toBe(true);
    lock.release();
  });

  test("a directory that cannot be made is named", () => {
    const file = join(tempDir(), "file");
    writeFileSync(file, "");
    expect(() => acquireLock(join(file, "job"), INFO)).toThrow(UsageError);
    expect(() => acquireLock(join(file, "job"), INFO)).toThrow(/cannot write the state in .*file\/job: .*--state/);
  });
});

describe("waiting", () => {
  test("ends with the lock as soon as it is free", async () => {
    const dir = tempDir();
    const first = held(acquireLock(dir, INFO));
    const waiting = waitForLock(dir, INFO, 30_000, NEVER);
    setTimeout(() => first.release(), 50);
    held(await waiting).release();
  });

  test("ends with the holder's name when the time is over, at once when there is none", async () => {
    const dir = tempDir();
    const first = held(acquireLock(dir, INFO));
    expect(await waitForLock(dir, INFO, 60, NEVER)).toHaveProperty("heldBy");
    expect(await waitForLock(dir, INFO, 0, NEVER)).toHaveProperty("heldBy");
    first.release();
  });

  test("is given up with the reason of the signal", async () => {
    const dir = tempDir();
    const first = held(acquireLock(dir, INFO));
    const controller = new AbortController();
    const waiting = waitForLock(dir, INFO, 30_000, controller.signal);
    setTimeout(() => controller.abort(new Error("asked to end")), 20);
    await expect(waiting).rejects.toThrow("asked to end");
    await expect(waitForLock(dir, INFO, 30_000, controller.signal)).rejects.toThrow("asked to end");
    first.release();
  });
});

describe("between processes", () => {
  test("a killed holder holds nothing, and a living one is named", async () => {
    const built = await buildChild("take-lock", tempDir());
    const dir = tempDir();
    const holder = startChild(built, dir);
    await waitForLine(holder, "held");
    expect(acquireLock(dir, INFO)).toEqual({ heldBy: `process ${holder.pid}, running since 2026-03-01 09:30:00 UTC` });
    await kill(holder);
    expect(existsSync(join(dir, "holder.json"))).toBe(true);
    const lock = held(acquireLock(dir, INFO));
    const refused = await outputOf(startChild(built, dir));
    expect(refused.out).toMatch(/^refused: process 42, /);
    lock.release();
    const next = startChild(built, dir);
    await waitForLine(next, "held");
    next.stdin.end();
    expect((await outputOf(next)).code).toBe(0);
    held(acquireLock(dir, INFO)).release();
  });

  test("of many that start at once exactly one wins", async () => {
    const built = await buildChild("take-lock", tempDir());
    const dir = tempDir();
    const children = Array.from({ length: 6 }, () => startChild(built, dir));
    const outputs = children.map(outputOf);
    await new Promise<void>((done) => {
      let answers = 0;
      for (const child of children) child.stdout.once("data", () => ++answers === children.length && done());
    });
    for (const child of children) child.stdin.end();
    const said = (await Promise.all(outputs)).map(({ out }) => out.split("\n")[0]?.split(":")[0]);
    expect(said.filter((word) => word === "held")).toHaveLength(1);
    expect(said.filter((word) => word === "refused")).toHaveLength(5);
  });

  test("a refusal is quick, silent on stderr, and loads nothing heavy", async () => {
    const built = await buildChild("take-lock", tempDir());
    const ours = built.inputs.filter((input) => !input.startsWith("lib/state/") && !input.startsWith("lib/model/"));
    expect(ours).toEqual(["test/lib/state/children/take-lock.ts"]);
    const dir = tempDir();
    const lock = held(acquireLock(dir, INFO));
    // Processor time, because wall time would measure what else the machine does.
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const { out, err } = await outputOf(startChild(built, dir));
      expect(err).toBe("");
      times.push(Number(out.split("\n")[1]));
    }
    lock.release();
    expect(Math.min(...times)).toBeLessThan(300);
  });
});
