import { countAsSame, holdsProof, joinKnown } from "../model/hash.js";
import { nameOf } from "../model/path.js";
import type { BaseEntry, BaseFile, LocalEntry, LocalFile, RemoteEntry, RemoteFile } from "../model/entry.js";
import type { ContentHash } from "../model/hash.js";
import type { Mode } from "../model/mode.js";
import { haveOtherSizes } from "../model/size.js";
import { decideDifferent, decideFirstSight, decideSinceBase } from "./decide.js";
import type { Decision, SinceBase } from "./decide.js";

/** The files that the three sides hold under one key. */
export interface FileSides {
  readonly base: BaseFile | undefined;
  readonly local: LocalFile | undefined;
  readonly remote: RemoteFile | undefined;
}

/** What has been found out about contents so far. "unasked" hashes cost reading, so they are asked for only when they matter. */
export interface KnownHashes {
  readonly local: ContentHash | "unasked";
  /** Undefined: the service cannot tell. */
  readonly remote: ContentHash | undefined | "unasked";
}

/** What to do with the file, and what is known of its contents. */
export interface Verdict {
  readonly decision: Exclude<Decision, "compare"> | "record";
  readonly local: SinceBase;
  readonly remote: SinceBase;
  readonly localHash: ContentHash | undefined;
  readonly remoteHash: ContentHash | undefined;
}

/** A verdict cannot be given before this hash is known. */
export type Question = { readonly ask: "local-hash" | "remote-hash" };

export interface AssessOptions {
  readonly mode: Mode;
  /** Trust no stamp: look at every local content that the base knows. */
  readonly rehash: boolean;
  /** Whether the provider's own hash proves content: then even one that is not listed is worth asking for. */
  readonly hashIsProof: boolean;
}

/** Decides on one path, or says which hash it must know first. */
export function assess(sides: FileSides, known: KnownHashes, options: AssessOptions): Verdict | Question {
  const { mode } = options;
  const local = localSince(sides, known, options.rehash);
  if (typeof local === "object") return local;
  const remote = remoteSince(sides, known);
  if (typeof remote === "object") return remote;
  const { base } = sides;
  const decision =
    base === undefined
      ? decideFirstSight(mode, { local: sides.local !== undefined, remote: sides.remote !== undefined })
      : respectDeletion(decideSinceBase(mode, local, remote), base, { mode, local, remote });
  const settled = decision === "compare" ? compareContents(sides, known, options) : decision;
  if (typeof settled === "object") return settled;
  return {
    decision: settled === "keep" && isTouched(sides) ? "record" : settled,
    local,
    remote,
    localHash: localHashOf(sides, known, local),
    remoteHash: remoteHashOf(sides, known, remote),
  };
}

/** A path that this job itself put on the target, and which is gone from there, was deleted there on purpose. */
function respectDeletion(
  decision: Decision,
  base: BaseFile,
  now: { mode: Mode; local: SinceBase; remote: SinceBase },
): Decision {
  if (now.mode === "backup" && now.remote === "deleted" && now.local === "unchanged") {
    return base.placed === "remote" ? "leave" : decision;
  }
  if (now.mode === "fetch" && now.local === "deleted" && now.remote === "unchanged") {
    return base.placed === "local" ? "leave" : decision;
  }
  return decision;
}

function localSince({ base, local }: FileSides, known: KnownHashes, rehash: boolean): SinceBase | Question {
  if (local === undefined) return "deleted";
  if (base === undefined) return "modified";
  if (!rehash && local.stamp !== "" && local.stamp === base.local.stamp) return "unchanged";
  if (local.sizeBytes !== base.local.sizeBytes) return "modified";
  const isSameTime = local.modifiedMs === base.local.modifiedMs;
  if (!isSameTime && !holdsProof(base.local.hash)) return "modified";
  if (known.local === "unasked") return { ask: "local-hash" };
  return countAsSame(known.local, base.local.hash, isSameTime) ? "unchanged" : "modified";
}

