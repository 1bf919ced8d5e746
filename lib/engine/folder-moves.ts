import type { Action } from "../model/action.js";
import { compareKeys, joinPath, nameOf, parentKeyOf, parentOf } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { PathFilter } from "../local/types.js";
import type { Mode } from "../model/mode.js";
import type { JobState, MoveCandidate } from "../state/types.js";
import { followsMovesOf } from "./decide.js";
import { chainMoves, movedPath } from "./rebase.js";
import type { FolderMove } from "./rebase.js";
import { STAGE } from "./stages.js";
import type { Stage } from "./stages.js";

/** Renamed folders: how each side's rows are to be read, and the steps that make the other side follow. */
export interface FolderMoves {
  /** Renamed locally: remote rows are read under the new name. */
  readonly local: readonly FolderMove[];
  /** Renamed remotely: local rows are read under the new name. */
  readonly remote: readonly FolderMove[];
  /** All of them, and those both sides made alike: base rows are read under the new name. */
  readonly base: readonly FolderMove[];
  readonly steps: readonly { readonly stage: Stage; readonly key: PathKey; readonly action: Action }[];
}

type Tables = Pick<JobState, "base" | "scan" | "mirror" | "moves">;

/** More renames than this in one run are planned file by file: each costs an open query while the sides are joined. */
const MOST_MOVES = 200;

const NO_MOVES: FolderMoves = { local: [], remote: [], base: [], steps: [] };

export interface FolderMoveOptions {
  readonly mode: Mode;
  readonly canMove: boolean;
  readonly filter: PathFilter;
}

/**
 * Finds folders that were renamed since the base was written, by inode here and by id there. One that came from or went to a
 * path that takes no part is none: it is new, or gone.
 */
export function findFolderMoves(tables: Tables, { mode, canMove, filter }: FolderMoveOptions): FolderMoves {
  const follows = followsMovesOf(mode);
  if (!canMove || (!follows.local && !follows.remote)) return NO_MOVES;
  const takesPart = ({ from, to }: FolderMove): boolean =>
    filter.includes(from.path, true) && filter.includes(to.path, true);
  const seenLocally = [...seenMoves(tables, "local")].filter(takesPart);
  const seenRemotely = spellLocally([...seenMoves(tables, "remote")], tables).filter(takesPart);
  const agreed = chainMoves(
    seenLocally.filter((move) => seenRemotely.some((other) => isSameMove(move, other))),
    MOST_MOVES,
  );
  const isOpen = (move: FolderMove): boolean => !agreed.some((other) => areRelated(move, other));
  const local = follows.local
    ? chainMoves(
        seenLocally.filter((m) => isOpen(m) && isFree(m, tables, "mirror")),
        MOST_MOVES,
      )
    : [];
  const isApart = (move: FolderMove): boolean => !local.some((other) => areRelated(move, other));
  const remote = follows.remote
    ? chainMoves(
        seenRemotely.filter((m) => isOpen(m) && isApart(m) && isFree(m, tables, "scan")),
        MOST_MOVES,
      )
    : [];
  return {
    local,
    remote,
    base: [...agreed, ...local, ...remote],
    steps: [
      ...asCarriedOut(agreed).flatMap((move, i, all) => agreedStep(move, all.slice(0, i), tables)),
      ...asCarriedOut(local).flatMap((move, i, all) => remoteStep(move, all.slice(0, i), tables)),
      ...asCarriedOut(remote).flatMap((move, i, all) => localStep(move, all.slice(0, i), tables)),
    ],
  };
}

/**
 * A stage runs in the order of its keys, which are the new names: a folder comes before what is moved into it, also where it
 * was in that very folder until now. What a step moves lies where the steps before it have put it.
 */
function asCarriedOut(moves: readonly FolderMove[]): FolderMove[] {
  return [...moves].sort((a, b) => compareKeys(a.to.key, b.to.key));
}

function* seenMoves(tables: Tables, side: "local" | "remote"): Generator<FolderMove> {
  let count = 0;
  for (const candidate of tables.moves.folders(side)) {
    const move = withPaths(candidate, tables, side);
    if (move !== undefined) yield move;
    if (++count >= 10 * MOST_MOVES) return;
  }
}

