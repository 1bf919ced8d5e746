import process from "node:process";

/** How much the tests do that grow better with more of the same. */
interface Effort {
  /** How many of the services that keep files in folders. */
  readonly services: number;
  /** Runs killed for each kind of remote side. */
  readonly kills: number;
  /** Rounds of overlapping runs of two machines, for each service. */
  readonly rounds: number;
  /** Of the large file that goes up and down. */
  readonly largeMib: number;
  /** Real files that are synchronised, besides those of the folder that is renamed. */
  readonly realFiles: number;
  readonly renamedFiles: number;
  /** Photos of the library that goes up to a photo service, in 40 albums. */
  readonly photos: number;
  /** One of so many combinations of a request and what happens to it is tried. */
  readonly faultStride: number;
  /** One of so many cases of other synchronizers is tried. */
  readonly caseStride: number;
  /** One of so many of them is run once more, to see that nothing changes. */
  readonly againStride: number;
  /** One of so many rows of a table of like cases is tried. */
  readonly rowStride: number;
  /** Whether to wait for answers that never come, which takes minutes. */
  readonly waitsInVain: boolean;
}

/** For one more version of Node, which runs the same code. */
const BRIEF: Effort = {
  services: 1,
  kills: 2,
  rounds: 3,
  largeMib: 128,
  realFiles: 50,
  renamedFiles: 100,
  photos: 240,
  faultStride: 149,
  caseStride: 12,
  againStride: 16,
  rowStride: 3,
  waitsInVain: false,
};

const EVERYDAY: Effort = {
  services: 3,
  kills: 2,
  rounds: 3,
  largeMib: 128,
  realFiles: 150,
  renamedFiles: 300,
  photos: 240,
  faultStride: 149,
  caseStride: 2,
  againStride: 16,
  rowStride: 1,
  waitsInVain: false,
};

const FULL: Effort = {
  services: 3,
  kills: 50,
  rounds: 200,
  largeMib: 1024,
  realFiles: Number.POSITIVE_INFINITY,
  renamedFiles: 1000,
  photos: 3000,
  faultStride: 1,
  caseStride: 1,
  againStride: 1,
  rowStride: 1,
  waitsInVain: true,
};

const EFFORTS: Readonly<Record<string, Effort>> = { brief: BRIEF, everyday: EVERYDAY, full: FULL };

export const effort: Effort = toEffort(process.env["TRISYNC_TEST_EFFORT"] ?? "everyday");

function toEffort(name: string): Effort {
  const found = Object.hasOwn(EFFORTS, name) ? EFFORTS[name] : undefined;
  if (found === undefined) throw new Error(`TRISYNC_TEST_EFFORT must be one of ${Object.keys(EFFORTS).join(", ")}`);
  return found;
}

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

/** The rows of a table that are tried today, at least one. */
export function rowsTried<T>(rows: readonly T[]): readonly T[] {
  return rows.filter((_, index) => isTried(index, Math.min(effort.rowStride, rows.length)));
}
