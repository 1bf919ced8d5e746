import type { JobState, PlannedStep } from "../state/types.js";
import { STAGE } from "./stages.js";
import type { Untouched } from "./identity.js";

/** `--max-delete`: a number of files, or a share of what the job knows. */
export type DeleteLimit = { readonly files: number } | { readonly percent: number };

export interface GuardFacts {
  readonly limit: DeleteLimit;
  /** Files in the base; without one, files on the side that would lose some. */
  readonly knownFiles: number;
  /** The side that is empty though the base knows of files; undefined when neither is. */
  readonly emptied: "local" | "remote" | undefined;
  /** The local root is another folder than last time. */
  readonly isOtherLocalRoot: boolean;
  /** What `--approve` was given. */
  readonly approval: string | undefined;
  readonly untouched: Untouched;
}

export interface PlannedDeletions {
  readonly files: number;
  /** Some of them, for the message. */
  readonly sample: readonly string[];
}

const SAMPLE_SIZE = 5;
/** A share of few files is a small number: fewer deletions than this are never too many. */
const SMALL_NUMBER = 10;

/** Counts the files that would be deleted; moves and replaced files do not count. */
export function countDeletions(plan: JobState["plan"]): PlannedDeletions {
  let files = 0;
  const sample: string[] = [];
  for (const stage of [STAGE.roomFiles, STAGE.deleteFiles]) {
    for (const step of plan.steps(stage)) {
      if (!isFileDeletion(step)) continue;
      files += 1;
      if (sample.length < SAMPLE_SIZE) sample.push(step.action.path);
    }
  }
  return { files, sample };
}

function isFileDeletion({ action }: PlannedStep): boolean {
  if (action.kind === "delete-remote") return action.remote.kind === "file";
  return action.kind === "delete-local" && action.local.kind === "file";
}

/** Why the plan is refused, as a sentence; undefined when it may be carried out. */
export function refuse(deletions: PlannedDeletions, planId: string, facts: GuardFacts): string | undefined {
  if (facts.approval === planId) return undefined;
  const reason = reasonToRefuse(deletions, facts);
  if (reason === undefined) return undefined;
  const sample =
    deletions.sample.length === 0
      ? ""
      : ` (${deletions.sample.map((path) => JSON.stringify(path)).join(", ")}${deletions.files > deletions.sample.length ? ", …" : ""})`;
  const approve = `If this is what you want, run again with --approve ${planId}`;
  const wrong = facts.approval === undefined ? "" : ` The plan is not the one approved as ${facts.approval}.`;
  return `${reason}${sample}. ${facts.untouched}.${wrong} ${approve}`;
}

function reasonToRefuse({ files }: PlannedDeletions, facts: GuardFacts): string | undefined {
  const isShare = files <= facts.knownFiles;
  const count = isShare ? `${String(files)} of ${String(facts.knownFiles)} files` : `${String(files)} files`;
  if (files === 0) return undefined;
  if (facts.isOtherLocalRoot)
    return `the local folder is not the one of the last run (another disk?), and ${count} would be deleted`;
  if (facts.emptied !== undefined && facts.knownFiles > 1)
    return `the ${facts.emptied} side is empty, and ${count} would be deleted`;
  const most = mostDeletions(facts);
  return files > most ? `${count} would be deleted, more than --max-delete allows (${String(most)})` : undefined;
}

function mostDeletions({ limit, knownFiles }: GuardFacts): number {
  if ("files" in limit) return limit.files;
  return Math.max(SMALL_NUMBER, Math.floor((knownFiles * limit.percent) / 100));
}
