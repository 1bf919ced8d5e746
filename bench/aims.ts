import type { Figures, Result } from "./run-story.js";
import type { Workload } from "./workloads.js";

/** What trisync is to stay within. */
interface Aim {
  readonly seconds?: number;
  readonly requests?: number;
  readonly peakMegabytes?: number;
  /** As quick as rclone in the same run. */
  readonly noSlower?: true;
}

export interface Verdict {
  readonly figure: "seconds" | "requests" | "peakMegabytes";
  readonly most: number;
  readonly isMet: boolean;
}

/** With Dropbox: at this latency, with full sizes, on two cores that nobody else uses. */
const AIM_LATENCY_MS = 20;

const DROPBOX_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { seconds: 8, requests: 120, peakMegabytes: 200 },
  unchanged: { requests: 2 },
  changed: { requests: 10 },
  down: { seconds: 15 },
  "large-up": { noSlower: true, peakMegabytes: 150 },
  "large-down": { noSlower: true, peakMegabytes: 150 },
};

/** Stated for a million files; fewer have to stay below it all the more. */
const FOLDER_AIMS: Readonly<Partial<Record<Workload, Aim>>> = { disk: { peakMegabytes: 300 } };

/** One verdict for each figure that has an aim and was measured. */
export function judge({ workload, target, figures }: Result): readonly Verdict[] {
  const ours = figures.trisync;
  const aims = target.latencyMs === undefined ? FOLDER_AIMS : target.latencyMs === AIM_LATENCY_MS ? DROPBOX_AIMS : {};
  const aim = aims[workload];
  if (ours === undefined || aim === undefined) return [];
  const seconds = aim.noSlower === true ? figures.rclone?.seconds : aim.seconds;
  const limits = { seconds, requests: aim.requests, peakMegabytes: aim.peakMegabytes };
  return FIGURES.flatMap((figure) => judgeOne(figure, ours, limits[figure]));
}

const FIGURES = ["seconds", "requests", "peakMegabytes"] as const;

function judgeOne(figure: Verdict["figure"], ours: Figures, most: number | undefined): readonly Verdict[] {
  const value = ours[figure];
  return most === undefined || value === undefined ? [] : [{ figure, most, isMet: value <= most }];
}