function remoteSince({ base, local, remote }: FileSides, known: KnownHashes): SinceBase | Question {
  if (remote === undefined) return "deleted";
  if (base === undefined) return "modified";
  const was = base.remote;
  if (remote.version !== undefined && remote.version === was.version) return "unchanged";
  if (haveOtherSizes(remote.sizeBytes, was.sizeBytes)) return "modified";
  // Deleted here and made anew there: what is there now is not what was deleted, even if the bytes are the same.
  const isAnother = remote.id !== undefined && was.id !== undefined && remote.id !== was.id;
  if (isAnother && local === undefined) return "modified";
  const isSameTime = remote.modifiedMs !== undefined && remote.modifiedMs === was.modifiedMs;
  // The service took what was sent at its word when it did not show a hash: then it holds the local bytes.
  const before = joinKnown(was.hash, base.local.hash) ?? base.local.hash;
  if (!isSameTime && !holdsProof(before)) return "modified";
  const hasVersions = remote.version !== undefined && was.version !== undefined;
  if (was.hash === undefined && !hasVersions) return remote.modifiedMs === was.modifiedMs ? "unchanged" : "modified";
  const hash = remote.hash ?? known.remote;
  if (hash === "unasked") return { ask: "remote-hash" };
  if (was.hash === undefined && hash === undefined) {
    // Another version, and nobody can tell how it differs: only the very same file with the very same time is let pass.
    return !isAnother && isSameTime ? "unchanged" : "modified";
  }
  return countAsSame(hash, before, isSameTime) ? "unchanged" : "modified";
}

function compareContents(
  { local, remote }: FileSides,
  known: KnownHashes,
  { mode, hashIsProof }: AssessOptions,
): Exclude<Decision, "compare"> | "record" | Question {
  if (haveOtherSizes(local?.sizeBytes, remote?.sizeBytes)) return differentIn(mode);
  const isSameTime = areSameTimes(local?.modifiedMs, remote?.modifiedMs);
  if (!isSameTime && !hashIsProof && !holdsProof(remote?.hash)) return differentIn(mode);
  // First the remote one, which says what the local content has to be hashed with.
  const remoteHash = remote?.hash ?? known.remote;
  if (remoteHash === "unasked") return { ask: "remote-hash" };
  if (known.local === "unasked") return { ask: "local-hash" };
  return countAsSame(known.local, remoteHash, isSameTime) ? "record" : differentIn(mode);
}

/** Services and disks round times, to two seconds at worst. */
const ROUNDED_MS = 2000;

function areSameTimes(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= ROUNDED_MS;
}

function differentIn(mode: Mode): Exclude<Decision, "compare"> {
  const decision = decideDifferent(mode);
  if (decision === "compare") throw new Error("contents that differ cannot be compared again");
  return decision;
}

/** The bytes are those of the base, but what would find them unchanged next time is not. */
function isTouched({ base, local, remote }: FileSides): boolean {
  if (base === undefined || local === undefined || remote === undefined) return false;
  const localTouched = local.stamp !== "" && local.stamp !== base.local.stamp;
  const remoteTouched = remote.version !== base.remote.version || remote.id !== base.remote.id;
  return localTouched || remoteTouched;
}

function localHashOf({ base }: FileSides, known: KnownHashes, since: SinceBase): ContentHash | undefined {
  if (known.local !== "unasked") return known.local;
  return since === "unchanged" ? base?.local.hash : undefined;
}

function remoteHashOf({ base, remote }: FileSides, known: KnownHashes, since: SinceBase): ContentHash | undefined {
  if (remote?.hash !== undefined) return remote.hash;
  if (known.remote !== "unasked" && known.remote !== undefined) return known.remote;
  return since === "unchanged" ? base?.remote.hash : undefined;
}

/** A rename that changes only the case of the last name, on one side: the side that is to follow; undefined for none. */
export function caseRename(
  base: Pick<BaseEntry, "path" | "remotePath">,
  local: Pick<LocalEntry, "path">,
  remote: Pick<RemoteEntry, "path">,
): "local" | "remote" | undefined {
  const localRenamed = nameOf(local.path) !== nameOf(base.path);
  const remoteRenamed = nameOf(remote.path) !== nameOf(base.remotePath);
  if (localRenamed === remoteRenamed || nameOf(local.path) === nameOf(remote.path)) return undefined;
  return localRenamed ? "remote" : "local";
}
