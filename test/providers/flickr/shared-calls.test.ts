import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSharedState } from "../../../lib/state/shared-state.js";
import type { SharedState } from "../../../lib/state/types.js";
import { openFlickr } from "../../../providers/flickr/flickr.js";
import type { Provider } from "../../../providers/provider.js";
import { contextFor, listAll, picture, put, signal, useEmulator, waitedMs } from "./support.js";

const emulator = useEmulator();

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "trisync-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function stateIn(dir: string): SharedState {
  return openSharedState({ dir, pid: process.pid, now: Date.now });
}

/** A job with a memory of its own, in the same state directory as the others. */
async function openJob(shared: SharedState): Promise<Provider> {
  const context = contextFor(emulator());
  return await openFlickr({ ...context, shared }, context.sleep);
}

describe("jobs that share a key", () => {
  test("count together, and what a run did not use is given back", async () => {
    const { id } = await emulator().remote.addPhoto({ title: "a", content: picture("1") });
    for (const set of ["A", "B", "C"]) emulator().remote.addSet(set, [id]);
    emulator().settings.timestampWindowSeconds = Number.POSITIVE_INFINITY;
    const notes = new Map<string, string>();
    const shared: SharedState = {
      inTurn: (_name, work) => work(),
      update: (name, change) => {
        const note = change(notes.get(name));
        notes.set(name, note);
        return note;
      },
    };
    for (let run = 0; run < 3; run += 1) {
      const provider = await openJob(shared);
      await provider.identify(signal);
      await listAll(provider);
      await provider.close(signal);
    }
    const [[name, note] = ["", "[]"]] = notes;
    const sum = (JSON.parse(note) as [number, number][]).reduce((all, [, calls]) => all + calls, 0);
    expect(sum).toBe(emulator().requests.length);
    expect(name).not.toContain(emulator().env["FLICKR_API_KEY"]);
  });

  test("keep to the hour together", async () => {
    emulator().settings.timestampWindowSeconds = Number.POSITIVE_INFINITY;
    const first = await openJob(stateIn(directory));
    await put(first, "A/first.jpg");
    // What the two jobs have not made themselves is told to both, as if a third one had.
    const minute = Math.floor(Date.now() / 60_000);
    let name = "";
    const spy: SharedState = {
      inTurn: (_name, work) => work(),
      update: (one, change) => {
        name = one;
        return stateIn(directory).update(one, change);
      },
    };
    const second = await openJob(spy);
    await listAll(second);
    stateIn(directory).update(name, (note) =>
      JSON.stringify([...(JSON.parse(note ?? "[]") as unknown[]), [minute, 3_400]]),
    );
    emulator().spendRequests(3_400);
    for (let i = 0; i < 30; i += 1) {
      await put(first, `A/${i}.jpg`);
      await put(second, `B/${i}.jpg`);
    }
    expect(emulator().requestsPastLimit).toBe(0);
    expect(waitedMs(emulator())).toBeGreaterThan(50 * 60_000);
    await Promise.all([first.close(signal), second.close(signal)]);
  });

  test("go on, each counting its own, where the state cannot be written", async () => {
    const shared: SharedState = {
      inTurn: (_name, work) => work(),
      update: () => {
        throw new Error("no space left on the device");
      },
    };
    const provider = await openJob(shared);
    await put(provider, "A/a.jpg");
    expect((await listAll(provider)).names).toEqual(["A/", "A/a.jpg"]);
    await provider.close(signal);
  });
});
