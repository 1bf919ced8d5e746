import { expect, test } from "vitest";
import { killEverywhere } from "./kills.js";
import type { Death } from "./kills.js";
import type { Setup } from "./whole.js";

interface Small extends Setup {
  readonly title: string;
  /** Files that may be sent in all: what only needs a move needs no transfer, however often the run dies. */
  readonly mostUploads?: number;
}

/** One thing at a time, killed and cut off from power before every side effect. */
const small: readonly Small[] = [
  { title: "a new file there", base: { local: { keep: "0" } }, edits: ["R write d/a 1*"] },
  { title: "a changed file there", base: { local: { a: "1" } }, edits: ["R write a 2"] },
  {
    title: "a changed file there, without links",
    base: { local: { a: "1" } },
    edits: ["R write a 2"],
    hasLinks: false,
  },
  { title: "S88: a file moved here", base: { local: { a: "1", keep: "0" } }, edits: ["L mv a d/b"], mostUploads: 0 },
  { title: "a file moved there", base: { local: { a: "1", keep: "0" } }, edits: ["R mv a d/b"] },
  {
    title: "a file moved there, without links",
    base: { local: { a: "1", keep: "0" } },
    edits: ["R mv a d/b"],
    hasLinks: false,
  },
  {
    title: "a folder moved here",
    base: { local: { "d/a": "1", "d/e/b": "2" } },
    edits: ["L mv d f/g"],
    mostUploads: 0,
  },
  {
    title: "a folder moved there, with edits",
    base: { local: { "d/a": "1", "d/e/b": "2" } },
    edits: ["R mv d f/g", "R write f/g/a 3", "L write d/c 4"],
  },
  {
    title: "the same folder moved alike",
    base: { local: { "d/a": "1", "d/b": "2" } },
    edits: ["R mv d e", "L mv d e"],
    mostUploads: 0,
  },
  {
    title: "S130: two files swapped here",
    base: { local: { a: "1", b: "2" } },
    edits: ["L mv a c", "L mv b a", "L mv c b"],
  },
  {
    title: "two files swapped there",
    base: { local: { a: "1", b: "2" } },
    edits: ["R mv a c", "R mv b a", "R mv c b"],
  },
  { title: "a conflict of contents", base: { local: { a: "1" } }, edits: ["L write a 2", "R write a 3"] },
  {
    title: "a conflict that the newer version wins",
    base: { local: { a: "1" } },
    edits: ["L write a 2", "R write a 3"],
    conflict: "newer",
  },
  {
    title: "a file here against a folder there",
    base: { local: { keep: "0" } },
    edits: ["L write a 1", "R write a/b 2"],
  },
  {
    title: "a folder here against a file there",
    base: { local: { keep: "0" } },
    edits: ["L write a/b 1", "R write a 2"],
  },
  {
    title: "a folder that becomes a file there",
    base: { local: { "a/b": "1", keep: "0" } },
    edits: ["R rm a", "R write a 2"],
  },
  { title: "a folder deleted there", base: { local: { "a/b/c": "1", keep: "0" } }, edits: ["R rm a"] },
  { title: "a file deleted here", base: { local: { a: "1", keep: "0" } }, edits: ["L rm a"] },
  {
    title: "a rename by case alone, here",
    base: { local: { "d/a": "1" } },
    edits: ["L mv d D", "L mv D/a D/A"],
    ignoresCase: true,
    mostUploads: 0,
  },
  {
    title: "a rename by case alone, there",
    base: { local: { "d/a": "1" } },
    edits: ["R mv d D", "R mv D/a D/A"],
    ignoresCase: true,
  },
];

const deaths: readonly Death[] = ["kill", "power"];

test.each(small.flatMap((setup) => deaths.map((death) => ({ ...setup, death }))))(
  "$title: $death",
  { timeout: 300_000 },
  async ({ title, death, mostUploads, ...setup }) => {
    const tried = await killEverywhere(setup, title, [death]);
    expect(tried.effects).toBeGreaterThan(3);
    expect(tried.mostStored).toBeLessThanOrEqual(mostUploads ?? Infinity);
  },
);
