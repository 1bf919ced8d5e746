import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../../lib/state/database.js";
import { openPlan, openSync, tempDir } from "./builders.js";
import { buildChild, kill, startChild, waitForLine } from "./children/build.js";
import type { Child } from "./children/build.js";

const BATCH = 50;

/** The number of the last batch that the child said was settled. */
function lastBatchOf(child: Child): () => number {
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  return () =>
    Number(
      out
        .slice(0, out.lastIndexOf("\n"))
        .split("\n")
        .findLast((line) => /^\d+$/.test(line)) ?? "-1",
    );
}

function integrity(dir: string): unknown {
  const db = openDatabase(join(dir, "state.sqlite"), { pragmas: [] });
  const answer = db.all("PRAGMA integrity_check", [], (row) => row["integrity_check"]);
  db.close();
  return answer;
}

test("twenty kills in the middle of settling lose nothing that was settled, and half of nothing remains", async () => {
  const built = await buildChild("settle-forever", tempDir());
  const dir = join(tempDir(), "job");
  for (let round = 0; round < 20; round++) {
    const child = startChild(built, dir, String(BATCH));
    const lastBatch = lastBatchOf(child);
    await waitForLine(child, "open");
    await new Promise((done) => setTimeout(done, 5 + ((round * 37) % 90)));
    await kill(child);

    const { state, notices } = openSync(dir);
    expect(notices).toEqual([]);
    const counts = new Map<string, number>();
    for (const { entry } of state.base.rows()) {
      const folder = entry.path.slice(0, entry.path.lastIndexOf("/"));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    // Each folder is there whole, under its old or its new name, and at most one is not yet moved.
    expect([...counts.values()].every((count) => count === BATCH)).toBe(true);
    expect([...counts.keys()].filter((folder) => folder.startsWith("new/")).length).toBeLessThanOrEqual(1);
    for (let batch = 0; batch <= lastBatch(); batch++) expect(counts.get(`done/${batch}`)).toBe(BATCH);
    expect(Number(state.memory.get("batches") ?? "0")).toBeGreaterThan(lastBatch());
    state.close();
    expect(integrity(dir)).toEqual(["ok"]);
  }
});

test("a plan opened while another process settles sees one moment, and disturbs nothing", async () => {
  const built = await buildChild("settle-forever", tempDir());
  const dir = join(tempDir(), "job");
  const child = startChild(built, dir, "500");
  await waitForLine(child, "open");
  let most = 0;
  for (let round = 0; round < 25; round++) {
    const { state, notices } = openPlan(dir);
    expect(notices).toEqual([]);
    const files = state.base.countFiles();
    expect(files % 500).toBe(0);
    expect(files).toBeGreaterThanOrEqual(most);
    expect(files).toBeGreaterThanOrEqual(500 * Number(state.memory.get("batches") ?? "0"));
    most = files;
    state.close();
  }
  expect(most).toBeGreaterThan(0);
  expect(child.exitCode).toBeNull();
  await kill(child);
});
