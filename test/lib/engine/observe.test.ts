import { expect, test } from "vitest";
import { observe } from "../../../lib/engine/observe.js";
import { openFolder } from "../../../lib/local/open-folder.js";
import { MemoryProvider } from "../../support/memory-provider.js";
import { MemoryWorld } from "../../support/memory-world.js";
import { SimulatedDisk } from "../../support/simulated-disk.js";
import { openJobState } from "../../../lib/state/job-state.js";
import { createFakeWorld } from "../../support/fake-world.js";

const nothing = (): void => undefined;
const EVENTS = {
  started: nothing,
  action: nothing,
  outcome: nothing,
  problem: nothing,
  notice: nothing,
  phase: nothing,
  planned: nothing,
  progress: nothing,
};

test("when the folder cannot be read, the listing is ended and waited for", async () => {
  const { dir } = createFakeWorld();
  const { state } = openJobState({ dir, mode: "sync", scratchDir: dir });
  const disk = new SimulatedDisk({ now: () => 0 });
  const folder = openFolder({ root: "/gone", files: disk.mount(), runId: "r", now: () => 0 });
  const provider = new MemoryProvider(new MemoryWorld({}), {});
  let hasEnded = false;
  provider.list = async function* (_, signal) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    hasEnded = true;
    yield* [];
    throw signal.reason;
  };
  const signal = new AbortController().signal;
  const looking = observe({
    state,
    folder,
    provider,
    filter: { includes: () => true },
    foldCase: false,
    events: EVENTS,
    report: nothing,
    untouched: "Nothing was changed",
    signal,
  });
  await expect(looking).rejects.toThrow("could not be read whole");
  expect(hasEnded).toBe(true);
  state.close();
});
