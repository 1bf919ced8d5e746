import type { Action } from "../model/action.js";
import type { BaseFile, LocalFile, RemoteFile } from "../model/entry.js";
import { countAsSame, holdsProof, joinKnown, provesContent, type ContentHash } from "../model/hash.js";
import type { PathKey } from "../model/path.js";
import { haveOtherSizes } from "../model/size.js";
import type { Capabilities } from "../../providers/provider.js";
import type { JobState, MoveCandidate, PlannedStep } from "../state/types.js";
import { STAGE } from "./stages.js";

/** Finds out a content hash that matters; undefined when it cannot be told. */
export interface Hashes {
  /** In the provider's algorithm, and in those of the hashes that it is to be compared with. */
  local(key: PathKey, file: LocalFile, ...others: (ContentHash | undefined)[]): Promise<ContentHash | undefined>;
  remote(file: RemoteFile): Promise<ContentHash | undefined>;
  /** Whether two files here hold the same bytes, whatever the provider's hash is worth; false when it cannot be told. */
  areSame(a: LocalFile, b: LocalFile): Promise<boolean>;
}

type Tables = Pick<JobState, "moves" | "plan">;
type ActionOf<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/**
 * Turns a planned deletion and a planned transfer of the same bytes into one move, on either side. The new place of a
 * file that the service refuses keeps the old one from being deleted there instead.
 */
export async function pairFileMoves(
  tables: Tables,
  hashes: Hashes,
  { canMove, hash }: Pick<Capabilities, "canMove" | "hash">,
): Promise<void> {
  const pairing = { tables, hashes, canMove };
  const by = { hash: provesContent(hash) };
  // A hash that proves nothing says nothing of where a file came from.
  if (by.hash) await hashSuspects(tables, hashes);
  for (const pair of tables.moves.files("local", by)) await pairLocally(pair, pairing);
  for (const pair of tables.moves.files("remote", by)) await pairRemotely(pair, pairing);
  keepRefused(tables);
}

/** A file that has a name now which the service refuses keeps its copy there, also when it was edited since. */
function keepRefused({ moves, plan }: Tables): void {
  for (const { action } of plan.steps(STAGE.refused)) {
    if (action.kind !== "upload") continue;
    for (const key of moves.lostWith(action.local.inode)) {
      const gone = findStep(plan.get(key), "delete-remote");
      if (gone !== undefined) plan.remove(gone.sequence);
    }
  }
}

/** New local files as large as one that is gone may be that one: their hashes decide. */
async function hashSuspects({ moves, plan }: Tables, hashes: Hashes): Promise<void> {
  for (const { key } of moves.suspects()) {
    const upload = findStep(plan.get(key), "upload");
    if (upload !== undefined) await hashes.local(key, upload.action.local);
  }
}

interface Pairing {
  readonly tables: Tables;
  readonly hashes: Hashes;
  readonly canMove: boolean;
}

/** Renamed here: the remote file follows instead of being deleted and uploaded. */
async function pairLocally({ from, to }: MoveCandidate, pairing: Pairing): Promise<void> {
  const { tables, hashes, canMove } = pairing;
  const gone = findStep(tables.plan.get(from), "delete-remote");
  const fresh = findStep(tables.plan.get(to), "upload");
  const base = gone?.was;
  if (gone?.action.remote.kind !== "file" || fresh === undefined || base === undefined) return;
  if (!(await holdsBase(to, fresh.action.local, { base, hashes }))) return;
  if (fresh.stage === STAGE.refused) {
    tables.plan.remove(gone.sequence);
    return;
  }
  if (!canMove || (gone.stage !== STAGE.deleteFiles && gone.stage !== STAGE.withheld)) return;
  const { path, local } = fresh.action;
  const remote = gone.action.remote;
  // A mirror also deletes what was changed there: moved along, it would pass for what the base knows.
  if (!(await isUnchangedThere(remote, base, hashes))) return;
  replaceBoth(tables, [gone, fresh], to, {
    kind: "move-remote",
    path,
    reason: "local-moved",
    from: remote.path,
    remote,
    local,
  });
}

/** Renamed there: the local file follows instead of being deleted and downloaded. */
async function pairRemotely({ from, to }: MoveCandidate, pairing: Pairing): Promise<void> {
  const { tables, hashes } = pairing;
  const gone = findStep(tables.plan.get(from), "delete-local");
  const fresh = findStep(tables.plan.get(to), "download");
  const base = gone?.was;
  if (gone?.action.local.kind !== "file" || fresh === undefined || base === undefined) return;
  if (gone.stage !== STAGE.deleteFiles || fresh.stage !== STAGE.transfers) return;
  const { path, remote } = fresh.action;
  const local = gone.action.local;
  if (!(await isUnchangedThere(remote, base, hashes))) return;
  if (!(await isUnchangedHere(from, local, { base, hashes }))) return;
  replaceBoth(tables, [gone, fresh], to, {
    kind: "move-local",
    path,
    reason: "remote-moved",
    from: local.path,
    local,
    remote,
  });
}

async function isUnchangedThere(remote: RemoteFile, base: BaseFile, hashes: Hashes): Promise<boolean> {
  const was = { ...base.remote, hash: joinKnown(base.remote.hash, base.local.hash) };
  if (remote.version !== undefined && remote.version === was.version) return true;
  if (haveOtherSizes(remote.sizeBytes, was.sizeBytes) || was.hash === undefined) return false;
  const isSameTime = remote.modifiedMs !== undefined && remote.modifiedMs === was.modifiedMs;
  if (!isSameTime && !holdsProof(was.hash)) return false;
  return countAsSame(remote.hash ?? (await hashes.remote(remote)), was.hash, isSameTime);
}

interface Agreed {
  readonly base: BaseFile;
  readonly hashes: Hashes;
}

async function isUnchangedHere(key: PathKey, local: LocalFile, agreed: Agreed): Promise<boolean> {
  if (local.stamp !== "" && local.stamp === agreed.base.local.stamp) return true;
  return local.sizeBytes === agreed.base.local.sizeBytes && (await holdsBase(key, local, agreed));
}

/** Whether the local file, of the size that the base knows, holds what the base knows. */
async function holdsBase(key: PathKey, local: LocalFile, { base, hashes }: Agreed): Promise<boolean> {
  const { hash, modifiedMs } = base.local;
  const isSameTime = local.modifiedMs === modifiedMs;
  if (!isSameTime && !holdsProof(hash)) return false;
  return countAsSame(await hashes.local(key, local, hash), hash, isSameTime);
}

function replaceBoth({ plan }: Tables, steps: readonly PlannedStep[], key: PathKey, action: Action): void {
  for (const { sequence } of steps) plan.remove(sequence);
  plan.add(STAGE.fileMoves, key, action, steps[0]?.was);
}

function findStep<Kind extends Action["kind"]>(
  steps: readonly PlannedStep[],
  kind: Kind,
): (PlannedStep & { readonly action: ActionOf<Kind> }) | undefined {
  return steps.find((step): step is PlannedStep & { readonly action: ActionOf<Kind> } => step.action.kind === kind);
}
