import { createHash } from "node:crypto";
import type { Action } from "../model/action.js";
import type { LocalFile, LocalFolder, Problem, RemoteFile, RemoteFolder } from "../model/entry.js";
import { provesContent } from "../model/hash.js";
import type { ConflictRule, Mode } from "../model/mode.js";
import type { SyncPath } from "../model/path.js";
import type { Folder, PathFilter } from "../local/types.js";
import type { Provider } from "../../providers/provider.js";
import type { JobState } from "../state/types.js";
import { nameConflicts } from "./conflict-names.js";
import { pairFileMoves } from "./file-moves.js";
import { createHashes } from "./find-hashes.js";
import { findFolderMoves } from "./folder-moves.js";
import { joinByKey } from "./join.js";
import type { Observation } from "./observe.js";
import { createPause } from "./run-pause.js";
import { planPaths } from "./plan.js";
import { rebaseRows } from "./rebase.js";
import { resolveTriples } from "./resolve.js";
import { STAGE_ORDER } from "./stages.js";
import { toTriples } from "./triple.js";

export interface PlanJob {
  readonly state: JobState;
  readonly folder: Folder;
  readonly provider: Provider;
  readonly filter: PathFilter;
  readonly mode: Mode;
  readonly conflictRule: ConflictRule;
  readonly maxSizeBytes: number | undefined;
  readonly permanentDeletes: boolean;
  readonly emptyFolders: boolean;
  readonly rehash: boolean;
  readonly foldCase: boolean;
  /** "2026-03-01" */
  readonly date: string;
  readonly host: string;
  readonly report: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

export interface MadePlan {
  readonly planId: string;
  readonly unchanged: number;
  /** What the transfers come to. */
  readonly files: number;
  readonly bytes: number;
}

/** Makes the plan from what was observed, into the plan table. Reads both sides where a content matters, changes nothing. */
export async function makePlan(job: PlanJob, observation: Observation): Promise<MadePlan> {
  const { state, provider, mode } = job;
  const { capabilities } = provider;
  state.plan.clear();
  const moves = findFolderMoves(state, { mode, canMove: capabilities.canMove, filter: job.filter });
  const hashes = createHashes({ ...job, moves });
  for (const { stage, key, action } of moves.steps) state.plan.add(stage, key, action, undefined);
  const groups = joinByKey({
    base: rebaseRows((range) => state.base.rows(range), moves.base),
    local: rebaseRows((range) => state.scan.rows(range), moves.remote),
    remote: rebaseRows((range) => state.mirror.rows(range), moves.local),
  });
  const triples = toTriples(groups, {
    filter: job.filter,
    maxSizeBytes: job.maxSizeBytes,
    isUnknown: (side, path) => observation.isUnknown(side, path),
    report: job.report,
  });
  const mayDestroy = capabilities.trash !== "none" || job.permanentDeletes;
  const options = {
    mode,
    conflictRule: job.conflictRule,
    canMove: capabilities.canMove,
    canDelete: capabilities.canDelete && mayDestroy,
    canDownload: capabilities.canDownload,
    canOverwrite: !capabilities.canReplace || mayDestroy,
    hasFolders: capabilities.hasFolders,
    emptyFolders: job.emptyFolders,
    refusal: (path: SyncPath, sizeBytes: number) => provider.refusal(path, sizeBytes),
  };
  const assessment = { mode, rehash: job.rehash, hashIsProof: provesContent(capabilities.hash) };
  const pause = createPause(job.signal);
  const counts = await planPaths(
    withPauses(resolveTriples(triples, assessment, hashes.answer), pause),
    options,
    (stage, key, action, was) => {
      state.plan.add(stage, key, action, was);
    },
  );
  await pairFileMoves(state, hashes, capabilities);
  await nameConflicts(
    state,
    { date: job.date, host: job.host, foldCase: job.foldCase, isOutbox: mode === "outbox" },
    { hashes, moves },
  );
  return { ...(await summarise(state, pause)), unchanged: counts.unchanged };
}

async function* withPauses<T>(
  windows: AsyncIterable<readonly T[]>,
  pause: ReturnType<typeof createPause>,
): AsyncGenerator<readonly T[]> {
  for await (const window of windows) {
    yield window;
    await pause(window.length);
  }
}

/** Names the plan by what it would do, and by the run it follows, so that an approval holds once. */
async function summarise(state: JobState, pause: ReturnType<typeof createPause>): Promise<Omit<MadePlan, "unchanged">> {
  const digest = createHash("sha256").update(state.facts.get("generation") ?? "");
  let files = 0;
  let bytes = 0;
  for (const { stage } of STAGE_ORDER) {
    for (const { action } of state.plan.steps(stage)) {
      const turn = pause();
      if (turn !== undefined) await turn;
      digest.update(JSON.stringify([action.kind, action.path, versionOf(action)]));
      if (action.kind !== "upload" && action.kind !== "download" && action.kind !== "conflict") continue;
      files += 1;
      bytes += bytesOf(action);
    }
  }
  return { planId: digest.digest("hex").slice(0, 12), files, bytes };
}

/** What is the same in two looks at an untouched file; stamps are not while the file is fresh. */
function versionOf(action: Action): readonly (number | undefined)[] {
  if (action.kind === "delete-remote" || action.kind === "download") return sizeAndTime(action.remote);
  if (action.kind === "delete-local" || action.kind === "upload") return sizeAndTime(action.local);
  return [];
}

function sizeAndTime(entry: LocalFile | LocalFolder | RemoteFile | RemoteFolder): readonly (number | undefined)[] {
  return entry.kind === "file" ? [entry.sizeBytes, entry.modifiedMs] : [];
}

function bytesOf(action: Extract<Action, { kind: "upload" | "download" | "conflict" }>): number {
  if (action.kind === "upload") return action.stored === undefined ? action.local.sizeBytes : 0;
  if (action.kind === "download") return action.remote.sizeBytes ?? 0;
  return (action.about === "content" ? action.remote : action.file.entry).sizeBytes ?? 0;
}
