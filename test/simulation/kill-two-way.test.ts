import { expect, test } from "vitest";
import type { ActionKind } from "../../lib/model/action.js";
import { killEverywhere } from "./kills.js";
import { WORLDS } from "./worlds.js";

const KINDS: readonly ActionKind[] = [
  "upload",
  "download",
  "delete-remote",
  "delete-local",
  "move-remote",
  "move-local",
  "create-folder-remote",
  "create-folder-local",
  "conflict",
  "record",
];

/** Where the base knows all there is, and people edit both sides at once. */
test("two-way, killed or cut off from power at every side effect", { timeout: 600_000 }, async () => {
  const tried = await killEverywhere(WORLDS["two-way"], "two-way");
  expect([...tried.kinds].sort(), "everything there is to do is done in it").toEqual([...KINDS].sort());
  expect(tried.effects).toBeGreaterThan(100);
});
