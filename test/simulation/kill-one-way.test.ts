import { expect, test } from "vitest";
import type { ActionKind } from "../../lib/model/action.js";
import type { Mode } from "../../lib/model/mode.js";
import { killEverywhere } from "./kills.js";
import { WORLDS } from "./worlds.js";

/** What happens in each mode, so that a world that lost its point is noticed. */
const KINDS: Readonly<Record<Exclude<Mode, "two-way">, readonly ActionKind[]>> = {
  backup: ["create-folder-remote", "record", "upload"],
  mirror: ["create-folder-remote", "delete-remote", "move-remote", "record", "upload"],
  fetch: ["create-folder-local", "download", "record"],
  "mirror-down": ["create-folder-local", "delete-local", "download", "move-local", "record"],
  outbox: ["upload"],
};

const modes = ["backup", "mirror", "fetch", "mirror-down", "outbox"] as const;

test.each(modes)("%s, killed or cut off from power at every side effect", { timeout: 600_000 }, async (mode) => {
  const tried = await killEverywhere(WORLDS[mode], mode);
  expect([...tried.kinds].sort()).toEqual([...KINDS[mode]].sort());
});
