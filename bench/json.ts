import { judge } from "./aims.js";
import type { Figures, Result } from "./run-story.js";
import { ratio } from "./table.js";

/** One object for all results. Figures that are unknown are null. */
export function toJson(results: readonly Result[], about: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...about, results: results.map(toObject) }, undefined, 2);
}

function toObject(result: Result): Readonly<Record<string, unknown>> {
  const { workload, title, target, figures } = result;
  const { trisync, rclone } = figures;
  return {
    workload,
    title,
    target: target.title,
    latencyMs: target.latencyMs ?? null,
    trisync: toNulls(trisync),
    rclone: toNulls(rclone),
    ratio:
      trisync === undefined || rclone === undefined
        ? null
        : toNulls(each((name) => ratio(trisync[name], rclone[name]))),
    aims: judge(result),
  };
}

const NAMES = ["seconds", "cpuSeconds", "peakMegabytes", "requests"] as const;

type Numbers = Readonly<Record<keyof Figures, number | undefined>>;

function each(value: (name: keyof Figures) => number | undefined): Numbers {
  const [seconds, cpuSeconds, peakMegabytes, requests] = NAMES.map(value);
  return { seconds, cpuSeconds, peakMegabytes, requests };
}

function toNulls(figures: Numbers | Figures | undefined): Readonly<Record<string, number | null>> | null {
  return figures === undefined ? null : Object.fromEntries(NAMES.map((name) => [name, figures[name] ?? null]));
}
