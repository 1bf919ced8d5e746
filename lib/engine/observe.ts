import { SafetyError } from "../model/errors.js";
import type { Problem, Side } from "../model/entry.js";
import { toPathKey } from "../model/path.js";
import type { SyncPath } from "../model/path.js";
import type { Folder, PathFilter } from "../local/types.js";
import type { Provider } from "../../providers/provider.js";
import type { JobState } from "../state/types.js";
import type { Untouched } from "./identity.js";
import type { RunEvents } from "./types.js";

export interface Observation {
  /** True for a path that could not be read, and for the highest path of a subtree that could not. */
  isUnknown(side: Side, path: SyncPath): boolean;
}

interface Observed {
  readonly state: JobState;
  readonly folder: Folder;
  readonly provider: Provider;
  readonly filter: PathFilter;
  readonly foldCase: boolean;
  readonly events: RunEvents;
  /** Called for every problem, besides being told to `events` by the caller's choice. */
  readonly report: (problem: Problem) => void;
  readonly untouched: Untouched;
  readonly signal: AbortSignal;
}

/** Looks at both sides at the same time: the local tree into the scan table, the remote listing into the mirror. */
export async function observe(job: Observed): Promise<Observation> {
  const unknown = { local: new Set<SyncPath>(), remote: new Set<SyncPath>() };
  const note = (problem: Problem): void => {
    if (problem.covers === "everything") throw rootUnreadable(problem, job.untouched);
    if (problem.covers !== undefined) unknown[problem.side].add(problem.covers.path);
    job.report(problem);
  };
  await together(job.signal, (signal) => [scanInto({ ...job, signal }, note), listInto({ ...job, signal }, note)]);
  return { isUnknown: (side, path) => unknown[side].has(path) };
}

/** When one fails the other is ended, too, and waited for: nothing may go on once the state is closed. */
async function together(outer: AbortSignal, start: (signal: AbortSignal) => Promise<void>[]): Promise<void> {
  const stop = new AbortController();
  const works = start(AbortSignal.any([outer, stop.signal]));
  try {
    await Promise.all(works);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(works);
    throw error;
  }
}

async function scanInto(
  { state, folder, filter, foldCase, signal, events }: Observed,
  note: (problem: Problem) => void,
): Promise<void> {
  events.phase("scan");
  state.scan.clear();
  for await (const item of folder.scan(filter, signal)) {
    if (item.kind === "problem") note(item.problem);
    else state.scan.add(toPathKey(item.entry.path, foldCase), item.entry);
  }
}

async function listInto(
  { state, provider, foldCase, signal, events }: Observed,
  note: (problem: Problem) => void,
): Promise<void> {
  events.phase("list");
  const cursor = provider.capabilities.hasCursor && !state.mirror.isEmpty() ? state.facts.get("cursor") : undefined;
  for (const problem of await state.mirror.take(provider.list(cursor, signal), foldCase)) note(problem);
}

function rootUnreadable(problem: Problem, untouched: Untouched): SafetyError {
  return new SafetyError(`the ${problem.side} folder could not be read whole: ${problem.message}. ${untouched}.`);
}
