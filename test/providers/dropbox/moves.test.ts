import { expect, test } from "vitest";
import { toSyncPath } from "../../../lib/model/path.js";
import { toWaves } from "../../../providers/dropbox/moves.js";

const move = (from: string, to: string) => ({
  entry: { kind: "folder", path: toSyncPath(from), id: `id:${from}` } as const,
  to: toSyncPath(to),
});

test.each([
  {
    title: "moves that do not touch each other",
    moves: [
      ["a", "b"],
      ["c", "d"],
    ],
    waves: [2],
  },
  {
    title: "into a folder that is moved",
    moves: [
      ["a", "b"],
      ["c", "b/c"],
    ],
    waves: [1, 1],
  },
  {
    title: "out of a folder before it is moved",
    moves: [
      ["a/x", "x"],
      ["a", "b"],
    ],
    waves: [1, 1],
  },
  {
    title: "a swap",
    moves: [
      ["a", "t"],
      ["b", "a"],
      ["t", "b"],
    ],
    waves: [1, 1, 1],
  },
  {
    title: "names that differ by case",
    moves: [
      ["A", "b"],
      ["a/x", "c"],
    ],
    waves: [1, 1],
  },
  {
    title: "names that only begin alike",
    moves: [
      ["a", "b"],
      ["ab", "bc"],
    ],
    waves: [2],
  },
])("$title", ({ moves, waves }) => {
  expect(toWaves(moves.map(([from = "", to = ""]) => move(from, to))).map((wave) => wave.length)).toEqual(waves);
});
