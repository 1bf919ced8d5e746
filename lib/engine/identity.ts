import { createHash } from "node:crypto";
import { SafetyError, UsageError } from "../model/errors.js";
import type { Folder } from "../local/types.js";
import type { Provider, RootIdentity } from "../../providers/provider.js";
import type { JobState } from "../state/types.js";

export interface Roots {
  readonly local: string;
  readonly remote: RootIdentity;
}

/** What a refusal ends with: a run that plans anew may have done something before. */
export type Untouched = "Nothing was changed" | "Nothing more was changed";

/** Who and what both sides are right now. */
export async function identifyRoots(folder: Folder, provider: Provider, signal: AbortSignal): Promise<Roots> {
  return { local: await folder.identify(), remote: await provider.identify(signal) };
}

/** True also where no root is remembered. */
export function isSameRemote(state: JobState, remote: RootIdentity): boolean {
  const remembered = state.facts.get("remote-root");
  return remembered === undefined || remembered === toText(remote);
}

/**
 * Another account or another folder than the one the base was written for must not be compared with it: everything would
 * look deleted. Throws `SafetyError` unless that very change was approved; then everything is forgotten, what was listed included,
 * and this is a first run: answers true.
 */
export function assertSameRemote(
  state: JobState,
  remote: RootIdentity,
  approval: string | undefined,
  untouched: Untouched,
): boolean {
  if (isSameRemote(state, remote)) return false;
  if (state.base.countFiles() === 0 && isEmpty(state.base.rows())) return false;
  const id = createHash("sha256")
    .update(`${toText(remote)}${state.facts.get("generation") ?? ""}`)
    .digest("hex")
    .slice(0, 12);
  if (approval === id) {
    state.forgetEverything();
    return true;
  }
  const what =
    remote.root === undefined
      ? "the remote folder is missing (disk not mounted, folder deleted or renamed?)"
      : "the remote folder is not the one of the last run (another disk or account, or deleted and made anew?)";
  throw new SafetyError(
    `${what}. ${untouched}. If this is what you want, run again with --approve ${id}: it will count as a first run, which adds on both sides and deletes nothing`,
    id,
  );
}

/** A local root that is missing must not look like one whose files were all deleted. Throws `SafetyError`, or `UsageError` before the first run. */
export async function assertLocalRoot(state: JobState, folder: Folder): Promise<void> {
  try {
    await folder.identify();
  } catch (error) {
    const isKnown = error instanceof UsageError && !isEmpty(state.base.rows());
    throw isKnown
      ? new SafetyError(
          `${error.message}. It was synchronised before, so nothing is deleted on the other side; is its disk mounted?`,
        )
      : error;
  }
}

export function isOtherLocalRoot(state: JobState, local: string): boolean {
  const remembered = state.facts.get("local-root");
  return remembered !== undefined && remembered !== local;
}

/** From now on the base speaks of these two folders. */
export function rememberRoots(state: JobState, { local, remote }: Roots): void {
  state.facts.set("local-root", local);
  // A root that does not exist yet gets its identity when it is made: it is remembered by the next run.
  state.facts.set("remote-root", remote.root === undefined ? undefined : toText(remote));
}

function toText({ account, root }: RootIdentity): string {
  return JSON.stringify([account, root ?? null]);
}

function isEmpty(rows: Iterable<unknown>): boolean {
  for (const _ of rows) return false;
  return true;
}