function withPaths({ from, to }: MoveCandidate, tables: Tables, side: "local" | "remote"): FolderMove | undefined {
  const base = tables.base.get(from);
  const now = side === "local" ? tables.scan.get(to) : tables.mirror.get(to);
  if (base === undefined || now === undefined) return undefined;
  return { from: { key: from, path: base.path }, to: { key: to, path: now.path } };
}

/** Folders that were moved remotely, parents first, go into the folders that are here, which may differ from those there in case. */
function spellLocally(moves: readonly FolderMove[], { scan }: Tables): readonly FolderMove[] {
  const left = new Set(moves.map(({ from }) => from.key));
  const spelt = new Map<PathKey, SyncPath>();
  const toLocal = (key: PathKey, path: SyncPath): SyncPath => {
    const parentKey = parentKeyOf(key);
    const parent = parentOf(path);
    if (parentKey === undefined || parent === undefined) return path;
    const here = left.has(parentKey) ? undefined : scan.get(parentKey);
    const known = spelt.get(parentKey) ?? (here?.kind === "folder" ? here.path : toLocal(parentKey, parent));
    return joinPath(known, nameOf(path));
  };
  return moves.map(({ from, to }) => {
    const path = toLocal(to.key, to.path);
    spelt.set(to.key, path);
    return { from, to: { key: to.key, path } };
  });
}

function isSameMove(a: FolderMove, b: FolderMove): boolean {
  return a.from.key === b.from.key && a.to.key === b.to.key;
}

/** One touches what the other moves: such renames are planned file by file. */
function areRelated(a: FolderMove, b: FolderMove): boolean {
  return [a.from.path, a.to.path].some((x) =>
    [b.from.path, b.to.path].some((y) => isSameOrBelow(x, y) || isSameOrBelow(y, x)),
  );
}

function isSameOrBelow(path: SyncPath, folder: SyncPath): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The other side still has the folder at its old place, nothing at the new one, and no file where a parent must be. */
function isFree({ from, to }: FolderMove, tables: Tables, other: "scan" | "mirror"): boolean {
  const at = (key: PathKey): string | undefined => tables[other].get(key)?.kind;
  const targetKind = at(to.key);
  if (at(from.key) !== "folder" || (targetKind !== undefined && targetKind !== "gone")) return false;
  for (let key = parentKeyOf(to.key); key !== undefined; key = parentKeyOf(key)) {
    const kind = at(key);
    if (kind === "file" || kind === "special") return false;
  }
  return true;
}

type Step = FolderMoves["steps"][number];

function agreedStep(move: FolderMove, earlier: readonly FolderMove[], tables: Tables): Step[] {
  const local = tables.scan.get(move.to.key);
  const remote = tables.mirror.get(move.to.key);
  if (local === undefined || remote === undefined || remote.kind === "gone") return [];
  const from = movedPath(move.from.path, earlier);
  const action: Action = {
    kind: "record",
    path: move.to.path,
    reason: "local-moved",
    local,
    remote,
    hash: undefined,
    from,
  };
  return [{ stage: STAGE.agreedMoves, key: move.to.key, action }];
}

function remoteStep(move: FolderMove, earlier: readonly FolderMove[], tables: Tables): Step[] {
  const local = tables.scan.get(move.to.key);
  const listed = tables.mirror.get(move.from.key);
  if (local?.kind !== "folder" || listed?.kind !== "folder") return [];
  const from = movedPath(listed.path, earlier);
  const remote = { ...listed, path: from };
  const action: Action = { kind: "move-remote", path: move.to.path, reason: "local-moved", from, remote, local };
  return [{ stage: STAGE.folders, key: move.to.key, action }];
}

function localStep(move: FolderMove, earlier: readonly FolderMove[], tables: Tables): Step[] {
  const remote = tables.mirror.get(move.to.key);
  const scanned = tables.scan.get(move.from.key);
  if (remote?.kind !== "folder" || scanned?.kind !== "folder") return [];
  const from = movedPath(scanned.path, earlier);
  const local = { ...scanned, path: from };
  const action: Action = { kind: "move-local", path: move.to.path, reason: "remote-moved", from, local, remote };
  return [{ stage: STAGE.folders, key: move.to.key, action }];
}
