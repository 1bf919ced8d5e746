import { judge } from "./aims.js";
import type { Figures, Result } from "./run-story.js";

type Column = keyof Figures;

const COLUMNS: readonly { readonly column: Column; readonly title: string; readonly digits: number }[] = [
  { column: "seconds", title: "seconds", digits: 2 },
  { column: "cpuSeconds", title: "CPU s", digits: 2 },
  { column: "peakMegabytes", title: "MB", digits: 0 },
  { column: "requests", title: "requests", digits: 0 },
];
const WIDTH = 15;

/** A title line, one line for each program, ours divided by rclone's, and the aims. */
export function toTable(result: Result, areSizesFull: boolean): string {
  const { figures, title, target } = result;
  const { trisync, rclone } = figures;
  const lines = [line("", (column) => COLUMNS.find((one) => one.column === column)?.title)];
  if (trisync !== undefined) lines.push(line("trisync", (column, digits) => trisync[column]?.toFixed(digits)));
  if (rclone !== undefined) lines.push(line("rclone", (column, digits) => rclone[column]?.toFixed(digits)));
  if (trisync !== undefined && rclone !== undefined) {
    lines.push(line("ratio", (column) => ratio(trisync[column], rclone[column])?.toFixed(2)));
  }
  const verdicts = areSizesFull ? judge(result) : [];
  if (verdicts.length > 0) {
    lines.push(
      line("aim", (column, digits) => {
        const verdict = verdicts.find(({ figure }) => figure === column);
        if (verdict === undefined) return "";
        return `≤ ${verdict.most.toFixed(Number.isInteger(verdict.most) ? 0 : digits)} ${verdict.isMet ? "met" : "MISSED"}`;
      }),
    );
  }
  return `${title} · ${target.title}\n${lines.join("\n")}\n`;
}

/** Ours divided by theirs: below 1 is better. Undefined when one of them is unknown. */
export function ratio(ours: number | undefined, theirs: number | undefined): number | undefined {
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs;
}

function line(name: string, cell: (column: Column, digits: number) => string | undefined): string {
  const cells = COLUMNS.map(({ column, digits }) => (cell(column, digits) ?? "-").padStart(WIDTH));
  return `  ${name.padEnd(8)}${cells.join("")}`;
}
