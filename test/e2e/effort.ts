import process from "node:process";

/** How much the tests do that grow better with more of the same. */
interface Effort {
  /** Runs killed for each kind of remote side. */
  readonly kills: number;
  /** Rounds of overlapping runs of two machines, for each service. */
  readonly rounds: number;
  /** Of the large file that goes up and down. */
  readonly largeMib: number;
  /** Real files that are synchronised, besides a folder of a thousand that is renamed. */
  readonly realFiles: number;
  /** One of so many combinations of a request and what happens to it is tried. */
  readonly faultStride: number;
  /** One of so many cases of other synchronizers is run once more, to see that nothing changes. */
  readonly againStride: number;
}

const EVERYDAY: Effort = {
  kills: 8,
  rounds: 15,
  largeMib: 256,
  realFiles: 300,
  faultStride: 37,
  againStride: 4,
};

const FULL: Effort = {
  kills: 50,
  rounds: 200,
  largeMib: 1024,
  realFiles: Number.POSITIVE_INFINITY,
  faultStride: 1,
  againStride: 1,
};

export const effort: Effort = process.env["TRISYNC_TEST_EFFORT"] === "full" ? FULL : EVERYDAY;

const DAY_MS = 24 * 3_600_000;

/**
 * Another number every day: where only one of many is tried, it says which, so that all of them have their turn. It stands in the
 * titles of tests, and TRISYNC_TEST_ROTATION repeats it.
 */
export const rotation = Number(process.env["TRISYNC_TEST_ROTATION"] ?? Math.floor(Date.now() / DAY_MS));

/** Whether the one at this index is among those tried today. */
export function isTried(index: number, stride: number): boolean {
  return index % stride === rotation % stride;
}
