import { describe, expect, test } from "vitest";
import { killEverywhere } from "./kills.js";

describe("killed at every side effect", () => {
  test("small", async () => {
    const t0 = performance.now();
    const tried = await killEverywhere({ base: { local: { a: "1", b: "2", "d/x": "3" }, remote: { c: "4" } }, edits: ["L write a 5", "R write b 6*", "R rm c", "L mkdir e"] }, "small");
    console.log(tried, performance.now() - t0);
    expect(tried.effects).toBeGreaterThan(0);
  });
});
