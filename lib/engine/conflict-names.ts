import type { Action } from "../model/action.js";
import type { LocalFile, RemoteFile } from "../model/entry.js";
import { compareHashes } from "../model/hash.js";
import type { ContentHash } from "../model/hash.js";
import { joinPath, nameOf, parentOf, toPathKey } from "../model/path.js";
import type { PathKey, SyncPath } from "../model/path.js";
import type { JobState, KeyRange } from "../state/types.js";
import type { Hashes } from "./file-moves.js";
import { STAGE } from "./stages.js";

export interface ConflictNaming {
  /** "2026-03-01" */
  readonly date: string;
  readonly host: string;
  readonly foldCase: boolean;
  /** `outbox` sends the file under the new name instead of keeping both. */
  readonly isOutbox: boolean;
}

type Tables = Pick<JobState, "base" | "scan" | "mirror" | "plan">;

/**
 * Gives every planned conflict the name of its copy: one that is free on both sides, or that of an earlier copy of the very
 * same content, so that a conflict met twice makes one copy.
 */
export async function nameConflicts(tables: Tables, naming: ConflictNaming, hashes: Hashes): Promise<void> {
  const taken = new Set<PathKey>();
  for (const stage of [STAGE.aside, STAGE.conflicts]) {
    for (const { sequence, key, action, was } of [...tables.plan.steps(stage)]) {
      if (action.kind !== "conflict") continue;
      const named = await nameConflict(action, { tables, naming, hashes, taken, key });
      tables.plan.remove(sequence);
      tables.plan.add(named.kind === "upload" ? STAGE.transfers : stage, key, named, was);
    }
  }
}

interface Naming {
  readonly tables: Tables;
  readonly naming: ConflictNaming;
  readonly hashes: Hashes;
  readonly taken: Set<PathKey>;
  readonly key: PathKey;
}

type Conflict = Extract<Action, { readonly kind: "conflict" }>;

async function nameConflict(action: Conflict, job: Naming): Promise<Action> {
  if (action.about === "name") return { ...action, copy: freeName(action.path, job) };
  if (job.naming.isOutbox) {
    const path = freeName(action.remote.path, job);
    const upload = { kind: "upload", path, reason: "outbox", local: action.local, replaces: undefined } as const;
    return { ...upload, stored: undefined, thenArchive: true };
  }
  if (action.winner !== "both") return action;
  const existing = await findCopy(action, job);
  if (existing !== undefined) return { ...action, copy: existing, copyExists: true };
  return { ...action, copy: freeName(action.path, job) };
}

/** An earlier copy of the local version, on either side, that this run will not take away again. */
async function findCopy(action: Extract<Conflict, { about: "content" }>, job: Naming): Promise<SyncPath | undefined> {
  const hash = await job.hashes.local(job.key, action.local);
  if (hash === undefined) return undefined;
  const range = rangeOfCopies(action.path, job.naming.foldCase);
  for (const { key, entry } of job.tables.scan.rows(range)) {
    const isKept = entry.kind === "file" && staysAs(["record", "upload"], key, job.tables);
    if (isKept && (await holds(entry, hash, () => job.hashes.local(key, entry)))) return entry.path;
  }
  for (const { key, entry } of job.tables.mirror.rows(range)) {
    const isKept = entry.kind === "file" && staysAs(["record", "download"], key, job.tables);
    if (isKept && (await holds(entry, hash, () => job.hashes.remote(entry)))) return entry.path;
  }
  return undefined;

  async function holds(
    entry: LocalFile | RemoteFile,
    wanted: ContentHash,
    read: () => Promise<ContentHash | undefined>,
  ): Promise<boolean> {
    if (entry.sizeBytes !== action.local.sizeBytes || !isConflictCopy(nameOf(entry.path))) return false;
    return compareHashes(await read(), wanted) === "same";
  }
}

/** Nothing but these is planned for the file. A copy may be in conflict itself, and then is about to be replaced. */
function staysAs(kinds: readonly Action["kind"][], key: PathKey, { plan }: Tables): boolean {
  return plan.get(key).every(({ action }) => kinds.includes(action.kind));
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

function freeName(path: SyncPath, { tables, naming, taken }: Naming): SyncPath {
  for (let count = 1; ; count++) {
    const copy = conflictPath(path, naming, count);
    const key = toPathKey(copy, naming.foldCase);
    if (taken.has(key) || !isFree(key, tables)) continue;
    taken.add(key);
    return copy;
  }
}

function isFree(key: PathKey, { base, scan, mirror, plan }: Tables): boolean {
  const remote = mirror.get(key);
  const isFreeRemotely = remote === undefined || remote.kind === "gone";
  return isFreeRemotely && scan.get(key) === undefined && base.get(key) === undefined && plan.get(key).length === 0;
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
