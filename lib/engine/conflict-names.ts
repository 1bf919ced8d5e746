import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import { compareHashes, holdsProof } from "../model/hash.js";
import { joinPath, nameOf, parentOf, toPathKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import { haveOtherSizes } from "../model/size.js";
import type { JobState, KeyRange } from "../state/types.js";
import type { Hashes } from "./file-moves.js";
import type { FolderMoves } from "./folder-moves.js";
import { movedPath, pathBefore } from "./rebase.js";
import type { FolderMove } from "./rebase.js";
import { STAGE } from "./stages.js";

export interface ConflictNaming {
  /** "2026-03-01" */
  readonly date: string;
  readonly host: string;
  readonly foldCase: boolean;
  /** `outbox` sends the file under the new name instead of keeping both. */
  readonly isOutbox: boolean;
}

interface Sources {
  readonly hashes: Hashes;
  /** Rows of renamed folders are found under their old names, while the plan already speaks of the new ones. */
  readonly moves: Pick<FolderMoves, "local" | "remote" | "base">;
}

type Tables = Pick<JobState, "base" | "scan" | "mirror" | "plan">;

/**
 * Gives every planned conflict the name of its copy: one that is free on both sides, or that of an earlier copy of the very
 * same content, so that a conflict met twice makes one copy.
 */
export async function nameConflicts(tables: Tables, naming: ConflictNaming, sources: Sources): Promise<void> {
  const job = { ...sources, tables, naming, taken: new Set<PathKey>() };
  // Copies that are in conflict themselves come first: another conflict may rely on where their versions go.
  for (const areCopies of [true, false]) {
    for (const stage of [STAGE.aside, STAGE.conflicts]) await nameStage(stage, areCopies, job);
  }
}

async function nameStage(stage: number, areCopies: boolean, job: Omit<Naming, "key">): Promise<void> {
  const { plan } = job.tables;
  for (const { sequence, key, action, was } of plan.steps(stage)) {
    // A step that has its name now takes the place of the one without, and comes by once more.
    if (action.kind !== "conflict" || action.copy !== action.path) continue;
    if (isConflictCopy(nameOf(action.path)) !== areCopies) continue;
    const named = await nameConflict(action, { ...job, key });
    if (named === action) continue;
    plan.remove(sequence);
    plan.add(named.kind === "upload" ? STAGE.transfers : stage, key, named, was);
  }
}

interface Naming extends Sources {
  readonly tables: Tables;
  readonly naming: ConflictNaming;
  readonly taken: Set<PathKey>;
  readonly key: PathKey;
}

type Conflict = Extract<Action, { readonly kind: "conflict" }>;
type ContentConflict = Extract<Conflict, { readonly about: "content" }>;

async function nameConflict(action: Conflict, job: Naming): Promise<Action> {
  if (action.about === "name") return { ...action, copy: freeName(action.path, job) };
  if (job.naming.isOutbox) {
    const path = freeName(action.remote.path, job);
    const upload = { kind: "upload", path, reason: "outbox", local: action.local, replaces: undefined } as const;
    const sameAs = (await mayBeSame(action, job)) ? { sameAs: action.remote } : {};
    return { ...upload, ...sameAs, stored: undefined, thenArchive: true };
  }
  if (action.winner !== "both") return action;
  const existing = await findCopy(action, job);
  if (existing !== undefined) return { ...action, copy: existing, copyExists: true };
  return { ...action, copy: freeName(action.path, job) };
}

/** Whether only the bytes themselves can tell the two versions apart. */
async function mayBeSame({ local, remote }: ContentConflict, { hashes, key }: Naming): Promise<boolean> {
  if (haveOtherSizes(local.sizeBytes, remote.sizeBytes)) return false;
  const hash = remote.hash ?? (await hashes.remote(remote));
  return compareHashes(await hashes.local(key, local, hash), hash) !== "different";
}

/** An earlier copy of the local version, on either side, that this run will not take away again. */
async function findCopy(action: ContentConflict, job: Naming): Promise<SyncPath | undefined> {
  const { tables, hashes, moves, naming } = job;
  const hash = await hashes.local(job.key, action.local, action.remote.hash);
  if (hash === undefined) return undefined;
  const isLike = ({ path, sizeBytes }: LocalFile | RemoteFile): boolean =>
    sizeBytes === action.local.sizeBytes && isConflictCopy(nameOf(path));
  for (const { entry } of tables.scan.rows(rangeOfCopies(pathBefore(action.path, moves.remote), naming.foldCase))) {
    if (entry.kind !== "file" || !isLike(entry)) continue;
    const file = { ...entry, path: movedPath(entry.path, moves.remote) };
    const key = toPathKey(file.path, naming.foldCase);
    const copy = staysAs(["record", "upload"], key, tables) ? file.path : keptAs(key, tables);
    if (copy === undefined) continue;
    const isSame = holdsProof(hash)
      ? compareHashes(await hashes.local(key, file, hash), hash) === "same"
      : await hashes.areSame(file, action.local);
    if (isSame) return copy;
  }
  for (const { entry } of tables.mirror.rows(rangeOfCopies(pathBefore(action.path, moves.local), naming.foldCase))) {
    const canTell = entry.kind === "file" && (holdsProof(hash) || holdsProof(entry.hash));
    if (!canTell || !isLike(entry)) continue;
    const file = { ...entry, path: movedPath(entry.path, moves.local) };
    if (!staysAs(["record", "download"], toPathKey(file.path, naming.foldCase), tables)) continue;
    const there = await hashes.remote(file);
    const comparison = compareHashes(hash, there);
    if (comparison === "same") return file.path;
    if (comparison !== "alike" || !holdsProof(there)) continue;
    if (compareHashes(await hashes.local(job.key, action.local, there), there) === "same") return file.path;
  }
  return undefined;
}

/** Nothing but these is planned for the file. */
function staysAs(kinds: readonly Action["kind"][], key: PathKey, { plan }: Tables): boolean {
  return plan.get(key).every(({ action }) => kinds.includes(action.kind));
}

/**
 * A copy may be in conflict itself, and then is about to be replaced: this is where its own version goes. Only one that has its name
 * already and makes a copy of its own is relied on, so that two conflicts never leave the copying to each other.
 */
function keptAs(key: PathKey, { plan }: Tables): SyncPath | undefined {
  const [step, ...others] = plan.get(key);
  if (step?.action.kind !== "conflict" || others.length > 0) return undefined;
  const { action } = step;
  const isKept = action.about === "content" && action.winner === "both" && !action.copyExists;
  return isKept && action.copy !== action.path ? action.copy : undefined;
}

const MARK = " (conflict ";

/** Keys of everything in the folder that starts like a copy of `path`. */
function rangeOfCopies(path: SyncPath, foldCase: boolean): KeyRange {
  const start = toPathKey(joinPath(parentOf(path), splitName(nameOf(path)).stem + MARK), foldCase);
  return { from: start, to: `${start}\u{10ffff}` };
}

function isConflictCopy(name: string): boolean {
  return / \(conflict \d{4}-\d\d-\d\d [^)]*\)/.test(name);
}

