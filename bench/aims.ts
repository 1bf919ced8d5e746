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

/** With a service: at this latency, with full sizes, on two cores that nobody else uses. */
const AIM_LATENCY_MS = 20;

const DROPBOX_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { seconds: 8, requests: 120, peakMegabytes: 200 },
  unchanged: { requests: 2 },
  changed: { requests: 10 },
  down: { seconds: 15 },
  "large-up": { noSlower: true, peakMegabytes: 150 },
  "large-down": { noSlower: true, peakMegabytes: 150 },
};

/** A thousand files, and one of 512 MiB. */
const ONEDRIVE_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { seconds: 10, requests: 1150 },
  unchanged: { requests: 2 },
  down: { seconds: 8 },
  "large-up": { noSlower: true },
  "large-down": { noSlower: true },
};

/** Forty requests a second are allowed: two thousand links take 50 seconds, as many times another 50. */
const YANDEX_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { seconds: 115 },
  // A request for each folder, and a few.
  unchanged: { requests: 110 },
  down: { seconds: 22, requests: 2200 },
};

const YANDEX_AIMS_WITHOUT_TIMES: typeof YANDEX_AIMS = { ...YANDEX_AIMS, first: { seconds: 60 } };

/** A call for each photo, three for each album (a look whether it is there by now is one), and those that list; pictures come down one after the other, by the service's own limits. */
const FLICKR_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { requests: 2130 },
  // One for each album, and two.
  unchanged: { requests: 42 },
  down: { requests: 2100 },
};

/** A request for each content, one for fifty of an album, and one for each album. */
const GPHOTOS_AIMS: Readonly<Partial<Record<Workload, Aim>>> = {
  first: { requests: 2150 },
  unchanged: { requests: 2 },
};

/** Stated for a million files; fewer have to stay below it all the more. */
const FOLDER_AIMS: Readonly<Partial<Record<Workload, Aim>>> = { disk: { peakMegabytes: 300 } };

/** One verdict for each figure that has an aim and was measured. */
export function judge({ workload, target, figures }: Result): readonly Verdict[] {
  const ours = figures.trisync;
  const aim = aimsFor(target)[workload];
  if (ours === undefined || aim === undefined) return [];
  const seconds = aim.noSlower === true ? figures.rclone?.seconds : aim.seconds;
  const limits = { seconds, requests: aim.requests, peakMegabytes: aim.peakMegabytes };
  return FIGURES.flatMap((figure) => judgeOne(figure, ours, limits[figure]));
}

function aimsFor({ service, latencyMs, ignoresTimes }: Result["target"]): Readonly<Partial<Record<Workload, Aim>>> {
  if (service === "folder") return FOLDER_AIMS;
  if (latencyMs !== AIM_LATENCY_MS) return {};
  if (service === "yandex") return ignoresTimes ? YANDEX_AIMS_WITHOUT_TIMES : YANDEX_AIMS;
  return AIMS[service];
}

const AIMS = { dropbox: DROPBOX_AIMS, onedrive: ONEDRIVE_AIMS, flickr: FLICKR_AIMS, gphotos: GPHOTOS_AIMS };

const FIGURES = ["seconds", "requests", "peakMegabytes"] as const;

function judgeOne(figure: Verdict["figure"], ours: Figures, most: number | undefined): readonly Verdict[] {
  const value = ours[figure];
  return most === undefined || value === undefined ? [] : [{ figure, most, isMet: value <= most }];
}
