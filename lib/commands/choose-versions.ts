import type { TrashedEntry } from "../local/types.js";
import { isBelow } from "../model/path.js";
import type { SyncPath } from "../model/path.js";

/**
 * Which trashed versions bring `wanted` back: the newest one of a file, or the newest of every path below a folder; of one run only when
 * `runId` says so. `wanted` undefined means everything. `trash`: newest run first.
 */
export function chooseVersions(
  trash: readonly TrashedEntry[],
  wanted: SyncPath | undefined,
  runId: string | undefined,
): readonly TrashedEntry[] {
  const matching = trash.filter(
    ({ path, runId: run }) =>
      (runId === undefined || run === runId) && (wanted === undefined || path === wanted || isBelow(path, wanted)),
  );
  // The name may have been a file once and a folder at another time: the newest of them is meant.
  const [newest] = matching;
  if (newest !== undefined && newest.path === wanted) return [newest];
  const byPath = new Map<SyncPath, TrashedEntry>();
  for (const entry of matching) if (entry.path !== wanted && !byPath.has(entry.path)) byPath.set(entry.path, entry);
  return [...byPath.values()];
}
