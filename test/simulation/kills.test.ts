import { describe, expect, test } from "vitest";
import { MODES } from "../../lib/model/mode.js";
import { killEverywhere } from "./kills.js";
import { WORLDS } from "./worlds.js";

describe("killed at every side effect", () => {
  test.each(MODES)("%s", async (mode) => {
    const t0 = performance.now();
    const tried = await killEverywhere(WORLDS[mode], mode);
    console.log(mode, tried.effects, [...tried.kinds].join(), tried.actions, performance.now() - t0);
    expect(tried.effects).toBeGreaterThan(0);
  });
});
