import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acquireLock } from "../../../lib/state/lock.js";
import { createPassingSharedState, openSharedState } from "../../../lib/state/shared-state.js";
import type { SharedState } from "../../../lib/state/types.js";
import { tempDir } from "./builders.js";

const NEVER = new AbortController().signal;
const INFO = { pid: 42, startedMs: Date.UTC(2026, 2, 1, 9, 30) };

/** As another process opens it. */
function open(dir: string, patienceMs = 60_000): SharedState {
  return openSharedState({ dir, pid: 42, now: () => INFO.startedMs, patienceMs });
}

function add(shared: SharedState, text: string): string {
  return shared.update("list", (note = "") => `${note}${text}`);
}

describe("notes", () => {
  test("are one for all, and last", () => {
    const dir = tempDir();
    const [one, other] = [open(dir), open(dir)];
    add(one, "a");
    add(other, "b");
    expect(add(one, "")).toBe("ab");
    expect(open(dir).update("other", (note) => note ?? "none")).toBe("none");
  });

  test("that are damaged begin anew", () => {
    const dir = tempDir();
    add(open(dir), "a");
    writeFileSync(join(dir, "shared", "notes.sqlite"), "no database at all".repeat(100));
    expect(add(open(dir), "b")).toBe("b");
    expect(add(open(dir), "c")).toBe("bc");
  });

  test("of a plan are seen by it, and never written", () => {
    const dir = tempDir();
    const passing = createPassingSharedState({ dir });
    expect(add(passing, "a")).toBe("a");
    expect(add(passing, "b")).toBe("ab");
    expect(existsSync(join(dir, "shared"))).toBe(false);
    add(open(dir), "c");
    expect(add(createPassingSharedState({ dir }), "d")).toBe("cd");
    expect(add(open(dir), "")).toBe("c");
  });
});

describe("turns", () => {
  test("never overlap under one name, and do under two", async () => {
    const dir = tempDir();
    let atWork = 0;
    const together: number[] = [];
    const work = async (): Promise<void> => {
      together.push((atWork += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      atWork -= 1;
    };
    await Promise.all([1, 2, 3].map(() => open(dir).inTurn("writes", work, NEVER)));
    expect(together).toEqual([1, 1, 1]);
    await Promise.all(["one", "two"].map((name) => open(dir).inTurn(name, work, NEVER)));
    expect(Math.max(...together)).toBe(2);
  });

  test("end with the work, also where it fails", async () => {
    const dir = tempDir();
    const failing = open(dir).inTurn("writes", () => Promise.reject(new Error("failed")), NEVER);
    await expect(failing).rejects.toThrow("failed");
    expect(await open(dir, 0).inTurn("writes", () => Promise.resolve("done"), NEVER)).toBe("done");
  });

  test("that do not come are told of with who has it, and are given up when the run ends", async () => {
    const dir = tempDir();
    const lock = acquireLock(join(dir, "shared", "writes"), INFO);
    const late = open(dir, 0).inTurn("writes", () => Promise.resolve(), NEVER);
    await expect(late).rejects.toThrow("process 42");
    await expect(late).rejects.toMatchObject({ code: "unavailable" });
    const stop = new AbortController();
    const waiting = open(dir).inTurn("writes", () => Promise.resolve(), stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    if (!("heldBy" in lock)) lock.release();
  });
});
