import { compareKeys, keyAfterSubtree, rebaseKey, rebasePath } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { KeyRange, Row } from "../state/types.js";

/**
 * A folder that one side renamed, in the names of the base. The plan is made as if base and other side had followed already.
 * Nested renames name their `from` as the base has it, and their `to` as it will be in the end.
 */
export interface FolderMove {
  readonly from: { readonly key: PathKey; readonly path: SyncPath };
  readonly to: { readonly key: PathKey; readonly path: SyncPath };
}

/** Reads a range of one side's rows in key order. */
export type ReadRows<T> = (range: KeyRange) => Iterable<Row<T>>;

/**
 * The rows of one side in the key order they will have once `moves` are done. Every moved subtree is a sorted run of its
 * own that keeps its order under the new name; the runs are merged, and each is opened only when its turn comes.
 */
export function* rebaseRows<T extends { readonly path: SyncPath }>(
  read: ReadRows<T>,
  moves: readonly FolderMove[],
): Generator<Row<T>> {
  if (moves.length === 0) {
    yield* read({ from: undefined, to: undefined });
    return;
  }
  const waiting = moves
    .map((move) => ({ move, nested: moves.filter((other) => isNested(other, move)) }))
    .sort((a, b) => compareKeys(a.move.to.key, b.move.to.key));
  const open = [startRun(unmovedRows(read, moves, { from: undefined, to: undefined }))];
  for (;;) {
    const first = smallest(open);
    const next = waiting[0];
    if (next !== undefined && (first === undefined || compareKeys(next.move.to.key, first.row.key) <= 0)) {
      waiting.shift();
      open.push(startRun(movedRows(read, next.move, next.nested)));
      continue;
    }
    if (first === undefined) {
      if (waiting.length === 0) return;
      continue;
    }
    yield first.row;
    first.advance();
  }
}

function isNested(inner: FolderMove, outer: FolderMove): boolean {
  return inner !== outer && inner.from.path.startsWith(`${outer.from.path}/`);
}

function* movedRows<T extends { readonly path: SyncPath }>(
  read: ReadRows<T>,
  move: FolderMove,
  nested: readonly FolderMove[],
): Generator<Row<T>> {
  const range = { from: move.from.key, to: keyAfterSubtree(move.from.key) };
  for (const { key, entry } of unmovedRows(read, nested, range)) {
    const path = rebasePath(entry.path, move.from.path, move.to.path);
    yield { key: rebaseKey(key, move.from.key, move.to.key), entry: { ...entry, path } };
  }
}

/** The rows of `range` without the subtrees of `moves`: the gaps between them, one query each. */
function* unmovedRows<T>(read: ReadRows<T>, moves: readonly FolderMove[], range: KeyRange): Generator<Row<T>> {
  const sorted = moves.map((move) => move.from.key).sort(compareKeys);
  let from = range.from;
  for (const key of sorted) {
    if (from !== undefined && compareKeys(key, from) < 0) continue;
    yield* read({ from, to: key });
    from = keyAfterSubtree(key);
  }
  yield* read({ from, to: range.to });
}

interface Run<T> {
  row: Row<T>;
  advance(): void;
}

/** A sorted run with its first row at hand. */
interface OpenRun<T> {
  current: Run<T> | undefined;
}

function startRun<T>(rows: Iterable<Row<T>>): OpenRun<T> {
  const iterator = rows[Symbol.iterator]();
  const run: OpenRun<T> = { current: undefined };
  const advance = (): void => {
    const step = iterator.next();
    run.current = step.done === true ? undefined : { row: step.value, advance };
  };
  advance();
  return run;
}

function smallest<T>(runs: readonly OpenRun<T>[]): Run<T> | undefined {
  let best: Run<T> | undefined;
  for (const { current } of runs) {
    if (current !== undefined && (best === undefined || compareKeys(current.row.key, best.row.key) < 0)) best = current;
  }
  return best;
}

/**
 * Turns renames seen against the base, parents first, into moves to carry out: a folder that merely went along with its
 * parent is no move of its own. `limit` bounds the runs that are merged; further renames are planned file by file.
 */
export function chainMoves(candidates: Iterable<FolderMove>, limit: number): FolderMove[] {
  const chained: FolderMove[] = [];
  for (const candidate of candidates) {
    if (chained.length >= limit) break;
    if (movedPath(candidate.from.path, chained) !== candidate.to.path) chained.push(candidate);
  }
  return chained;
}

/** Where a path of the base is found once `moves` are done. */
export function movedPath(path: SyncPath, moves: readonly FolderMove[]): SyncPath {
  let best: FolderMove | undefined;
  for (const move of moves) {
    const concerns = path === move.from.path || path.startsWith(`${move.from.path}/`);
    if (concerns && (best === undefined || move.from.path.length > best.from.path.length)) best = move;
  }
  return best === undefined ? path : rebasePath(path, best.from.path, best.to.path);
}

/** Where a path that was read under its new name still lies, as long as `moves` are not done. */
export function pathBefore(path: SyncPath, moves: readonly FolderMove[]): SyncPath {
  return movedPath(
    path,
    moves.map(({ from, to }) => ({ from: to, to: from })),
  );
}
