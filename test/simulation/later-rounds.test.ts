import { expect, test } from "vitest";
import { filesOf } from "./scenario.js";
import { edit, prepare } from "./whole.js";

test("a plan that is made anew within the run is guarded like the first, and says that something was done before", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `f${String(i)}`);
  const tree = Object.fromEntries(names.map((name) => [name, `old ${name}`]));
  const whole = await prepare({
    base: { local: tree },
    edits: ["L write f0 mine", "L write new another"],
    maxDelete: { percent: 50 },
  });
  try {
    let isDone = false;
    const ran = await whole.machine.run({
      trouble: ({ faults }) => {
        faults.beforeWrite = (path) => {
          if (isDone || path !== "f0") return;
          isDone = true;
          for (const words of ["R write f0 theirs", ...names.slice(1).map((name) => `R rm ${name}`)])
            edit(whole, words);
        };
      },
    });
    expect(ran.result?.refusal).toMatch(/19 of 2\d files would be deleted.*Nothing more was changed/);
    expect(ran.result?.refusal).toContain(`--approve ${ran.result?.planId ?? ""}`);
    expect(Object.keys(filesOf(whole).local)).toEqual(expect.arrayContaining(names));
    expect(filesOf(whole).remote, "the first round did this").toMatchObject({ new: "another" });

    const again = await whole.machine.run();
    expect(again.result?.refusal).toMatch(/Nothing was changed/);
    expect(again.result?.planId, "the plan to approve is still the same").toBe(ran.result?.planId);
  } finally {
    whole.machine.dispose();
  }
});
