import type { RunSummary } from "../engine/types.js";
import { EXIT } from "./exit-codes.js";
import { durationText, sizeText } from "./sizes.js";

/** True when the run changed nothing and nothing went wrong: the case in which cron hears nothing. */
export function isUneventful(summary: RunSummary): boolean {
  // What is skipped without an error is skipped by every run alike.
  const changes = countsOf({ ...summary, skipped: 0 });
  return summary.exitCode === EXIT.inStep && changes.every(([count]) => count === 0);
}

/** One line: what was done, what was not, and how it ended. */
export function summaryText(summary: RunSummary): string {
  const done = countsOf(summary)
    .filter(([count]) => count > 0)
    .map(([count, word, bytes]) => `${String(count)} ${word}${bytes === undefined ? "" : ` (${sizeText(bytes)})`}`);
  const unchanged = `${String(summary.unchanged)} unchanged`;
  const what = done.length === 0 ? `nothing changed, ${unchanged}` : [...done, unchanged].join(", ");
  const ending = ENDINGS[summary.exitCode];
  return `${what}, in ${durationText(summary.seconds)}${ending === undefined ? "" : `; ${ending}`}`;
}

const ENDINGS: Readonly<Record<number, string>> = {
  [EXIT.refused]: "refused for safety",
  [EXIT.budget]: "stopped at its budget, the next run goes on",
  [EXIT.unavailable]: "the service was not available, try later",
  [EXIT.signedOut]: "not signed in",
  130: "interrupted, the next run goes on",
  143: "interrupted, the next run goes on",
};

type Count = readonly [count: number, word: string, bytes?: number];

function countsOf(summary: RunSummary): readonly Count[] {
  return [
    [summary.uploaded, "uploaded", summary.bytesUp],
    [summary.downloaded, "downloaded", summary.bytesDown],
    [summary.deletedLocal, "deleted here"],
    [summary.deletedRemote, "deleted there"],
    [summary.movedLocal, "moved here"],
    [summary.movedRemote, "moved there"],
    [summary.conflicts, summary.conflicts === 1 ? "conflict" : "conflicts"],
    [summary.failed, "failed"],
    [summary.skipped, "skipped"],
  ];
}
