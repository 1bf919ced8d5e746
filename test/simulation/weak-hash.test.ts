import { describe, expect, test } from "vitest";
import { createHasher } from "../../lib/hash/hasher.js";
import { toColliding } from "../support/colliding-content.js";
import { tryScenario } from "./scenario.js";
import type { Scenario } from "./scenario.js";

const COPY = "a (conflict 2026-03-01 host)";

/** All contents are of one size and have one hash. */
const scenarios: readonly Scenario[] = [
  {
    title: "edited here",
    base: { a: "1", b: "2" },
    edits: ["L write a 3"],
    after: { a: "3", b: "2" },
    did: ["upload a"],
    trashed: ["1"],
  },
  {
    title: "edited there",
    base: { a: "1", b: "2" },
    edits: ["R write a 3"],
    after: { a: "3", b: "2" },
    did: ["download a"],
    trashed: ["1"],
  },
  {
    title: "both sides made different edits",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 3"],
    after: { a: "3", [COPY]: "2" },
    did: ["conflict a"],
  },
  {
    title: "both sides made the same edit: the bytes tell, and nothing is renamed",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 2"],
    after: { a: "2" },
    did: [],
  },
  {
    title: "new on both sides, with different bytes",
    base: { keep: "0" },
    edits: ["L write a 2", "R write a 3"],
    after: { keep: "0", a: "3", [COPY]: "2" },
    did: ["conflict a"],
  },
  {
    title: "new on both sides, with the same bytes",
    base: { keep: "0" },
    edits: ["L write a 2", "R write a 2"],
    after: { keep: "0", a: "2" },
    did: [],
  },
  {
    title: "the remote version is to win, and is the same",
    base: { a: "1" },
    edits: ["L write a 2", "R write a 2"],
    setup: { conflict: "remote" },
    after: { a: "2" },
    did: [],
  },
  {
    title: "edited here, and an older copy of another version lies beside it",
    base: { a: "1", [COPY]: "4" },
    edits: ["L write a 2", "R write a 3"],
    after: { a: "3", [COPY]: "4", "a (conflict 2026-03-01 host 2)": "2" },
    did: ["conflict a"],
  },
  {
    title: "edited here, and a copy of this version lies beside it",
    base: { a: "1", [COPY]: "2" },
    edits: ["L write a 2", "R write a 3"],
    after: { a: "3", [COPY]: "2" },
    did: ["conflict a"],
  },
  {
    title: "renamed here",
    base: { a: "1", b: "2" },
    edits: ["L mv a c"],
    after: { c: "1", b: "2" },
    did: ["move-remote c"],
  },
  {
    title: "renamed there",
    base: { a: "1", b: "2" },
    edits: ["R mv a c"],
    after: { c: "1", b: "2" },
    did: ["move-local c"],
  },
  {
    title: "one deleted and another made here: no rename",
    base: { a: "1", b: "2" },
    edits: ["L write c 3", "L rm a"],
    after: { c: "3", b: "2" },
    did: ["delete-remote a", "upload c"],
    trashed: ["1"],
  },
  {
    title: "one deleted and another made there: no rename",
    base: { a: "1", b: "2" },
    edits: ["R write c 3", "R rm a"],
    after: { c: "3", b: "2" },
    did: ["delete-local a", "download c"],
    trashed: ["1"],
  },
  {
    title: "two files change places here",
    base: { a: "1", b: "2" },
    edits: ["L mv a c", "L mv b a", "L mv c b"],
    after: { a: "2", b: "1" },
    did: ["upload a", "upload b"],
  },
  {
    title: "an outbox with another file of the name there",
    base: {},
    edits: ["R write a 1", "L write a 2"],
    setup: { mode: "outbox" },
    after: { local: {}, remote: { a: "1", [COPY]: "2" } },
    did: [`upload ${COPY}`],
  },
  {
    title: "an outbox with the same file there",
    base: {},
    edits: ["R write a 1", "L write a 1"],
    setup: { mode: "outbox" },
    after: { local: {}, remote: { a: "1" } },
  },
];

function hashOf(content: string): string {
  const hasher = createHasher("quickxor");
  hasher.update(Buffer.from(content));
  return hasher.digest();
}

describe("where the hash proves nothing", () => {
  test("all contents collide, and no two are the same", () => {
    const contents = ["0", "1", "2", "3", "4"].map(toColliding);
    expect(new Set(contents).size).toBe(contents.length);
    expect(new Set(contents.map(hashOf)).size).toBe(1);
  });

  test.each(scenarios)("$title", async (scenario) => {
    await tryScenario({ ...scenario, setup: { ...scenario.setup, lists: "checksum" } });
  });

  test.each(scenarios)("$title, and another listed hash does", async (scenario) => {
    await tryScenario({ ...scenario, setup: { ...scenario.setup, lists: "both" } });
  });

  test.each(scenarios)("$title, and another hash that is listed now and then", async (scenario) => {
    await tryScenario({ ...scenario, setup: { ...scenario.setup, lists: "either" } });
  });
});