function freeName(path: SyncPath, job: Naming): SyncPath {
  const { naming, taken } = job;
  for (let count = 1; ; count++) {
    const copy = conflictPath(path, naming, count);
    const key = toPathKey(copy, naming.foldCase);
    if (taken.has(key) || !isFree(copy, job)) continue;
    taken.add(key);
    return copy;
  }
}

function isFree(copy: SyncPath, { tables, moves, naming }: Naming): boolean {
  const { base, scan, mirror, plan } = tables;
  const keyBefore = (folderMoves: readonly FolderMove[]): PathKey =>
    toPathKey(pathBefore(copy, folderMoves), naming.foldCase);
  const remote = mirror.get(keyBefore(moves.local));
  const isFreeRemotely = remote === undefined || remote.kind === "gone";
  const isFreeHere = scan.get(keyBefore(moves.remote)) === undefined && base.get(keyBefore(moves.base)) === undefined;
  return isFreeRemotely && isFreeHere && plan.get(toPathKey(copy, naming.foldCase)).length === 0;
}

/** "dir/name (conflict 2026-03-01 host).ext", cut to fit; a copy of a copy gets a number instead of a second mark. */
function conflictPath(path: SyncPath, naming: Pick<ConflictNaming, "date" | "host">, count: number): SyncPath {
  const { stem, extension } = splitName(nameOf(path));
  const number = count === 1 ? "" : ` ${String(count)}`;
  const tail = `${MARK}${naming.date} ${naming.host}${number})${extension}`;
  return joinPath(parentOf(path), cutToBytes(stem, LONGEST_NAME_BYTES - Buffer.byteLength(tail)) + tail);
}

/** What common file systems and services take for one name. */
const LONGEST_NAME_BYTES = 255;

function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && name.length - dot <= 20;
  const stem = hasExtension ? name.slice(0, dot) : name;
  const mark = isConflictCopy(stem) ? stem.indexOf(MARK) : -1;
  return { stem: mark > 0 ? stem.slice(0, mark) : stem, extension: hasExtension ? name.slice(dot) : "" };
}

function cutToBytes(text: string, mostBytes: number): string {
  let cut = "";
  for (const char of text) {
    if (Buffer.byteLength(cut + char) > mostBytes) break;
    cut += char;
  }
  return cut;
}
