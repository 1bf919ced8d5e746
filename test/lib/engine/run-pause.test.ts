import { expect, test } from "vitest";
import { createPause } from "../../../lib/engine/run-pause.js";

test("a long stretch of computing stops for what waits outside, a short one does not", async () => {
  const pause = createPause(new AbortController().signal);
  let fired = false;
  setImmediate(() => (fired = true));
  for (let step = 0; step < 999; step++) expect(pause()).toBeUndefined();
  await pause();
  expect(fired).toBe(true);
});

test("it ends with the reason of a signal that comes meanwhile", async () => {
  const controller = new AbortController();
  const pause = createPause(controller.signal);
  setImmediate(() => controller.abort(new Error("enough")));
  await expect(pause(5000)).rejects.toThrow("enough");
});
