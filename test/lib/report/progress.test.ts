import { expect, test } from "vitest";
import { createProgress } from "../../../lib/report/progress.js";
import { createFakeWorld } from "../../support/fake-world.js";
import * as build from "../../support/report-builders.js";

/** What a terminal shows of the last drawing. */
function lastDrawing(text: string): string {
  return (text.split("\u001b[1G").at(-1) ?? "").replace(/\u001b(\[[\d;]*[A-Za-z]|[78])/g, "").trimEnd();
}

async function nextDrawing(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
}

test("shows files, bytes, rate, time left and what is in flight, in one line", async () => {
  const world = createFakeWorld({ terminal: true });
  let nowMs = 0;
  const progress = createProgress({ stream: world.stderr.stream, now: () => nowMs });
  try {
    progress.phase("scan");
    await nextDrawing();
    expect(lastDrawing(world.err())).toBe("looking at the folder …");
    progress.phase("transfer");
    progress.planned({ files: 3, bytes: 3_000_000 });
    await nextDrawing();
    nowMs = 1000;
    progress.outcome({ ...build.outcome(build.upload("done")), bytes: 500_000 });
    progress.progress({ path: "b\u001b[2J", bytesDone: 500_000, bytesTotal: 1_000_000 });
    await nextDrawing();
    expect(lastDrawing(world.err())).toBe("1/3 files  1 MB of 3 MB  1 MB/s  2.0s left  b\\x1b[2J");
  } finally {
    progress.stop();
  }
  const drawn = world.err();
  await nextDrawing();
  expect(world.err()).toBe(drawn);
});

test("is never wider than the terminal", async () => {
  const world = createFakeWorld({ terminal: true });
  const progress = createProgress({ stream: world.stderr.stream, now: () => 0 });
  try {
    progress.planned({ files: 1, bytes: 1 });
    progress.progress({ path: "x".repeat(500), bytesDone: 0, bytesTotal: 1 });
    await nextDrawing();
    expect(lastDrawing(world.err()).length).toBeLessThan(80);
  } finally {
    progress.stop();
  }
});

test("leaves lines alone that were written while it was there", async () => {
  const world = createFakeWorld({ terminal: true });
  const progress = createProgress({ stream: world.stderr.stream, now: () => 0 });
  progress.clear();
  world.stderr.write("a: failed\n");
  await nextDrawing();
  progress.stop();
  // Neither saving and restoring the cursor nor moving it up or down.
  expect(world.err()).not.toMatch(/\u001b(7|8|\[\d*[ABF]|\[\d+;\d+H)/);
  expect(world.err()).toContain("\u001b[2Ka: failed\n");
});
