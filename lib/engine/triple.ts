import { joinPath, nameOf, parentOf, isKeyBelow } from "../model/path.js";
import type { BaseEntry, LocalEntry, Problem, RemoteEntry, Side } from "../model/entry.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { PathFilter } from "../local/types.js";
import type { KeyGroup } from "./join.js";

/** One key as the planner sees it: at most one entry a side, and where the entry is, or would be, on each side. */
export interface Triple {
  readonly key: PathKey;
  readonly base: BaseEntry | undefined;
  readonly local: LocalEntry | undefined;
  readonly remote: RemoteEntry | undefined;
  /** The service itself said that the path is gone. */
  readonly tombstone: boolean;
  /** A side on which the path is unknown: nothing may be concluded from it. */
  readonly unknown: { readonly local: boolean; readonly remote: boolean };
  /** Left out by the filter or a limit: the base forgets it and both sides keep what they have. */
  readonly ignored: boolean;
  readonly localPath: SyncPath;
  readonly remotePath: SyncPath;
  /** Folders above, outermost first, by key. */
  readonly depth: number;
}

export interface TripleOptions {
  readonly filter: PathFilter;
  readonly maxSizeBytes: number | undefined;
  /** Paths and subtrees that could not be read, by side. */
  readonly isUnknown: (side: Side, path: SyncPath) => boolean;
  readonly report: (problem: Problem) => void;
}

interface Ancestor {
  readonly key: PathKey;
  readonly localPath: SyncPath;
  readonly remotePath: SyncPath;
  /** Entries below another folder that lost a clash of names are passed over. */
  readonly unknown: { readonly local: boolean; readonly remote: boolean };
  readonly ignored: boolean;
}

/**
 * Settles clashes, finds out what is unknown or ignored, and works out each side's spelling of the path, which may differ
 * in case or normalisation. Relies on tree order: the folders above are known when a path comes by.
 */
export function* toTriples(groups: Iterable<KeyGroup>, options: TripleOptions): Generator<Triple> {
  const ancestors: Ancestor[] = [];
  for (const group of groups) {
    while (ancestors.length > 0 && !isKeyBelow(group.key, lastOf(ancestors).key)) ancestors.pop();
    const triple = toTriple(group, ancestors, options);
    if (triple === undefined) continue;
    if (!triple.ignored) reportSpecials(triple, options.report);
    yield triple;
    ancestors.push(triple);
  }
}

function toTriple(group: KeyGroup, ancestors: readonly Ancestor[], options: TripleOptions): Triple | undefined {
  const above = ancestors.at(-1);
  const local = pickLocal(group, above, options);
  const mirrored = pickOne(group.remotes, group.base, "remote", options);
  const remote = mirrored?.kind === "gone" ? undefined : mirrored;
  const spelling = remote?.path ?? local?.path ?? group.base?.path;
  if (spelling === undefined) return undefined;
  const localPath = local?.path ?? joinPath(above?.localPath, nameOf(spelling));
  const remotePath = remote?.path ?? joinPath(above?.remotePath, nameOf(local?.path ?? spelling));
  const sides = { localPath, remotePath, local, remote };
  return {
    key: group.key,
    base: group.base,
    local,
    remote,
    tombstone: mirrored?.kind === "gone",
    unknown: findUnknown(sides, above, options),
    ignored: above?.ignored === true || isIgnored(group, sides, options),
    localPath,
    remotePath,
    depth: ancestors.length,
  };
}

type SidesOfKey = Pick<Triple, "localPath" | "remotePath" | "local" | "remote">;

function findUnknown(sides: SidesOfKey, above: Ancestor | undefined, options: TripleOptions): Triple["unknown"] {
  return {
    local:
      above?.unknown.local === true || sides.local?.kind === "special" || options.isUnknown("local", sides.localPath),
    remote:
      above?.unknown.remote === true ||
      sides.remote?.kind === "special" ||
      options.isUnknown("remote", sides.remotePath),
  };
}

function isIgnored(group: KeyGroup, sides: SidesOfKey, options: TripleOptions): boolean {
  const isFolder = (sides.local ?? sides.remote ?? group.base)?.kind === "folder";
  const path = sides.local?.path ?? sides.remotePath;
  if (!options.filter.includes(path, isFolder)) return true;
  return isTooLarge(sides.local, options.maxSizeBytes) || isTooLarge(sides.remote, options.maxSizeBytes);
}

function isTooLarge(entry: LocalEntry | RemoteEntry | undefined, maxSizeBytes: number | undefined): boolean {
  if (maxSizeBytes === undefined || entry?.kind !== "file") return false;
  return entry.sizeBytes !== undefined && entry.sizeBytes > maxSizeBytes;
}

function reportSpecials({ base, local, remote }: Triple, report: (problem: Problem) => void): void {
  if (local?.kind === "special") {
    const meaning = meaningOf(base, remote);
    const message = `a ${local.type} ${meaning.words}`;
    const covers = { path: local.path, subtree: true };
    report({ side: "local", path: local.path, code: meaning.code, message, covers });
  }
  if (remote?.kind === "special") {
    const meaning = meaningOf(base, local);
    const message = `${/^[aeiou]/.test(remote.type) ? "an" : "a"} ${remote.type} ${meaning.words}`;
    const covers = { path: remote.path, subtree: true };
    report({ side: "remote", path: remote.path, code: meaning.code, message, covers });
  }
}

/** What a link or the like means for its path: nothing, unless it keeps something else from being synchronised. */
function meaningOf(
  base: BaseEntry | undefined,
  other: LocalEntry | RemoteEntry | undefined,
): { readonly code: Problem["code"]; readonly words: string } {
  const otherwise = "or leave the path out with --exclude";
  if (base !== undefined) {
    const words = `took the place of a synchronised entry; the other side is kept as it is. Put a file or folder back, ${otherwise}`;
    return { code: "type-changed", words };
  }
  if (other === undefined || other.kind === "special") return { code: "special", words: "is not synchronised" };
  const words = `is where the other side has a ${other.kind}; both are kept as they are. Put a file or folder in its place, ${otherwise}`;
  return { code: "type-changed", words };
}

/** Of several names with one key the one that the base knows is synchronised, else the first; the others are reported. */
function pickLocal(group: KeyGroup, above: Ancestor | undefined, options: TripleOptions): LocalEntry | undefined {
  const here = group.locals.filter((entry) => above === undefined || parentOf(entry.path) === above.localPath);
  return pickOne(here, group.base, "local", options);
}

function pickOne<T extends { readonly path: SyncPath }>(
  entries: readonly T[],
  base: BaseEntry | undefined,
  side: Side,
  options: TripleOptions,
): T | undefined {
  if (entries.length <= 1) return entries[0];
  const known = [side === "local" ? base?.path : base?.remotePath, base?.path];
  const winner = known.flatMap((path) => entries.filter((entry) => entry.path === path))[0] ?? entries[0];
  for (const loser of entries) {
    if (loser !== winner && winner !== undefined) options.report(clashProblem(side, loser.path, winner.path));
  }
  return winner;
}

function clashProblem(side: Side, path: SyncPath, winner: SyncPath): Problem {
  return {
    side,
    path,
    code: "clash",
    message: `is the same name as ${winner} on the other side, so only that one is synchronised; rename one of them`,
    covers: undefined,
  };
}

function lastOf(ancestors: readonly Ancestor[]): Ancestor {
  const last = ancestors.at(-1);
  if (last === undefined) throw new Error("no folder above");
  return last;
}
