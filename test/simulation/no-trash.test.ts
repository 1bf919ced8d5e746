import { describe, expect, test } from "vitest";
import { filesOf, tryScenario } from "./scenario.js";
import type { Scenario } from "./scenario.js";
import { edit, prepare } from "./whole.js";

const setup: Scenario["setup"] = { provider: { capabilities: { trash: "none" } } };

/** What is deleted there is gone for good, and the user has not allowed it. */
const scenarios: readonly Scenario[] = [
  {
    title: "a file that was deleted here stays there",
    base: { a: "1", b: "2" },
    edits: ["L rm a"],
    after: { local: { b: "2" }, remote: { a: "1", b: "2" } },
    did: [],
  },
  {
    title: "a file that was renamed here is renamed there, and not sent again",
    base: { "d/a": "1" },
    edits: ["L mv d/a e/a"],
    after: { "e/a": "1" },
    did: ["create-folder-remote e", "move-remote e/a"],
  },
  {
    title: "a file that was renamed and edited here is another one",
    base: { a: "1" },
    edits: ["L mv a b", "L write b 2"],
    after: { local: { b: "2" }, remote: { a: "1", b: "2" } },
    did: ["upload b"],
  },
  {
    title: "a mirror does not overwrite what it does not know",
    base: { a: "1", b: "2" },
    edits: ["R write a 3", "L write b 4"],
    setup: { mode: "mirror" },
    after: { local: { a: "1", b: "4" }, remote: { a: "3", b: "4" } },
    did: ["upload b"],
    isInStep: false,
  },
  {
    title: "whoever wins a conflict, both versions are kept",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 3"],
    setup: { conflict: "local" },
    after: { a: "3", "a (conflict 2026-03-01 host)": "2" },
    did: ["conflict a"],
  },
];

describe("a service without a trash", () => {
  test.each(scenarios)("$title", async (scenario) => {
    await tryScenario({ ...scenario, setup: { ...setup, ...scenario.setup } });
  });

  test("what was deleted here does not come back in later runs", async () => {
    const whole = await prepare({ ...setup, base: { local: { a: "1", b: "2" } }, edits: ["L rm a"] });
    try {
      for (let run = 0; run < 3; run++) {
        expect((await whole.machine.run()).outcomes).toEqual([]);
        whole.clock.nowMs += 100_000;
      }
      expect(filesOf(whole).local).toEqual({ b: "2" });
      // Written anew there it is another matter.
      edit(whole, "R write a 3");
      await whole.machine.run();
      expect(filesOf(whole).local).toEqual({ a: "3", b: "2" });
    } finally {
      whole.machine.dispose();
    }
  });
});
